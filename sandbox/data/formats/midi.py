"""MIDI files, read as piano rolls and written: which keys sound at each part of a beat."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats.folders import files_in
from sandbox.data.piano_roll import KEYS, LOWEST, chords_of, roll_of, thinned
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text

ENDINGS = (".mid", ".midi")
MOST_BYTES, MOST_STEPS, MOST_FILES = 2_000_000, 20_000, 2_000
PERCUSSION = 9
"""The channel whose notes are drums."""
TICKS = 480
"""Of a beat in files that are written."""
LOUD = 80


def read(source: Path | bytes, per_beat: int = 1, *, name: str = "") -> NDArray[np.bool_]:
    """The piano roll (T, 88) of a MIDI file, without drums, from its first note to its last.

    Args:
        source: a file, or its bytes.
        per_beat: time steps of a beat, which is mostly a quarter note.
        name: what it is called in a message; by default its path.

    Raises:
        UserError: it cannot be read, or holds no notes; names it.
    """
    name = name or (path_text(source) if isinstance(source, Path) else "The file")
    content = source if isinstance(source, bytes) else _content(source, name)
    spans = _spans(content, name)
    if not spans:
        raise UserError(f"{name} holds no notes of a piano.")
    begin = min(round(start * per_beat) for start, _, _ in spans)
    places = [
        (
            round(start * per_beat) - begin,
            max(round(end * per_beat), round(start * per_beat) + 1) - begin,
            key,
        )
        for start, end, key in spans
    ]
    steps = max(end for _, end, _ in places)
    if steps > MOST_STEPS:
        raise UserError(f"{name} has {steps:,} time steps; {MOST_STEPS:,} are the most.")
    roll = np.zeros((steps, KEYS), bool)
    for start, end, key in places:
        roll[start:end, key] = True
    return thinned(roll)


def to_bytes(roll: NDArray[np.bool_], per_beat: int = 1, tempo: float = 90.0) -> bytes:
    """A piano roll as a MIDI file.

    Args:
        roll: (T, 88).
        per_beat: steps of a beat. Where there are several, a key that goes on sounding is not struck again.
        tempo: beats a minute.
    """
    import mido

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo))])
    events: list[tuple[int, int, int]] = []
    for key, start, end in notes_of(roll, tied=per_beat > 1):
        events += [(start, 1, key + LOWEST), (end, 0, key + LOWEST)]
    now = 0
    for place, struck, note in sorted(events):
        track.append(
            mido.Message(
                "note_on" if struck else "note_off",
                note=note,
                velocity=LOUD if struck else 0,
                time=(place - now) * TICKS // per_beat,
            )
        )
        now = place
    file, buffer = mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]), io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def notes_of(roll: NDArray[np.bool_], *, tied: bool) -> list[tuple[int, int, int]]:
    """Notes of a piano roll: key, the step it begins at, and the step before which it ends.

    Args:
        roll: (T, 88).
        tied: whether a key that sounds at following steps is one note, else a new one at each.
    """
    found = []
    for key in np.flatnonzero(np.asarray(roll).any(0)):
        column = np.concatenate([[False], np.asarray(roll)[:, key], [False]])
        if not tied:
            found += [(int(key), int(place), int(place) + 1) for place in np.flatnonzero(column) - 1]
            continue
        changes = np.flatnonzero(column[1:] != column[:-1])
        found += [(int(key), int(a), int(b)) for a, b in zip(changes[::2], changes[1::2], strict=True)]
    return found


def pieces(path: Path, per_beat: int = 1) -> tuple[dict[str, NDArray[np.bool_]], ReadReport]:
    """The pieces of a MIDI file, or of a folder of them, by name, and what was left out.

    Raises:
        UserError: there is no piece in it.
    """
    report = ReadReport()
    if path.is_file():
        report.read = 1
        return {path.name: read(path, per_beat)}, report
    found: dict[str, NDArray[np.bool_]] = {}
    for file in files_in(path):
        name = path_text(file.relative_to(path))
        if file.suffix.lower() not in ENDINGS:
            report.skip("no MIDI file", name)
        elif len(found) == MOST_FILES:
            raise UserError(f"{path_text(path)} holds more than {MOST_FILES:,} pieces; use a part of them.")
        else:
            try:
                found[name] = read(file, per_beat)
                report.read += 1
            except UserError as error:
                report.skip(str(error).removeprefix(f"{path_text(file)} ").rstrip("."), name)
    if not found:
        raise UserError(f"There is no MIDI file that can be read in {path_text(path)}.")
    return found, report


def chorales(path: Path) -> Mapping[str, Sequence[NDArray[np.bool_]]]:
    """Pieces of a JSON file by part, `train`, `valid` and `test`: lists of chords, lists of MIDI numbers.

    Raises:
        UserError: it is no such file.
    """
    name = path_text(path)
    try:
        content: Any = json.loads(_content(path, name))
        return {
            part: [thinned(roll_of(piece)) for piece in content[part]] for part in ("train", "valid", "test")
        }
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise UserError(f"{name} holds no lists of chords for train, valid and test.") from None


def voices(roll: NDArray[np.bool_]) -> int:
    """Notes that sound at the same time, at most."""
    return max(map(len, chords_of(roll)), default=0)


def _content(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{name} cannot be read because {because(error)}.") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{name} is larger than {MOST_BYTES // 10**6} MB.")
    return content


def _spans(content: bytes, name: str) -> list[tuple[float, float, int]]:
    """Notes with where they begin and end, in beats, and their key."""
    import mido

    try:
        file = mido.MidiFile(file=io.BytesIO(content), clip=True)
        if file.ticks_per_beat <= 0 or file.type == 2:
            raise UserError(f"{name} counts no beats, so its notes fit no time steps.")
        open_: dict[tuple[int, int], int] = {}
        found, now = [], 0
        for message in mido.merge_tracks(file.tracks):
            now += message.time
            if message.type not in ("note_on", "note_off") or message.channel == PERCUSSION:
                continue
            voice = (message.channel, message.note)
            if voice in open_:
                found.append((open_.pop(voice), now, message.note))
            if message.type == "note_on" and message.velocity:
                open_[voice] = now
        found += [(start, now, note) for (_, note), start in open_.items()]
    except UserError:
        raise
    except Exception as error:  # mido tells damaged files by whatever goes wrong first
        raise UserError(f"{name} is no MIDI file, or a damaged one.") from error
    beat = file.ticks_per_beat
    return [(a / beat, b / beat, note - LOWEST) for a, b, note in found if 0 <= note - LOWEST < KEYS]
