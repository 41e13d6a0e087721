"""Real handwritten digits on real photos, of many sizes and overlapping, with their boxes.

Digits are scikit-learn's, of 43 people; photos are those that ship with scikit-image and scikit-learn.
Neither a digit nor a photo of the test part is ever in the training part.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data import digits
from sandbox.data.formats import images
from sandbox.errors import UserError

CLASSES = tuple("0123456789")
TEST_PHOTOS = ("coffee", "rocket", "flower")
TRAIN_PHOTOS = (
    *("astronaut", "chelsea", "motorcycle_left", "hubble_deep_field", "china", "retina"),
    *("ihc", "brick", "grass", "gravel"),
)
"""Files of scikit-image and scikit-learn. No photo of a scene is in both."""
LEAST, MOST = 20, 64
"""Height of a digit in pixels, in a picture of 160 x 160."""
Box = tuple[float, float, float, float, int]
"""Left, top, right, bottom, and the digit."""
COVERED = 0.35
"""Share of a digit's box that later digits may cover."""


@lru_cache(maxsize=2)
def photos(test: bool) -> tuple[NDArray[np.uint8], ...]:
    """The photos (H, W, 3) of a part.

    Raises:
        UserError: scikit-image or scikit-learn is not installed.
    """
    # Their files are read, and the packages not imported, which would take seconds.
    folders = [_inside("skimage", "data"), _inside("sklearn", "datasets", "images")]
    found = []
    for name in TEST_PHOTOS if test else TRAIN_PHOTOS:
        paths = [path for folder in folders for path in sorted(folder.glob(f"{name}.*"))]
        if not paths:
            raise UserError(f"The photo {name} of scikit-image or scikit-learn is not there; run make setup.")
        found.append(images.read(paths[0]))
    return tuple(found)


def _inside(package: str, *folders: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise UserError("The photos ship with scikit-image and scikit-learn; run make setup.")
    return Path(next(iter(found.submodule_search_locations)), *folders)


def scenes(
    count: int, seed: int, *, test: bool, side: int = 160, split_seed: int = 0
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Pictures and their boxes.

    Args:
        count: pictures.
        seed: decides all of them.
        test: of unseen digits on unseen photos.
        side: height and width.
        split_seed: decides which third of the digits is unseen.

    Returns:
        Pictures (N, H, W, 3), and for each its boxes (M, 5): left, top, right, bottom and the digit.
    """
    found = digits.load(split_seed)
    ink = found.test_images if test else found.train_images
    labels = (found.test_labels if test else found.train_labels).numpy()
    strokes, behind = ink[:, 0].numpy(), photos(test)
    draws = [np.random.default_rng((seed, int(test), i)) for i in range(count)]
    made = [_scene(draw, strokes, labels, behind, side) for draw in draws]
    return np.stack([picture for picture, _ in made]), [boxes for _, boxes in made]


def _scene(
    draw: np.random.Generator,
    ink: NDArray[np.float32],
    labels: NDArray[np.int64],
    backgrounds: tuple[NDArray[np.uint8], ...],
    side: int,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    picture = _background(draw, backgrounds[int(draw.integers(len(backgrounds)))], side)
    boxes: list[Box] = []
    for _ in range(int(draw.integers(2, 9))):
        place = int(draw.integers(len(ink)))
        height = round(float(np.exp(draw.uniform(np.log(LEAST), np.log(MOST)))) * side / 160)
        width = round(height * draw.uniform(0.75, 1.15))
        stroke = cv2.resize(ink[place], (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        rows, columns = (np.flatnonzero(stroke.max(axis) > 0.35) for axis in (1, 0))
        for _ in range(10):
            left, top = int(draw.integers(0, side - width + 1)), int(draw.integers(0, side - height + 1))
            box = (
                float(left + columns[0]),
                float(top + rows[0]),
                float(left + columns[-1] + 1),
                float(top + rows[-1] + 1),
                int(labels[place]),
            )
            if all(_covered(old, box) <= COVERED and _covered(box, old) <= COVERED for old in boxes):
                break
        else:
            continue
        part = picture[top : top + height, left : left + width]
        colour = _contrasting(draw, part)
        part += (stroke[..., None] ** 0.8) * draw.uniform(0.8, 1.0) * (colour - part)
        boxes.append(box)
    picture = cv2.GaussianBlur(picture, (0, 0), draw.uniform(0.3, 0.8))
    picture += draw.normal(0, draw.uniform(1, 5), picture.shape)
    return picture.clip(0, 255).astype(np.uint8), np.array(boxes, np.float32).reshape(-1, 5)


def _background(draw: np.random.Generator, photo: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """A random part of a photo, mirrored or not, in other light."""
    part = int(draw.integers(min(side, min(photo.shape[:2])), min(photo.shape[:2]) + 1))
    top, left = (int(draw.integers(0, size - part + 1)) for size in photo.shape[:2])
    cut = photo[top : top + part, left : left + part]
    if draw.random() < 0.5:
        cut = cut[:, ::-1]
    scaled = cv2.resize(np.ascontiguousarray(cut), (side, side), interpolation=cv2.INTER_AREA)
    return scaled.astype(np.float32) * np.float32(draw.uniform(0.7, 1.1)) + np.float32(draw.uniform(-15, 15))


def _contrasting(draw: np.random.Generator, part: NDArray[np.float32]) -> NDArray[np.float64]:
    """A colour that can be seen on a part of a picture: far from its mean brightness."""
    ground = float(part.mean())
    for _ in range(20):
        colour = draw.uniform(0, 255, 3)
        if abs(float(colour.mean()) - ground) > 75:
            return colour
    return np.full(3, 255.0 if ground < 128 else 0.0)


def _covered(box: Box, other: Box) -> float:
    """The share of a box that another one covers."""
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    return max(0.0, wide) * max(0.0, high) / ((box[2] - box[0]) * (box[3] - box[1]))
