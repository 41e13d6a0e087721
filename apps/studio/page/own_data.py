"""Data of one's own on a page: by upload or by path, looked through before anything trains."""

from __future__ import annotations

import importlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.studio.browser.sketch_pad import sketch_pad
from apps.studio.plain_text import escape, sentence
from sandbox.data import drawn_points, uploads
from sandbox.errors import UserError, is_user_error
from sandbox.files import typed_path
from sandbox.tasks.source import OwnData

if TYPE_CHECKING:
    from sandbox.tasks.task import Task

DRAW, UPLOAD, PATH = "draw", "upload", "a path on this machine"
MOST_CLASSES = 8
MOST_NAMED, MOST_NOTES, SAMPLES = 12, 5, 3
"""Classes that are named, notes and examples that are shown before a training."""
MICROPHONE = "It stays on this machine. Without a microphone, or a permission to use it, upload files."
PAD = 240
"""Width of the pad, in pixels."""
MOST_UPLOADED = 100
"""Megabytes of one file that the browser may send."""


class NothingYetError(UserError):
    """Nothing was given so far; no mistake."""


def show(page: str, task: Task[Any, Any, Any], own: OwnData) -> None:
    """Draw the ways to give it, and what was found in it."""
    ways = [DRAW, UPLOAD, PATH] if own.pad else [UPLOAD, PATH]
    way = st.segmented_control(
        "Where it comes from",
        ways,
        default=ways[0],
        required=True,
        key=f"{page}:own",
        label_visibility="collapsed",
    )
    if way == DRAW:
        with st.container(width=PAD):
            sketch = sketch_pad(key=f"{page}:points", label=own.pad)
        st.session_state[f"{page}:drawn"] = sketch.pixels if sketch.drawn else None
    elif way == PATH:
        st.text_input("Path", key=f"{page}:path", placeholder="/path/to/it", help=own.help)
    elif own.classes:
        _by_class(page, own)
    else:
        st.file_uploader(
            own.title[:1].upper() + own.title[1:],
            type=[ending.removeprefix(".") for ending in own.files],
            key=f"{page}:files",
            max_upload_size=MOST_UPLOADED,
            help=own.help,
        )
    _preview(page, task)


def says(page: str, data: str) -> dict[str, str]:
    """What the widgets say of a run that learned from a path."""
    if uploads.is_kept(Path(data)):
        way = DRAW if Path(data).name == drawn_points.FILE else UPLOAD
        return {f"{page}:own": way, f"{page}:before": data}
    return {f"{page}:own": PATH, f"{page}:path": data}


def path_of(page: str) -> Path:
    """What was given, as a path: an upload is kept beside the runs.

    Raises:
        UserError: nothing was given, or it cannot be used; says why.
    """
    return _given(page).path


def _given(page: str) -> uploads.Upload:
    if st.session_state.get(f"{page}:own", UPLOAD) == PATH:
        typed = str(st.session_state.get(f"{page}:path") or "").strip()
        if not typed:
            raise NothingYetError("Which data? Type the path of a file or folder on this machine.")
        path = typed_path(typed).resolve()
        if not path.exists():
            raise UserError(f"There is no file or folder {typed!r} on this machine.")
        return uploads.Upload(path)
    drawing = st.session_state.get(f"{page}:own") == DRAW
    files = [] if drawing else _files(page)
    before = str(st.session_state.get(f"{page}:before") or "")
    if drawing and (ink := st.session_state.get(f"{page}:drawn")) is not None:
        points = drawn_points.to_csv(drawn_points.points_of(ink))
        return uploads.keep([uploads.File(drawn_points.FILE, points)])
    if not files:
        if before and Path(before).exists():
            return uploads.Upload(Path(before))
        raise NothingYetError("Nothing is drawn yet." if drawing else "Nothing was uploaded yet.")
    # The page is drawn every second while something trains: the same files are kept once.
    key, of = f"{page}:kept", tuple((name, file.file_id) for name, file in files)
    kept = st.session_state.get(key)
    if kept is None or kept[0] != of or not kept[1].path.exists():
        found = uploads.keep([uploads.File(file.name, file.getvalue(), name) for name, file in files])
        kept = st.session_state[key] = (of, found)
    return kept[1]


def _files(page: str) -> Sequence[tuple[str, Any]]:
    """The uploaded files, each with the name of its class; empty for a file that holds everything."""
    whole = st.session_state.get(f"{page}:files")
    if whole is not None:
        return [("", whole)]
    found = []
    for number in range(int(st.session_state.get(f"{page}:classes", 0))):
        name = str(st.session_state.get(f"{page}:class:{number}") or "").strip()
        spoken = st.session_state.get(f"{page}:class:{number}:spoken")
        files = st.session_state.get(f"{page}:class:{number}:files") or []
        for file in (*files, *([spoken] if spoken else [])):
            if not name:
                raise UserError(f"Class {number + 1} needs a name.")
            found.append((name, file))
    return found


