"""Rows of a table: unseen ones to click, the most important columns to move, or a file of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.data.columns import Column
from sandbox.errors import UserError
from sandbox.explain_columns import gradients

SIGNED = True
TILE = 74
"""Pixels of a row among others, so that its class fits below it."""
MOVED, TOLD = 6, 3
"""Columns that can be moved, and that are told of a row."""
MOST_ANSWERED = 1_000
"""Rows of an uploaded table that are answered on the page."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw a row's most important columns as sliders and menus; None where it cannot be used."""
    given = sample(view, picked(page, view))
    row = np.array(given.value, np.float32)
    columns, moved = view.predictor.input.columns, row.copy()
    st.markdown(f"**Row {(given.index or 0) + 1} of the unseen ones**")
    order = important(view)[:MOVED]
    # Another row begins with its own values.
    key = f"{page}:row:{token(page)}:{picked(page, view)}"
    for i in order:
        moved[i] = _moved(columns[i], row[i], f"{key}:{i}")
    if len(columns) > len(order):
        with st.expander(f"The other {len(columns) - len(order)} columns"):
            for i in range(len(columns)):
                if i not in order:
                    moved[i] = _moved(columns[i], row[i], f"{key}:{i}")
    same = np.array_equal(moved, row, equal_nan=True)
    found = given if same else ChosenInput(moved)
    if not same:
        st.caption("You changed it, so nobody knows the right answer.")
    _own_rows(page, view)
    remember(page, view, found)
    return found


def important(view: RunView) -> list[int]:
    """Columns by how strongly the answers to unseen rows follow them, the strongest first."""
    found = view.later(
        "important columns", lambda: np.abs(gradients(view.predictor, view.test.inputs)).mean(0)
    )
    if found is None:
        return list(range(len(view.predictor.input.columns)))
    return np.argsort(-found, kind="stable").tolist()


def _moved(column: Column, value: float, key: str) -> float:
    if column.kind == "category":
        levels = [*column.levels, "?"]
        at = len(levels) - 1 if np.isnan(value) else int(value)
        chosen = st.selectbox(
            escape(column.name), levels, at, key=key, format_func=escape, help="A ? is a missing value."
        )
        return np.nan if chosen == "?" else float(column.levels.index(chosen))
    value = float(value)
    start = column.mean if np.isnan(value) else value
    low, high = min(column.low, start), max(column.high, start)
    if low == high:
        high = low + 1.0
    help = (
        f"Half of the training rows lie around {column.mean:.4g}, with a deviation of {column.deviation:.3g}."
    )
    moved = st.slider(
        escape(column.name), low, high, start, step=(high - low) / 100, format="%.4g", key=key, help=help
    )
    return value if moved == start else moved


def _own_rows(page: str, view: RunView) -> None:
    """Answers to all rows of an uploaded table."""
    with st.expander("Rows of your own"):
        file = st.file_uploader(
            "A table (CSV)",
            type=["csv", "tsv", "txt"],
            key=f"{page}:rows",
            help="With these columns, by name. Cells may be empty.",
        )
        if file is None:
            return
        try:
            rows = _read(view, file.getvalue())
        except UserError as error:
            st.error(sentence(error), icon=":material/error:")
            return
        answers = np.asarray(view.predictor.predict(rows[:MOST_ANSWERED]))
        classes = view.predictor.output.classes
        table = [
            {
                "row": i + 1,
                "answer": str(classes[int(one.argmax())]),
                "sure, %": round(100 * float(one.max()), 1),
            }
            for i, one in enumerate(answers)
        ]
        st.dataframe(table, hide_index=True, height=240, key=f"{page}:rows:answers")
        if len(rows) > MOST_ANSWERED:
            st.caption(f"The first {MOST_ANSWERED:,} of {len(rows):,}; `sandbox predict` answers all.")


def _read(view: RunView, content: bytes) -> NDArray[np.float32]:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_bytes(content)
        try:
            return view.predictor.input.encode_all(view.predictor.input.read(path))
        except UserError as error:
            raise UserError(str(error).replace(str(path), "The table")) from None


def shown(view: RunView, row: Any) -> NDArray[Any]:
    """A row as a tile for each column, (H, W) in [-1, 1]: blue above the mean, red below."""
    columns = view.predictor.input.columns
    values = [column.position(float(one)) for column, one in zip(columns, np.asarray(row), strict=True)]
    width = int(np.ceil(np.sqrt(len(values))))
    height = -(-len(values) // width)
    return np.array(values + [0.0] * (width * height - len(values))).reshape(height, width)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw a row as tiles."""
    gallery([Picture(shown(view, value), caption)], key=f"{page}:{key}", size=size, signed=True)


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Write a few rows with their classes, in the user's units."""
    for value, caption in zip(values, captions, strict=True):
        cells = [
            f"{column.name} {column.text(float(one))}"
            for column, one in zip(predictor.input.columns[:TOLD], value, strict=False)
        ]
        more = ", …" if len(predictor.input.columns) > TOLD else ""
        st.caption(escape(", ".join(cells) + more + (f": {caption}" if caption else "")))
