"""Source code on a page: as it ran, and such that it can be copied and run."""

import inspect
import textwrap
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

LONG = 20
"""Lines from which on code scrolls in a frame."""


def source(part: Callable[..., Any] | type) -> str:
    """The source of a function, class or method, moved to the left margin."""
    return textwrap.dedent(inspect.getsource(part)).rstrip() + "\n"


def show_source(part: Callable[..., Any] | type, title: str = "", *, height: int = 380) -> None:
    """Draw it.

    Args:
        part: whose source is shown.
        title: Markdown above it; none if empty.
        height: of the frame that long code scrolls in, in pixels.
    """
    if title:
        st.markdown(title)
    show_python(source(part), height=height)


def show_python(code: str, *, height: int = 380) -> None:
    """Draw Python code, long one in a frame of a height in pixels."""
    frame: int | Literal["content"] = height if code.count("\n") > LONG else "content"
    st.code(code, language="python", height=frame)