def _by_class(page: str, own: OwnData) -> None:
    """A zip with a folder for each class, or a name and files for each class."""
    st.file_uploader(
        "A zip with a folder for each class",
        type=[ending.removeprefix(".") for ending in own.files],
        key=f"{page}:files",
        max_upload_size=MOST_UPLOADED,
        help=own.help,
    )
    count = st.number_input(
        "Or files for each class: how many classes?",
        0,
        MOST_CLASSES,
        0,
        key=f"{page}:classes",
        help=f"Up to {MOST_CLASSES} here; a zip may hold more.",
    )
    for number in range(int(count)):
        left, right = st.columns([1, 2])
        left.text_input(f"Class {number + 1}", key=f"{page}:class:{number}", placeholder="its name")
        right.file_uploader(
            f"Its {own.things}",
            type=[ending.removeprefix(".") for ending in own.classes],
            accept_multiple_files=True,
            key=f"{page}:class:{number}:files",
        )
        if own.microphone:
            right.audio_input(
                own.microphone, sample_rate=16_000, key=f"{page}:class:{number}:spoken", help=MICROPHONE
            )


@dataclass(frozen=True)
class Preview:
    """What was found in data of one's own.

    Attributes:
        of: what was looked through: a path and its state.
        problem: why it cannot be used; empty if it can.
        split: the data; None with a problem.
        skipped: what was left out and why, one sentence each.
    """

    of: Hashable
    problem: str = ""
    split: Any = None
    skipped: Sequence[str] = ()


def _preview(page: str, task: Task[Any, Any, Any]) -> None:
    """What would be learned from: how many of what, three samples, and what was left out."""
    try:
        upload = _given(page)
    except UserError as error:
        waits = isinstance(error, NothingYetError)
        st.caption(escape(str(error))) if waits else st.error(sentence(error), icon=":material/error:")
        return
    key, of = f"{page}:preview", (str(upload.path), upload.path.stat().st_mtime_ns)
    found: Preview | None = st.session_state.get(key)
    if found is None or found.of != of:
        found = st.session_state[key] = _looked_through(task, upload, of)
    if found.problem:
        st.error(sentence(found.problem), icon=":material/error:")
        return
    split = found.split
    classes = getattr(split, "classes", ())
    names = ", ".join(map(str, classes[:MOST_NAMED])) + (", …" if len(classes) > MOST_NAMED else "")
    kinds = f" in {len(classes)} classes ({escape(names)})" if len(classes) else ""
    st.markdown(
        f"**{len(split.train) + len(split.test):,} {split.about.things}**{kinds}: {len(split.train):,} for "
        f"training, {len(split.test):,} for testing."
    )
    _samples(page, task, split)
    for note in found.skipped[:MOST_NOTES]:
        st.caption(escape(note))
    if len(found.skipped) > MOST_NOTES:
        st.caption(f"and {len(found.skipped) - MOST_NOTES} more notes of this kind.")


def _looked_through(task: Task[Any, Any, Any], upload: uploads.Upload, of: Hashable) -> Preview:
    try:
        split = task.load(task.settings(), str(upload.path))
    except Exception as error:
        if not is_user_error(error):
            raise
        # People know the files by the names they gave them, not by where the upload is kept.
        return Preview(of, str(error).replace(f"{upload.path}/", "").replace(str(upload.path), "The upload"))
    return Preview(of, split=split, skipped=(*upload.skipped, *split.about.notes))


def _samples(page: str, task: Task[Any, Any, Any], split: Any) -> None:
    """Three examples, of different classes if there are some, by the module that shows such inputs."""
    baseline = next(iter(task.baselines(task.settings(), split).values()), None)
    if baseline is None:
        return
    module = importlib.import_module(f"apps.studio.inputs.{baseline.input.kind}")
    if not hasattr(module, "preview"):
        return
    targets = split.train.targets
    classes = getattr(split, "classes", ()) if np.ndim(targets) == 1 else ()  # else a target is no class
    rows = np.linspace(0, len(split.train) - 1, SAMPLES).round().astype(int)
    if len(classes):
        _, firsts = np.unique(np.asarray(targets), return_index=True)
        rows = firsts[:SAMPLES]
    captions = [str(classes[int(targets[int(row)])]) if len(classes) else "" for row in rows]
    module.preview(page, baseline, [split.train.inputs[int(row)] for row in rows], captions)
