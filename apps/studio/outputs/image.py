"""Pictures as answers: beside the input, where they differ, the worst ones, and those of the baselines."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView

SHOWN = 12
"""Examples that are compared."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the answer beside what it should be, and where the two differ."""
    whole = (
        given.value if given.target is None or np.shape(given.target) != np.shape(answer) else given.target
    )
    pictures = [Picture(picture_of(view, answer), "answer")]
    if same := np.shape(whole) == np.shape(answer):
        pictures.insert(0, Picture(picture_of(view, whole), "whole"))
    gallery(pictures, key=f"{page}:answer", size=130)
    if not same:
        return
    apart = np.asarray(answer) - np.asarray(whole)
    st.markdown("**Error map**", help="Blue: the answer has more ink or light than the whole; red: less.")
    gallery([Picture(apart.mean(0), "")], key=f"{page}:error", size=130, signed=True)
    said = f"Mean squared error of a pixel: **{float(np.square(apart).mean()):z.4f}**."
    if hasattr(view.predictor, "codes"):
        code = np.asarray(view.predictor.encode(np.asarray(given.value)[None]))[0]
        said += f" Its code: {view.predictor.codes.text(code)}"
    st.caption(said)


def picture_of(view: RunView, values: Any) -> NDArray[Any]:
    """An answer (C, H, W) as a gallery shows it: ink (H, W), or a photo (H, W, 3)."""
    return as_picture(values, ink=view.predictor.output.ink)


def as_picture(values: Any, *, ink: bool) -> NDArray[Any]:
    """A picture (C, H, W) as ink (H, W), or as a photo (H, W, 3)."""
    whole = np.asarray(values)
    return whole.mean(0) if ink else np.broadcast_to(whole.transpose(1, 2, 0), (*whole.shape[1:], 3))


def mosaic(pictures: Any, columns: int) -> NDArray[Any]:
    """Pictures (N, C, H, W) side by side as one; a pixel apart, if they are larger than a pixel."""
    values = np.asarray(pictures)
    gap = int(min(values.shape[2:]) > 1)
    rows = -(-len(values) // columns)
    padded = np.pad(values, ((0, rows * columns - len(values)), (0, 0), (gap, 0), (gap, 0)))
    whole = padded.reshape(rows, columns, *padded.shape[1:]).transpose(2, 0, 3, 1, 4)
    return whole.reshape(values.shape[1], rows * padded.shape[2], columns * padded.shape[3])


def grades(view: RunView) -> Grades:
    """Every unseen picture by the task's main figure."""
    return by_metric(view, "Worst answers")


def compare(page: str, view: RunView) -> None:
    """Draw the same unseen examples as the network answers them, and each baseline."""
    found = view.later("compared pictures", lambda: _answers(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    for number, (title, pictures) in enumerate(found.items()):
        st.markdown(f"**{title}**")
        gallery(
            [Picture(picture_of(view, picture), alt=title) for picture in pictures],
            key=f"{page}:compared:{number}",
            size=54,
        )


def _answers(view: RunView) -> dict[str, Any]:
    """Rows of pictures by title."""
    inputs = view.test.inputs[:: max(1, len(view.test.inputs) // SHOWN)][:SHOWN]
    predictors = {"Network": view.predictor, **view.baselines}
    found = {
        f"{name[0].upper()}{name[1:]}": np.asarray(one.predict(inputs)) for name, one in predictors.items()
    }
    if np.ndim(inputs) == 4:
        found = {f"Unseen {view.things}": np.asarray(inputs), **found}
    return found
