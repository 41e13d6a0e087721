"""Codes as answers: their numbers, and what they stand for where the network can say it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import shown
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the numbers, and the picture that they stand for."""
    st.markdown(f"##### {view.predictor.output.text(answer)}")
    if hasattr(view.predictor, "decode"):
        picture = np.asarray(view.predictor.decode(np.asarray(answer)[None]))[0]
        gallery([Picture(shown(view, picture), "what it stands for")], key=f"{page}:stands-for", size=130)


def grades(view: RunView) -> Grades:
    """Every unseen example by the task's main figure."""
    return by_metric(view, "Worst fits")


def compare(page: str, view: RunView) -> None:
    """Nothing: codes of different methods mean different things."""
