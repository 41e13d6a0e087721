"""A folder of one's own photos, however deep they lie: split by photo, copies on one side only."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data import uploads
from sandbox.data.formats.folders import files_in
from sandbox.data.formats.images import ENDINGS, KINDS, PictureError, read
from sandbox.data.photos import Photo, Photos, sharp, shrunk, split
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text, read_bytes

MOST = 300
"""Photos that are read; of more, every so many-th."""
SHORTEST = 48
"""Pixels of the shorter side; smaller pictures are left out."""
THUMB, ALIKE = 16, 4.0
"""Side of the thumbnails by which copies are found, and the mean difference, of 255, below which they are."""


def load(folder: Path, side: int, split_seed: int = 0) -> Photos:
    """Read the photos of a folder and the folders in it; a seeded third of the large ones is unseen.

    Photos that look the same as thumbnails are kept once, so that no photo is on both sides of the split.

    Args:
        folder: to look in.
        side: photos that are shorter than this are only learned from, in pixels.
        split_seed: decides which are unseen.

    Raises:
        UserError: fewer than two photos, or none that is large enough; says what was left out.
    """
    reading = ReadReport()
    paths = _paths(folder, reading)
    if len(paths) > MOST:
        reading.notes.append(f"Of {len(paths):,} photos {MOST} were read, evenly spread.")
        paths = [paths[i] for i in np.linspace(0, len(paths) - 1, MOST).round().astype(int)]
    found: list[Photo] = []
    thumbs: list[NDArray[np.float32]] = []
    for path in paths:
        name = path_text(path.relative_to(folder))
        try:
            pixels = sharp(shrunk(read(path, name=name)))
        except PictureError:
            reading.skip("damaged, too large, or no picture", name)
            continue
        if min(pixels.shape[:2]) < SHORTEST:
            reading.skip(f"shorter than {SHORTEST} pixels", name)
            continue
        thumb = np.asarray(cv2.resize(pixels, (THUMB, THUMB), interpolation=cv2.INTER_AREA), np.float32)
        if any(np.abs(thumb - other).mean() < ALIKE for other in thumbs):
            reading.skip("looks the same as another", name)
            continue
        thumbs.append(thumb)
        found.append(Photo(path.stem, pixels))
        reading.read += 1
    try:
        train, test = split(found, side, split_seed)
    except UserError as error:
        raise UserError(" ".join([f"{path_text(folder)}: {error}", *reading.sentences()])) from None
    return Photos(path_text(folder.resolve().name), train, test, path_text(folder), reading.sentences())


def unpacked(path: Path) -> Path | None:
    """The folder itself, or one in which a zip archive was unpacked; None if it is neither.

    Raises:
        UserError: the archive is damaged, too large, or unpacks to far more than its size.
    """
    if path.is_dir():
        return path
    if path.suffix.lower() != ".zip" or not path.is_file():
        return None
    return uploads.keep([uploads.File(path.name, read_bytes(path, uploads.MAX_BYTES))]).path


def _paths(folder: Path, reading: ReadReport) -> list[Path]:
    """Files that are taken for pictures by their endings; all others are counted."""

    def refused(error: OSError) -> None:
        reading.notes.append(f"{path_text(str(error.filename))} was left out: {because(error)}.")

    found = []
    for path in files_in(folder, refused):
        if path.suffix.lower() in ENDINGS and path.is_file():
            found.append(path)
        else:
            reading.skip(f"not {KINDS}", path_text(path.relative_to(folder)))
    return found
