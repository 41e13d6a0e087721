"""Series: an unseen window, the one that it gets most wrong, or a file of one's own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.chosen_input import ChosenInput, pick, picked, remember, sample
from apps.studio.page.kinds import output_of
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from envs.engine import palette
from sandbox.errors import UserError
from sandbox.tasks.predictor import read

WIDE = True
"""A series takes the whole width; the answer is drawn as its continuation."""
MOST_SHOWN = 6
"""Series of one input that can be chosen."""


def choose(page: str, view: RunView) -> ChosenInput:
    """Draw the ways to choose a window; the output draws it, and the answer as its continuation."""
    input = view.predictor.input
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Another",
            icon=":material/shuffle:",
            key=f"{page}:another",
            on_click=_next,
            args=(page, view),
            help="Another of the unseen ones.",
        )
        st.button(
            "Among the worst",
            icon=":material/trending_down:",
            type="tertiary",
            key=f"{page}:worst",
            on_click=_worst,
            args=(page, view),
            help="One of those that the network gets most wrong, the worst first.",
        )
        with st.popover("A file of your own", icon=":material/upload_file:", type="tertiary"):
            file = st.file_uploader(
                "A table (CSV)",
                type=["csv", "txt", "tsv"],
                key=f"{page}:series:file",
                help=f"A row for each {input.step}, the last {input.length} are read; columns: "
                f"{escape(', '.join(input.names[:MOST_SHOWN]))}.",
            )
    given = sample(view, picked(page, view))
    if file is None:
        st.caption(f"Number {(given.index or 0) + 1} of the unseen {view.things}")
    else:
        try:
            given = ChosenInput(_uploaded(view, file.getvalue()))
            st.caption("From your file. Nobody knows the right answer.")
        except UserError as error:
            st.error(sentence(error), icon=":material/error:")
    remember(page, view, given)
    return given


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one window alone."""
    input = view.predictor.input
    which = shown_series(page, view, ask=False)
    values = input.values(value)[:, which]
    show_curves(
        [Curve(name=caption or "read", x=past(input), y=values.tolist(), color=palette.BASELINE, format="")],
        x_title=axis(input),
        y_title=escape(input.names[which]),
        alt=f"{caption or 'A window'} of {input.names[which]}",
        height=170,
        key=f"{page}:{key}",
    )


def shown_series(page: str, view: RunView, *, ask: bool = True) -> int:
    """Which of several series is drawn; 0 if there is one."""
    names = list(view.predictor.input.names)
    key = f"{page}:series:which"
    if len(names) < 2:
        return 0
    if ask:
        st.selectbox("Series", range(len(names)), format_func=lambda i: escape(names[i]), key=key)
    return min(int(st.session_state.get(key) or 0), len(names) - 1)


def past(input: Any) -> list[float]:
    """Places of what was read, up to 0, in the unit of `axis`."""
    return ((np.arange(input.length) - input.length + 1) / input.rate).tolist()


def axis(input: Any) -> str:
    """What the horizontal axis counts."""
    return f"{input.step}s"


def _uploaded(view: RunView, content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.csv"
        path.write_bytes(content)
        try:
            return read(view.predictor, path)
        except UserError as error:
            raise UserError(str(error).replace(str(path), "The table")) from None


def _next(page: str, view: RunView) -> None:
    pick(page, (picked(page, view) + max(1, len(view.test) // 7)) % len(view.test))
    st.session_state.pop(f"{page}:series:worst", None)


def _worst(page: str, view: RunView) -> None:
    worst = output_of(view).grades(view).worst
    if not len(worst):
        return
    place = int(st.session_state.get(f"{page}:series:worst", -1)) + 1
    st.session_state[f"{page}:series:worst"] = place
    # Neighbours are nearly the same window, so it does not take them one by one.
    pick(page, int(worst[place * 5 % len(worst)]))
