"""Molecules: typed as SMILES, from a file, or one of the unseen ones; drawn as chemists do."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.molecule import picture
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from sandbox import chemistry
from sandbox.errors import UserError

TILE = 120
"""Pixels of a molecule in a gallery."""
LARGE = 320


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the line to type in, and the molecule."""
    example = sample(view, picked(page, view))
    begins = str(example.value)
    text = st.text_input(
        view.predictor.input.prompt,
        value=begins,
        key=f"{page}:typed:{token(page)}",
        max_chars=chemistry.LONGEST,
        placeholder=view.predictor.input.example,
        help="SMILES writes a molecule as text: CCO is ethanol, c1ccccc1 benzene. Paste one from anywhere.",
    )
    try:
        value = view.predictor.input.encode(text)
    except UserError as error:
        st.warning(sentence(error), icon=":material/error:")
        remember(page, view, None)
        return None
    same = value == begins
    given = ChosenInput(value, example.target if same else None, example.index if same else None)
    show(page, view, value, key="molecule", size=LARGE)
    remember(page, view, given)
    return given


def shown(view: RunView, value: Any) -> NDArray[Any]:
    """One molecule as a picture for a gallery."""
    return picture(str(value))


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = TILE) -> None:
    """Draw one molecule."""
    drawn = Picture(picture(str(value), scale=2 if size > TILE else 1), caption, alt=str(np.asarray(value)))
    gallery([drawn], key=f"{page}:{key}", size=size)
