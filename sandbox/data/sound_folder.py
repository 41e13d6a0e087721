"""A folder of recordings: the class is the name of the folder, or the first part of the file's name.

words/yes/anna_nohash_0.wav     class yes, speaker anna: Speech Commands
words/yes/anna_3.wav            class yes, speaker anna
recordings/7_jackson_32.wav     class 7, speaker jackson: Free Spoken Digits
recordings/yes_1.wav            class yes, no speaker
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sandbox.data.formats import sounds
from sandbox.data.formats.folders import files_in, is_helper
from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.data.read_report import ReadReport
from sandbox.data.word_clip import words
from sandbox.errors import UserError, because
from sandbox.files import path_text

MAX_SOUNDS = 20_000
MAX_TOTAL = 400 * 10**6
"""Samples of all clips together."""
SPOKEN = re.compile(r"(?P<label>[^_]+)_(?P<speaker>.+)_(?P<take>\d+)")
"""`7_jackson_32`."""
TAKE = re.compile(r"(?P<speaker>.+?)_(?:nohash_)?(?P<take>\d+)")
"""`jackson_32`, `0a7c2a8d_nohash_0`."""


def load(folder: Path, *, rate: int, samples: int) -> LabelledSounds:
    """Read every recording as a clip of one word, or as several clips where one says it several times.

    Recordings that are exactly the same are kept once. Those that cannot be read, and silent ones, are
    counted and named in `reading`, and so are folders whose name begins with `_`, such as Speech Commands'
    background noise.

    Args:
        folder: to read.
        rate: samples a second of the clips.
        samples: of each clip.

    Raises:
        UserError: nothing there, a single class, too few recordings or too many; says what to do.
    """
    reading = ReadReport()
    files = list(_labelled(folder, reading))
    if len(files) > MAX_SOUNDS or len(files) * samples > MAX_TOTAL:
        raise UserError(
            f"{path_text(folder)} holds {len(files):,} recordings, more than can be read; use a part of them."
        )
    waves, labels, speakers = [], [], []
    seen: set[bytes] = set()
    repeated = several = 0
    for file, label, speaker in files:
        try:
            spoken = words(sounds.read(file, rate, name=path_text(file.name)), samples, rate)
        except UserError as error:
            reading.skip(_reason(str(error), file), path_text(file.relative_to(folder)))
            continue
        reading.read += 1
        several += len(spoken) > 1
        for wave in spoken:
            if (content := wave.tobytes()) in seen:
                repeated += 1
                continue
            seen.add(content)
            waves.append(wave)
            labels.append(label)
            speakers.append(speaker)
    if several:
        reading.notes.append(f"{several} recordings hold several words; each word counts by itself.")
    if repeated:
        reading.notes.append(f"{repeated} recordings are exact copies of others and were left out.")
    names = sorted(set(labels))
    said = path_text(folder)
    if not names:
        skipped = " ".join(reading.sentences())
        raise UserError(
            f"{said} holds no recordings: it needs a folder of {sounds.KINDS} files for each class, or names "
            f"such as 7_anna_1.wav. {skipped}".strip()
        )
    if len(names) == 1:
        raise UserError(f"{said} has the single class {names[0]}; there is nothing to tell apart.")
    for name in names:
        if labels.count(name) < 2:
            raise UserError(f"The class {name} in {said} has 1 recording; it needs at least 2.")
    numbers = {name: i for i, name in enumerate(names)}
    return LabelledSounds(
        name=path_text(folder.resolve().name),
        classes=tuple(names),
        rate=rate,
        waves=np.stack(waves),
        labels=np.array([numbers[label] for label in labels], np.int64),
        speakers=speakers,
        source=said,
        reading=reading,
        notes=reading.sentences(),
    )


def is_sound(path: Path) -> bool:
    """Whether a file is taken for a sound, by its name."""
    return path.suffix.lower() in sounds.ENDINGS


def named(stem: str) -> tuple[str, str]:
    """Class and speaker that a file's name says: `7_jackson_32` is `7` by `jackson`; `yes_1` by nobody."""
    if found := SPOKEN.fullmatch(stem):
        return found["label"], found["speaker"]
    if found := TAKE.fullmatch(stem):
        return found["speaker"], ""
    return re.split(r"[_\s-]", stem, maxsplit=1)[0], ""


def _speaker(stem: str, label: str) -> str:
    """Who speaks in a file of a class's folder; empty if its name does not say."""
    found = TAKE.fullmatch(stem.removeprefix(f"{label}_"))
    return found["speaker"] if found else ""


def _labelled(folder: Path, reading: ReadReport) -> Iterator[tuple[Path, str, str]]:
    """Each recording with its class and its speaker."""
    classes = _class_folders(folder, reading)
    if len(classes) == 1 and not any(is_sound(path) for path in folder.iterdir()):
        yield from _labelled(classes[0], reading)  # such as `recordings` of Free Spoken Digits
        return
    if classes:
        for path in classes:
            for file in _sounds(path, reading):
                yield file, path_text(path.name), path_text(_speaker(file.stem, path.name))
        for path in sorted(folder.iterdir()):
            if is_sound(path) and not is_helper(path.name):
                reading.skip("in no class folder", path_text(path.name))
        return
    for file in _sounds(folder, reading):
        label, speaker = named(file.stem)
        yield file, path_text(label), path_text(speaker)


def _class_folders(folder: Path, reading: ReadReport) -> list[Path]:
    """Folders that hold recordings, by name."""
    try:
        found = [path for path in sorted(folder.iterdir()) if path.is_dir() and not is_helper(path.name)]
    except OSError as error:
        raise UserError(f"{path_text(folder)} cannot be read because {because(error)}.") from None
    kept = []
    for path in found:
        if path.name.startswith("_"):
            reading.notes.append(f"The folder {path_text(path.name)} is no class: its name begins with _.")
        elif any(is_sound(file) for file in files_in(path)):
            kept.append(path)
        else:
            reading.notes.append(
                f"The folder {path_text(path.name)} is no class: it holds no {sounds.KINDS} files."
            )
    return kept


def _sounds(folder: Path, reading: ReadReport) -> Iterator[Path]:
    """Recordings in a folder, however deep; all other files are counted."""

    def refused(error: OSError) -> None:
        reading.notes.append(f"{path_text(str(error.filename or folder))} was left out: {because(error)}.")

    for path in files_in(folder, refused):
        if is_sound(path):
            yield path
        else:
            ending = path_text(path.suffix.lower()) or "no ending"
            reading.skip(f"not {sounds.KINDS} ({ending})", path_text(path.relative_to(folder.parent)))


def _reason(sentence: str, file: Path) -> str:
    """A sentence about one file as the reason of many: without its name."""
    return sentence.replace(path_text(file.name), "").strip().rstrip(".").removeprefix("The recording ")
