"""Data of one's own on a page: by upload or by path, looked through before anything trains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from apps.studio.plain_text import escape
from sandbox.data import uploads
from sandbox.errors import UserError, is_user_error
from sandbox.files import typed_path
from sandbox.tasks.source import OwnData
from sandbox.tasks.task import Task

UPLOAD, PATH = "upload", "a path on this machine"
MOST_CLASSES = 8


def show(page: str, task: Task[Any, Any, Any], own: OwnData) -> None:
    """Draw the ways to give it, and what was found in it."""
    way = st.segmented_control(
        "Where it comes from",
        [UPLOAD, PATH],
        default=UPLOAD,
        required=True,
        key=f"{page}:own",
        label_visibility="collapsed",
    )
    if way == PATH:
        st.text_input("Path", key=f"{page}:path", placeholder="/path/to/it", help=own.help)
    elif own.classes:
        _by_class(page, own)
    else:
        st.file_uploader(
            own.title.capitalize(),
            type=[ending.removeprefix(".") for ending in own.files],
            accept_multiple_files=False,
            key=f"{page}:files",
            help=own.help,
        )
    _preview(page, task)


def path_of(page: str) -> Path:
    """What was given, as a path: an upload is kept beside the runs.

    Raises:
        UserError: nothing was given, or it cannot be used; says why.
    """
    if st.session_state.get(f"{page}:own", UPLOAD) == PATH:
        typed = str(st.session_state.get(f"{page}:path") or "").strip()
        if not typed:
            raise UserError("Which data? Type the path of a file or folder on this machine.")
        path = typed_path(typed).resolve()
        if not path.exists():
            raise UserError(f"There is no file or folder {typed!r} on this machine.")
        return path
    return uploads.keep(_files(page)).path


def _files(page: str) -> Sequence[uploads.File]:
    whole = st.session_state.get(f"{page}:files")
    if whole is not None:
        return [uploads.File(whole.name, whole.getvalue())]
    found = []
    for number in range(int(st.session_state.get(f"{page}:classes", 0))):
        name = str(st.session_state.get(f"{page}:class:{number}") or "").strip()
        for file in st.session_state.get(f"{page}:class:{number}:files") or []:
            if not name:
                raise UserError("Each class needs a name.")
            found.append(uploads.File(file.name, file.getvalue(), folder=name))
    if not found:
        raise UserError("Nothing was uploaded yet.")
    return found


def _by_class(page: str, own: OwnData) -> None:
    """A zip with a folder for each class, or a name and files for each class."""
    st.file_uploader(
        "A zip with a folder for each class",
        type=[ending.removeprefix(".") for ending in own.files],
        key=f"{page}:files",
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


def _preview(page: str, task: Task[Any, Any, Any]) -> None:
    """What would be learned from: how many of what, and what was left out."""
    try:
        path = path_of(page)
    except UserError as error:
        st.caption(escape(str(error)))
        return
    key = f"{page}:preview"
    if st.session_state.get(key, (None,))[0] != str(path):
        try:
            split = task.load(task.settings(), str(path))
        except Exception as error:
            if not is_user_error(error):
                raise
            st.session_state[key] = (str(path), str(error), None)
        else:
            st.session_state[key] = (str(path), "", split)
    _, problem, split = st.session_state[key]
    if problem:
        st.error(escape(problem), icon=":material/error:")
        return
    classes = getattr(split, "classes", ())
    kinds = f" in {len(classes)} classes ({escape(', '.join(map(str, classes[:12])))})" if classes else ""
    st.markdown(
        f"{len(split.train) + len(split.test):,} {split.about.things}{kinds}; "
        f"{len(split.test):,} of them for testing."
    )
    for note in split.about.notes[:5]:
        st.caption(escape(note))
