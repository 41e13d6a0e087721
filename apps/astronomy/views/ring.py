"""The Einstein ring: a picture of a lens, with the ring that was found, and the true one."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.astronomy.lens import Radius
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.data.lenses import PIXEL, SIDE

TITLE = "Einstein ring"
ORDER = 10
TIMES, SIZE = 6, 240
"""Pixels of the drawing for one of the picture, and width on the screen."""
COLOURS = {"truth": (0.1, 0.7, 0.4), "found": (0.25, 0.6, 1.0)}


def fits(view: RunView) -> bool:
    """Whether it weighs lenses."""
    return isinstance(view.predictor.output, Radius)


def show(page: str, view: RunView) -> None:
    """Draw the picture alone, and with the rings of everybody who has said one."""
    given = current(page, view)
    image = np.asarray(given.value, np.float32)
    radius = float(view.predictor.predict(image[None])[0, 0])
    drawn = [Picture(_large(image), "as it is seen")]
    drawn.append(Picture(ringed(image, radius, "found"), f"the network: {radius:z.2f} arcseconds"))
    if given.target is not None:
        truth = float(np.ravel(given.target)[0])
        drawn.append(Picture(ringed(image, truth, "truth"), f"the truth: {truth:z.2f} arcseconds"))
    gallery(drawn, key=f"{page}:ring", size=SIZE)
    st.caption(escape(view.predictor.output.text([radius])) + ".")


def picture(page: str, view: RunView) -> None:
    """Draw the same for the lesson."""
    show(f"{page}", view)


def ringed(image: NDArray[np.float32], radius: float, colour: str) -> NDArray[np.float32]:
    """A picture (1, 48, 48) enlarged, with a ring of a radius in arcseconds: (H, W, 3)."""
    large = _large(image)
    one = (np.arange(SIDE * TIMES) - (SIDE * TIMES - 1) / 2) * PIXEL / TIMES
    on = np.abs(np.hypot(*np.meshgrid(one, one)) - radius) < 0.7 * PIXEL / TIMES
    large[on] = COLOURS[colour]
    return large


def _large(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(image[0].repeat(TIMES, 0).repeat(TIMES, 1)[..., None], 3, 2)
