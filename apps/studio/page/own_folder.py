"""The menu of data that ends in a folder of one's own."""

from pathlib import Path
from typing import Any

import streamlit as st

from apps.studio.page.run_options import option
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.runs import Run

DIGITS, OWN = "handwritten digits", "my own folder"
BUILT_IN = "digits"
"""What `--data` calls the digits."""
OWN_PICTURES = "Your own pictures to learn from; some of each class are kept to be tested on."


def data_menu(page: str, *, help: str) -> None:
    """Draw the menu and, for one's own pictures, the field for their folder, into a horizontal container.

    Args:
        page: the page's name.
        help: what the data are learned for.
    """
    data = st.selectbox("Data", [DIGITS, OWN], key=f"{page}:data", width=190, help=help)
    if data == OWN:
        st.text_input(
            "Folder",
            key=f"{page}:folder",
            placeholder="/path/to/pictures",
            width=240,
            help="On this machine: a folder with a folder of pictures for each class, or MNIST's four files.",
        )


def says(page: str, run: Run) -> dict[str, Any]:
    """What menu and field say of a run."""
    data = option(run, "data")
    if data in (None, BUILT_IN):
        return {f"{page}:data": DIGITS}
    return {f"{page}:data": OWN, f"{page}:folder": str(data)}


def examples(run: Run | None) -> str:
    """What a run learns from, one sentence, before its pictures have been read."""
    if run is None or option(run, "data") in (None, BUILT_IN):
        return "1,198 handwritten digits to learn from, 599 others to be tested on."
    return OWN_PICTURES


def words(page: str) -> list[str]:
    """What the choice adds to the command, to be called when *Train* is pressed.

    What was typed is read only then: who types a path and clicks at once may be ahead of the page.

    Raises:
        UserError: the folder cannot be learned from; says why.
    """
    if st.session_state.get(f"{page}:data") != OWN:
        return []
    return ["--data", str(usable(str(st.session_state.get(f"{page}:folder") or "")))]


def show_notes(run: Run) -> None:
    """Say what was left out when the data of a run were read, if anything was."""
    notes = run.config.get("notes")
    if isinstance(notes, list) and notes:
        # As text and not as Markdown: names of files are in it.
        st.text("\n".join(str(note) for note in notes), width="stretch")


def usable(typed: str) -> Path:
    """The folder of that name.

    Raises:
        UserError: there is no such folder, or no pictures by class in it; says what is there instead.
    """
    if not typed.strip():
        raise UserError("Which folder? Type its path on this machine into the field Folder.")
    folder = typed_path(typed.strip()).absolute()
    if folder.is_dir():
        from sandbox.data import idx, image_folder

        if not idx.is_idx_folder(folder):
            image_folder.class_folders(folder)
        return folder
    if folder.exists():
        raise UserError(f"{folder} is a file; it takes a folder with one folder of pictures for each class.")
    raise UserError(f"There is no folder {str(folder)!r} on this machine to learn from.")
