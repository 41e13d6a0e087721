"""Where a network that describes looks in the picture, word by word."""

from __future__ import annotations

import cv2
import numpy as np
import streamlit as st
import torch

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox.tasks.families.caption_network import Describer, contrast

TITLE = "Where it looks"
ORDER = 10
SIDE, FEW = 96, 8
"""Pixels of each picture, and words that a lesson shows."""
DARK = 0.18
"""How bright a place is that it does not look at."""
PATHS = " The second picture is what its path for form sees: how much each pixel stands out, and no colour."


def fits(view: RunView) -> bool:
    """Whether it describes pictures."""
    return isinstance(view.predictor, Describer)


def show(page: str, view: RunView) -> None:
    """Draw the picture once for each word, bright where the network looks as it writes it."""
    draw(page, view, None)
    st.caption(
        "One picture for each word, or piece of one. The brightest place is the one it looks at most. Nobody "
        "told it where anything is: it has seen pictures and captions only."
        + PATHS
        * (view.predictor.model.paths == 2)
    )


def picture(page: str, view: RunView) -> None:
    """Draw the first words."""
    draw(f"{page}:learn", view, FEW)


def draw(page: str, view: RunView, most: int | None) -> None:
    """Draw at most so many words with what is looked at."""
    describer: Describer = view.predictor
    value = np.asarray(current(page.removesuffix(":learn"), view).value, np.float32)
    found = describer.looks(value, describer.predict(value[None])[0])
    photo = value.transpose(1, 2, 0)
    pictures = [Picture(photo, "the picture")]
    if describer.model.paths == 2:
        seen = contrast(torch.from_numpy(value[None]))[0, 0].numpy()
        pictures.append(Picture(np.repeat(seen[..., None], 3, 2), "what form sees"))
    for look in found[:most]:
        shares = look.shares / max(float(look.shares.max()), 1e-9)
        light = cv2.resize(shares, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        lit = photo * (DARK + (1 - DARK) * light[..., None])
        word = look.token.strip() or "␣"
        pictures.append(Picture(lit, word, alt=f"Where it looks for {word}"))
    gallery(pictures, key=f"{page}:looks", size=SIDE)
