"""Where the network sees centres: the map of each class over the picture, before peaks become boxes."""

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.outputs.boxes import colours
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.blocks.centernet import STRIDE, CenterNet
from sandbox.tasks.predictor import batched

TITLE = "Heat maps"
ORDER = 20
SHOWN = 6
"""Maps that are drawn, those with the highest peak."""


def fits(view: RunView) -> bool:
    """Whether the network makes such maps."""
    return view.block(CenterNet)


def show(page: str, view: RunView) -> None:
    """Draw the maps of the classes over the picture, and how a peak becomes a box."""
    st.markdown(
        f"**Centres**: each patch of {STRIDE} × {STRIDE} pixels says how much it looks like the centre of an "
        "object of each class. A peak that no neighbour beats becomes a box."
    )
    _draw(page, view, SHOWN)


def picture(page: str, view: RunView) -> None:
    """Draw the maps with the highest peaks."""
    _draw(page, view, 3)


def _draw(page: str, view: RunView, most: int) -> None:
    image = np.asarray(current(page, view).value)
    found = maps(view, image)
    classes, hue = view.predictor.output.classes, colours(len(view.predictor.output.classes))
    order = np.argsort(-found.max((1, 2)))[:most]
    for column, kind in zip(st.columns(max(3, min(most, len(order)))), order, strict=False):
        with column:
            st.image(overlaid(image, found[kind], hue[kind]))
            st.caption(f"{escape(classes[kind])}: highest {found[kind].max():z.2f}")


def maps(view: RunView, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each cell looks like a centre, (K, H / 4, W / 4), from 0 to 1."""
    classes = len(view.predictor.output.classes)
    return batched(view.predictor.model, torch.from_numpy(image.copy())[None])[0, :classes].sigmoid().numpy()


def overlaid(image: NDArray[np.float32], heat: NDArray[np.float32], colour: str) -> NDArray[np.float32]:
    """The picture (H, W, 3), pale, with the map in a colour over it."""
    grey = 0.35 + 0.65 * image.mean(0)[..., None].repeat(3, axis=2)
    share = heat.repeat(STRIDE, 0).repeat(STRIDE, 1)[: image.shape[1], : image.shape[2], None]
    ink = np.array(palette.rgb(colour), np.float32) / 255
    return np.clip((1 - share) * grey + share * ink, 0, 1)
