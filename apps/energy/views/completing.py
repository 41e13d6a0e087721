"""Half a picture is missing: the machine's chain fills it in, and others fill it in otherwise."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.energy.rbm import Machine
from apps.studio.browser.animation import film
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import shown
from apps.studio.page.chosen_input import ChosenInput, has_picked, pick
from apps.studio.page.columns import TRIED, panes
from apps.studio.page.kinds import input_of
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import show_samples
from sandbox.metrics.completion import Half, given

TITLE = "The missing half"
ORDER = 10
STEPS, DREAM, DREAMS = 40, 60, 12
"""Draws of a chain that completes, draws of a dream, and dreams."""


def fits(view: RunView) -> bool:
    """Whether it is one machine that completes pictures."""
    return isinstance(view.predictor, Machine)


def show(page: str, view: RunView) -> None:
    """Draw the input, the chain that completes it, and who else would complete it how."""
    left, middle, right = panes(TRIED, key=f"{page}-try")
    if not has_picked(page):
        pick(page, 0)  # something to complete from the first moment; a pad that is cleared shows dreams
    with left:
        chosen = input_of(view).choose(page, view)
    with middle:
        missing: Any = st.segmented_control(
            "The missing half",
            get_args(Half),
            default="lower",
            required=True,
            key=f"{page}:missing",
            help="The half that the machine is not shown.",
        )
        keep = given(size_of(view), missing)
        if chosen is None:
            _dream(page, view)
        else:
            _chain(page, view, chosen, keep)
    with right:
        if chosen is not None:
            _others(page, view, chosen, keep)
        show_samples(page, view)


def size_of(view: RunView) -> tuple[int, int]:
    """Rows and columns of a picture."""
    _, rows, columns = view.predictor.input.shape
    return rows, columns


def as_rows(image: Any) -> Tensor:
    """One picture (1, H, W) as the visible units, (1, V)."""
    return torch.as_tensor(np.asarray(image)).flatten()[None]


def _chain(page: str, view: RunView, chosen: ChosenInput, keep: Tensor) -> None:
    frames = view.predictor.model.chain(as_rows(chosen.value), keep, STEPS)
    film(
        frames.numpy().reshape(STEPS, 1, *size_of(view)),
        key=f"{page}:chain",
        label="The chain: the given half stays, the other is drawn again and again",
        fixed=keep.numpy().reshape(size_of(view)),
        unit="draw",
    )
    st.caption("Blue is given and stays. The machine draws the rest again and again.")


def _dream(page: str, view: RunView) -> None:
    st.markdown(
        "**What it dreams** when nothing is given", help="Draw or pick a picture, and it completes that."
    )
    nothing = torch.zeros(int(np.prod(size_of(view))), dtype=torch.bool)
    frames = view.predictor.model.chain(torch.zeros(DREAMS, len(nothing)), nothing, DREAM)
    film(
        frames.numpy().reshape(DREAM, DREAMS, *size_of(view)),
        key=f"{page}:dream",
        label=f"{DREAMS} chains that began with noise",
        across=4,
        unit="draw",
    )


def _others(page: str, view: RunView, chosen: ChosenInput, keep: Tensor) -> None:
    truth = as_rows(chosen.value)
    st.markdown("**How others would complete it**", help="Each sees only the given half, blue in the film.")
    guesses = {
        name: each.complete(truth, keep)
        for name, each in {"the machine": view.predictor, **view.baselines}.items()
    }
    pictures = [
        Picture(shown(view, guess.reshape(1, *size_of(view))), name) for name, guess in guesses.items()
    ]
    gallery([*pictures, Picture(shown(view, chosen.value), "the truth")], key=f"{page}:guesses", size=86)
    errors = {
        name: float((guess - truth)[:, ~keep].square().mean().sqrt()) for name, guess in guesses.items()
    }
    best = min(errors, key=lambda name: errors[name])
    told = ", ".join(f"{name} {error:z.2f}" for name, error in errors.items())
    st.caption(f"Mean error per missing pixel: {told}. Nearest to the truth: **{best}**.")
