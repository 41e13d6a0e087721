"""Pictures with boxes around objects, in the format of Pascal VOC: one XML file for each picture.

A folder holds pictures and XML files anywhere in it, as in `JPEGImages` and `Annotations`. An XML file names
its picture in `<filename>`; if no such picture is there, the one with the XML file's own name is taken. Lists
in `ImageSets/Main` (`trainval.txt`, `train.txt`, `val.txt`, `test.txt`) decide the split where there are any;
else a seeded quarter of the pictures is held out. Everingham et al. 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.data.formats.folders import files_in
from sandbox.data.formats.voc import MOST_BYTES, Annotation, AnnotationError, parse
from sandbox.data.letterbox import Letterbox
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_PICTURES = 5_000
MOST_NUMBERS = 2**28
"""Numbers in all pictures of a set together, 1 GB as they are learned from."""
MOST_CLASSES = 50
HELD_OUT = 1 / 4


@dataclass(frozen=True)
class BoxedImages:
    """Pictures of one size with boxes, split once and for all.

    Attributes:
        name: what the set is called.
        classes: names of the classes.
        train_images: (N, H, W, 3) bytes, to learn from.
        train_boxes: (N, M, 5) left, top, right, bottom in pixels of these pictures, and the class; -1 in all
            five where a picture has fewer objects.
        test_images: likewise, held out.
        test_boxes: likewise.
        source: where it comes from.
        notes: what was left out or changed while reading, one sentence each.
    """

    name: str
    classes: tuple[str, ...]
    train_images: NDArray[np.uint8]
    train_boxes: NDArray[np.float32]
    test_images: NDArray[np.uint8]
    test_boxes: NDArray[np.float32]
    source: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)


def load(folder: Path, size: int = 320, split_seed: int = 0) -> BoxedImages:
    """Read every picture that has an XML file, scaled so that the longer side of most is `size` pixels.

    Pictures that are exactly the same are kept once. Files that cannot be used are left out and told in
    `notes`.

    Args:
        folder: with pictures and XML files.
        size: longer side of the pictures as they are learned from; both sides become multiples of 16.
        split_seed: decides which quarter is held out, where no lists do.

    Raises:
        UserError: nothing there, or too little or too much of it; says what.
    """
    report = ReadReport()
    found = _annotations(folder, report)
    shape = _shape([each.size for _, each in found.values()], size)
    if len(found) * shape[0] * shape[1] * 3 > MOST_NUMBERS:
        raise UserError(
            f"{path_text(folder)} holds {len(found):,} pictures, too many at {shape[1]} x {shape[0]} pixels; "
            "choose a smaller --size or use a part of them."
        )
    stems, pictures, boxes, names = [], [], [], []
    seen: set[bytes] = set()
    repeated = 0
    for stem, (file, each) in found.items():
        try:
            raw = images.read(file)
        except UserError as error:
            report.skip("pictures that cannot be read", f"{path_text(file.name)} ({str(error).rstrip('.')})")
            continue
        said = each.size or raw.shape[:2]
        if each.size and abs(said[0] / said[1] - raw.shape[0] / raw.shape[1]) > 0.02:
            report.skip("pictures of another shape than their XML file says", path_text(file.name))
            continue
        box = Letterbox.of((raw.shape[0], raw.shape[1]), shape)
        picture = box.picture(raw)
        if (content := picture.tobytes()) in seen:
            repeated += 1
            continue
        seen.add(content)
        report.read += 1
        # XML files speak of the picture as it was; `read` may have made it smaller.
        shrunk = np.array([raw.shape[1] / said[1], raw.shape[0] / said[0]] * 2, np.float32)
        limits = np.array([raw.shape[1], raw.shape[0]] * 2, np.float32)
        stems.append(stem)
        pictures.append(picture)
        boxes.append(box.inwards(np.clip(each.boxes * shrunk, 0, limits)))
        names.append(each.names)
    if repeated:
        report.notes.append(f"{repeated} pictures are exact copies of others and were left out.")
    classes = tuple(sorted({name for row in names for name in row}))
    _check(folder, len(pictures), classes, report)
    test = _held_out(folder, stems, split_seed)
    whole = np.stack(pictures)
    table = as_table(
        [np.column_stack([b, [classes.index(n) for n in row]]) for b, row in zip(boxes, names, strict=True)]
    )
    return BoxedImages(
        name=path_text(folder.resolve().name),
        classes=classes,
        train_images=whole[~test],
        train_boxes=table[~test],
        test_images=whole[test],
        test_boxes=table[test],
        source=path_text(folder),
        notes=report.sentences(),
    )


def as_table(rows: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    """Rows (M, 5) of several pictures as one array (N, most M, 5), filled up with -1."""
    table = np.full((len(rows), max(1, *(len(row) for row in rows)), 5), -1, np.float32)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return table


def _annotations(folder: Path, report: ReadReport) -> dict[str, tuple[Path, Annotation]]:
    """By the XML file's name without its ending, its picture and what it says."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {path_text(folder)}.")
    pictures: dict[str, Path] = {}
    texts: list[Path] = []
    for path in files_in(folder):
        if path.suffix.lower() in images.ENDINGS:
            pictures.setdefault(path.name.lower(), path)
            pictures.setdefault(path.stem.lower(), path)
        elif path.suffix.lower() == ".xml":
            texts.append(path)
    if not texts or not pictures:
        missing = "XML files with boxes" if pictures else "pictures"
        raise UserError(
            f"{path_text(folder)} holds no {missing}: it needs {images.KINDS} files, and for each an XML "
            "file in the format of Pascal VOC."
        )
    if len(texts) > MOST_PICTURES:
        raise UserError(
            f"{path_text(folder)} holds {len(texts):,} XML files; at most {MOST_PICTURES:,} are read."
        )
    found: dict[str, tuple[Path, Annotation]] = {}
    bad = 0
    for path in texts:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise AnnotationError(f"it is larger than {MOST_BYTES // 2**20} MB")
            each = parse(path.read_bytes())
        except (AnnotationError, OSError) as error:
            report.skip("XML files that cannot be used", f"{path_text(path.name)} ({error})")
            continue
        picture = pictures.get(each.picture.lower()) or pictures.get(path.stem.lower())
        if picture is None:
            report.skip("XML files without their picture", path_text(path.name))
            continue
        bad += each.bad
        found[path.stem] = (picture, each)
    if bad:
        report.notes.append(f"{bad} boxes were left out: without a class, or without an area.")
    return found


