"""Photos that ship inside scikit-image and scikit-learn: read from their folders, without a download.

Drawings, silhouettes and copies of a scene are left out. Long sides are scaled to at most `LONGEST` pixels.
Van der Walt et al. 2014 (scikit-image), Pedregosa et al. 2011 (scikit-learn).
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.errors import UserError

LONGEST = 640
"""Of the longer side, in pixels."""
HELD_OUT = 1 / 3
NO_DETAIL, SMALLEST = 1.0, 64
"""Mean squared error, of levels of 255, of a picture that lost nothing; least side of a halved one."""
SOURCE = (
    "Photos of scikit-image (public domain or CC0 but where its README says otherwise) and of scikit-learn "
    "(china and flower, CC BY 2.0)"
)
FOLDERS = {"skimage": "data", "sklearn": "datasets/images"}
LIBRARY = {
    "skimage": (
        *("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png"),
        *("coffee.png", "coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png"),
        *("moon.png", "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg", "text.png"),
    ),
    "sklearn": ("china.jpg", "flower.jpg"),
}
"""Files by package; a version that ships without one of them does without it."""


@dataclass(frozen=True)
class Photo:
    """One photo.

    Attributes:
        name: of the file, without its ending.
        pixels: RGB bytes (H, W, 3).
    """

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Photos:
    """Photos to learn from and unseen ones; no photo is in both.

    Attributes:
        name: of the set.
        train: to learn from.
        test: unseen.
        source: licence and citation; a path of one's own.
        notes: what was left out, one sentence each.
    """

    name: str
    train: Sequence[Photo]
    test: Sequence[Photo]
    source: str = ""
    notes: tuple[str, ...] = ()


def load(side: int, split_seed: int = 0) -> Photos:
    """The photos of both libraries, a seeded third of the large ones unseen.

    Args:
        side: photos that are shorter than this are only learned from, in pixels.
        split_seed: decides which are unseen.

    Raises:
        UserError: neither library is installed with its photos.
    """
    found = [photo for package, files in LIBRARY.items() for photo in _of(package, files)]
    if not found:
        raise UserError("The photos ship with scikit-image, which is not installed; run make setup.")
    train, test = split(found, side, split_seed)
    return Photos("library photos", train, test, SOURCE)


def split(found: Sequence[Photo], side: int, seed: int) -> tuple[list[Photo], list[Photo]]:
    """A seeded third of the photos that are large enough is unseen, at least one.

    Raises:
        UserError: there are fewer than two photos, or none is large enough to test on.
    """
    large = [i for i, photo in enumerate(found) if min(photo.pixels.shape[:2]) >= side]
    if len(found) < 2 or not large:
        raise UserError(
            f"At least two photos are needed, one of them with {side} pixels or more in height and width; "
            f"{len(found)} were found, {len(large)} of that size."
        )
    count = max(1, round(HELD_OUT * len(large)))
    unseen = set(np.random.default_rng(seed).permutation(large)[:count].tolist())
    train = [photo for i, photo in enumerate(found) if i not in unseen]
    return train, [found[i] for i in sorted(unseen)]


def shrunk(pixels: NDArray[np.uint8], longest: int = LONGEST) -> NDArray[np.uint8]:
    """A picture (H, W, 3) whose longer side is at most so many pixels; each new one is a mean of old ones."""
    height, width = pixels.shape[:2]
    factor = longest / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(factor * width)), max(1, round(factor * height)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def sharp(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture (H, W, 3), halved as long as it has no detail that is lost by that.

    Somebody has enlarged such a picture, or has magnified it more than the lens could show: each pixel of
    scikit-image's `moon` is there four times, and its `cell` is smooth. To repair or to enlarge what was
    enlarged already says nothing about photos.
    """
    height, width = (length // 2 * 2 for length in pixels.shape[:2])
    if min(height, width) < 2 * SMALLEST:
        return pixels
    whole = pixels[:height, :width]
    repeated = whole[::2, ::2].repeat(2, 0).repeat(2, 1)
    half = np.asarray(cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    smooth = np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    lost = min(float(np.square(whole.astype(np.float32) - each).mean()) for each in (repeated, smooth))
    return sharp(half) if lost < NO_DETAIL else pixels


def shipped(file: str) -> Photo:
    """One photo of the libraries as it is, at its full size.

    Raises:
        UserError: it did not come with them.
    """
    paths = [path for package in LIBRARY for path in _paths(package, (file,))]
    if not paths:
        raise UserError(f"{file} ships with scikit-image, which is not installed; run make setup.")
    return Photo(paths[0].stem, images.read(paths[0]))


def _of(package: str, files: Sequence[str]) -> list[Photo]:
    return [Photo(path.stem, sharp(shrunk(images.read(path)))) for path in _paths(package, files)]


def _paths(package: str, files: Sequence[str]) -> list[Path]:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations))) / FOLDERS[package]
    return [folder / file for file in files if (folder / file).is_file()]
