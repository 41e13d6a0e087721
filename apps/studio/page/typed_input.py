"""What inputs that are typed share: another example, a file in the place of typing, a list of beginnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from apps.studio.page.chosen_input import pick, picked
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.errors import UserError

MOST_BYTES = 1_000_000
"""Of a file that is read in the place of typing."""


def beside_typing(
    page: str,
    view: RunView,
    *,
    label: str,
    endings: Sequence[str],
    help: str,
    read: Callable[[bytes, str], str],
) -> str:
    """Draw what stands below the box to type in; returns the text of a file, empty without one.

    Args:
        page: whose box it is.
        view: whose unseen examples can be asked for.
        label: of the place for a file.
        endings: of its name, without the dot.
        help: what is read of it.
        read: makes text of a file's content and its name; `UserError` if it cannot.
    """
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Another unseen one",
            icon=":material/shuffle:",
            type="tertiary",
            key=f"{page}:another",
            on_click=lambda: pick(page, (picked(page, view) + 1) % len(view.test)),
        )
        with st.popover("From a file", icon=":material/upload_file:", type="tertiary"):
            file = st.file_uploader(label, type=list(endings), key=f"{page}:upload", help=help)
            if file is None:
                return ""
            name = file.name[:60]
            try:
                if file.size > MOST_BYTES:
                    raise UserError(f"{name} is larger than 1 MB; use a part of it.")
                return read(file.getvalue(), name)
            except UserError as error:
                st.error(sentence(error), icon=":material/error:")
                return ""


def show_beginnings(values: Sequence[Any], captions: Sequence[str], most: int) -> None:
    """Write at most so many letters of each, in one line with its caption."""
    for value, caption in zip(values, captions, strict=True):
        text = " ".join(str(value).split())
        begins = text if len(text) <= most else text[:most] + " …"
        said = f"**{escape(caption)}**  \n" if caption else ""
        st.markdown(f"{said}:small[{escape(begins)}]")