def _shape(sizes: Sequence[tuple[float, float] | None], size: int) -> tuple[int, int]:
    """Height and width that suit most pictures: multiples of 16, the longer one about `size`."""
    ratio = float(np.median([h / w for h, w in (each for each in sizes if each)] or [0.75]))
    sides = (size * min(1.0, ratio), size * min(1.0, 1 / ratio))
    height, width = (max(16, 16 * round(side / 16)) for side in sides)
    return height, width


def _check(folder: Path, count: int, classes: Sequence[str], report: ReadReport) -> None:
    told = " ".join(report.sentences())
    if count < 4:
        raise UserError(
            f"{path_text(folder)} holds {count} usable pictures with boxes; 4 are needed. {told}".strip()
        )
    if not classes or len(classes) > MOST_CLASSES:
        said, several = path_text(folder), len(classes)
        raise UserError(f"{said} names {several} classes of objects; 1 to {MOST_CLASSES} can be learned.")


def _held_out(folder: Path, stems: Sequence[str], seed: int) -> NDArray[np.bool_]:
    """Which pictures are tested on: those of the set's own list, else a seeded quarter."""
    lists: dict[str, set[str]] = {}
    for path in files_in(folder):
        if path.suffix.lower() == ".txt" and path.parent.name.lower() in ("main", "imagesets"):
            lines = path.read_bytes()[:MOST_BYTES].decode("utf-8", "replace").splitlines()
            lists[path.stem.lower()] = {line.split()[0] for line in lines if line.split()}
    for name in ("test", "val", "valid"):
        test = np.array([stem in lists.get(name, ()) for stem in stems])
        if test.any() and not test.all():
            return test
    test = np.zeros(len(stems), bool)
    order = np.random.default_rng(seed).permutation(len(stems))
    test[order[: max(1, round(HELD_OUT * len(stems)))]] = True
    return test
