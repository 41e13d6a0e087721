"""How strange each place of a picture is, as numbers, and where that is an alarm."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox.data.overlay import photo_of
from sandbox.tasks.outputs.anomaly_map import AnomalyMap

TITLE = "Strange places"
ORDER = 5
SIDE = 200


def fits(view: RunView) -> bool:
    """Whether the answer is a map of strangeness."""
    return isinstance(view.predictor.output, AnomalyMap)


def show(page: str, view: RunView) -> None:
    """Draw the picture, its map from none to twice the threshold, and the alarms."""
    value, answer = _current(page, view)
    gallery(
        [
            Picture(photo_of(value), "input"),
            Picture(np.clip(answer / 2, 0, 1), "strangeness, up to twice the threshold"),
            Picture((answer >= 1).astype(np.float32), "alarm"),
        ],
        key=f"{page}:strange",
        size=SIDE,
    )
    st.caption(
        f"The strangest place scores {answer.max():z.2f}, the middle one of all {np.median(answer):z.2f}; "
        "1 is the threshold."
    )


def picture(page: str, view: RunView) -> None:
    """The same, for the lesson."""
    show(page, view)


def _current(page: str, view: RunView) -> tuple[Any, Any]:
    value = np.asarray(current(page, view).value)
    return value, np.asarray(view.predictor.predict(value[None])[0])
