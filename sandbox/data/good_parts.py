"""Pictures of good parts to learn from, good ones kept aside, and good and bad ones to test on.

The default is a photo of a texture that ships with scikit-image: the left half is learned from, a strip
beside it is kept aside, and the rest is cut into squares that share no pixel; each is tested as it is and
with made defects.

Of one's own there is a folder of photos of good parts. Bad ones lie in further folders, one for each kind of
defect: `good/`, `scratch/`, `hole/`. The layout of MVTec AD is read, too (Bergmann et al. 2019):
`train/good`, `test/good`, `test/<kind>`, `ground_truth/<kind>/<name>_mask.png`. Without bad ones, defects are
put into good ones that are unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from sandbox.data import defects, warped_textures
from sandbox.data.formats import images
from sandbox.data.formats.folders import files_in
from sandbox.data.photos import shrunk
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError
from sandbox.files import path_text

GOOD = "good"
GOOD_FOLDERS = ("good", "ok", "normal")
TEXTURES = warped_textures.CLASSES
LEARNED, ASIDE = 256, 64
"""Columns of a texture's photo that are learned from, and those beside them that are kept aside."""
STEP = 16
"""Pixels from one square that is kept aside to the next."""
LONGEST, SMALLEST, MOST, LEAST = 192, 32, 300, 8
"""Pixels of a photo's longer side and fewest of its shorter one; most and fewest photos of good parts."""
MOST_ASIDE = 40
"""Good parts of one's own by which a threshold is chosen: more than that only take longer."""
SHARES = (0.6, 0.2)
"""Of the good parts of one's own: to learn from, and kept aside; the others are tested on."""


@dataclass(frozen=True)
class Part:
    """What is known of one picture that is tested on.

    Attributes:
        kind: `good`, or of which kind its defect is.
        where: the pixels of the defect (H, W); None where nobody has marked them.
        place: the same for pictures of the same part, which are no independent examples.
    """

    kind: str
    where: Bool[np.ndarray, "H W"] | None
    place: int


@dataclass(frozen=True)
class Parts:
    """Pictures (C, H, W) in [0, 1].

    Attributes:
        name: of the set.
        train: good ones to learn from, of any size.
        aside: good ones by which the threshold is chosen.
        test: unseen ones.
        truth: what is known of each.
        made: whether the defects are made.
        notes: what was left out, one sentence each.
    """

    name: str
    train: Sequence[Float[np.ndarray, "C _ _"]]
    aside: Sequence[Float[np.ndarray, "C _ _"]]
    test: Sequence[Float[np.ndarray, "C _ _"]]
    truth: Sequence[Part]
    made: bool
    notes: tuple[str, ...] = ()


def texture(name: str, side: int, seed: int) -> Parts:
    """A texture's photo in three parts, which share no pixel, and squares of the last one with defects.

    Args:
        name: one of `TEXTURES`.
        side: of a square, in pixels.
        seed: of the defects.
    """
    photos = [photo[None].astype(np.float32) / np.float32(255) for photo in warped_textures.photos()]
    photo = photos[TEXTURES.index(name)]
    others = [each[:, :, LEARNED + ASIDE :] for i, each in enumerate(photos) if i != TEXTURES.index(name)]
    strip = photo[:, :, LEARNED : LEARNED + ASIDE]
    left = (ASIDE - side) // 2
    aside = [
        strip[:, y : y + side, left : left + side].copy() for y in range(0, strip.shape[1] - side + 1, STEP)
    ]
    squares = defects.squares(photo[:, :, LEARNED + ASIDE :], side)
    test, truth = with_defects(squares, seed, others)
    return Parts(f"{name} with made defects", [photo[:, :, :LEARNED]], aside, test, truth, made=True)


def with_defects(
    good: Sequence[NDArray[np.float32]], seed: int, others: Sequence[NDArray[np.float32]] = ()
) -> tuple[list[NDArray[np.float32]], list[Part]]:
    """Each good picture as it is, and once with each kind of defect; in a seeded order."""
    generator = np.random.default_rng(seed)
    found: list[tuple[NDArray[np.float32], Part]] = []
    for place, picture in enumerate(good):
        found.append((picture, Part(GOOD, np.zeros(picture.shape[1:], bool), place)))
        for kind in defects.KINDS:
            bad, where = defects.defective(picture, kind, generator, others)
            found.append((bad, Part(kind, where, place)))
    found = [found[i] for i in generator.permutation(len(found))]
    return [picture for picture, _ in found], [part for _, part in found]


def folder(path: Path, seed: int) -> Parts:
    """One's own parts, the good ones split by a seed.

    Raises:
        UserError: there are fewer than `LEAST` good ones; says what was left out.
    """
    reading = ReadReport()
    good: dict[str, list[NDArray[np.float32]]] = {"train": [], "test": [], "": []}
    bad: list[tuple[NDArray[np.float32], Part]] = []
    seen: set[bytes] = set()
    for file in sorted(files_in(path)):
        inside = file.relative_to(path)
        name, folders = path_text(inside), [part.lower() for part in inside.parts[:-1]]
        if "ground_truth" in folders or file.suffix.lower() not in images.ENDINGS:
            if "ground_truth" not in folders:
                reading.skip(f"not {images.KINDS}", name)
            continue
        kind = folders[-1] if folders else GOOD
        group = GOOD if kind in (*GOOD_FOLDERS, "train") else kind
        if len(good["train"]) + len(good[""]) >= MOST and group == GOOD and "test" not in folders:
            reading.skip(f"more than {MOST} good parts", name)
            continue
        try:
            picture = _read(file, name)
        except UserError:
            reading.skip("damaged, too small, too large, or no picture", name)
            continue
        if picture.tobytes() in seen:
            reading.skip("an exact copy of another", name)
            continue
        seen.add(picture.tobytes())
        reading.read += 1
        if group == GOOD:
            good[next((each for each in ("train", "test") if each in folders), "")].append(picture)
        else:
            bad.append((picture, Part(kind, _marked(path, kind, file, picture), -1)))
    train, aside, test = _parted(good, seed)
    aside = aside[:MOST_ASIDE]
    if min(map(len, (train, aside, test))) < 1 or len(train) + len(aside) + len(test) < LEAST:
        count = sum(map(len, good.values()))
        raise UserError(
            " ".join(
                (
                    f"{path_text(path)} holds {count} photos of good parts; at least {LEAST} are needed.",
                    *reading.sentences(),
                )
            )
        )
    notes = reading.sentences()
    if bad:
        inputs = [*test, *(picture for picture, _ in bad)]
        parts = [
            *(Part(GOOD, np.zeros(one.shape[1:], bool), i) for i, one in enumerate(test)),
            *(Part(part.kind, part.where, len(test) + i) for i, (_, part) in enumerate(bad)),
        ]
        order = np.random.default_rng(seed).permutation(len(inputs))
        inputs, truth = [inputs[i] for i in order], [parts[i] for i in order]
    else:
        inputs, truth = with_defects(test, seed)
        notes = (*notes, "There are no bad parts: made defects are put into unseen good ones.")
    name = path_text(path.resolve().name)
    train, aside, inputs = _alike(train, aside, inputs)
    return Parts(name, train, aside, inputs, truth, made=not bad, notes=notes)


def _parted(
    good: dict[str, list[NDArray[np.float32]]], seed: int
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Good parts to learn from, kept aside and to test on; those of a folder `test` are only tested on."""
    known = good["train"] + good[""]
    known = [known[i] for i in np.random.default_rng(seed).permutation(len(known))]
    first, second = (round(share * len(known)) for share in SHARES)
    if good["test"]:
        second = max(1, len(known) // 5)
        return known[second:], known[:second], good["test"]
    return known[:first], known[first : first + second], known[first + second :]


def _read(file: Path, name: str) -> NDArray[np.float32]:
    picture = shrunk(images.read(file, name=name), LONGEST)
    if min(picture.shape[:2]) < SMALLEST:
        raise UserError(f"{name} is shorter than {SMALLEST} pixels.")
    return np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32) / np.float32(255)


def _marked(
    path: Path, kind: str, file: Path, picture: NDArray[np.float32]
) -> Bool[np.ndarray, "H W"] | None:
    """The defect that MVTec's layout marks for a picture; None where there is no such file."""
    for mask in path.rglob(f"ground_truth/{kind}/{file.stem}*.png"):
        if mask.stem in (file.stem, f"{file.stem}_mask"):
            pixels = images.read(mask, name=path_text(mask.name)).max(2)
            return cv2.resize(pixels, picture.shape[:0:-1], interpolation=cv2.INTER_AREA) > 127
    return None


def _alike(*groups: Sequence[NDArray[np.float32]]) -> list[list[NDArray[np.float32]]]:
    """All pictures in three colours, or in one if they are all grey."""
    grey = all((one == one[:1]).all() for group in groups for one in group)
    return [[one[:1] if grey else one for one in group] for group in groups]
