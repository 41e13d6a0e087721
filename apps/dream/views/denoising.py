"""From noise to an example: what is there at each noise level, and what the network sees in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
import torch

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.image import picture_of
from apps.studio.outputs.points import cloud
from apps.studio.page.run_view import RunView
from sandbox.tasks.families.diffusion import Denoiser

TITLE = "Step by step"
ORDER = 10
PICTURES, LEVELS = 4, 9
"""Pictures that are followed, and noise levels that are shown of each."""
POINTS, CLOUDS = 400, 4


def fits(view: RunView) -> bool:
    """Whether it takes noise away."""
    return isinstance(view.predictor, Denoiser)


def show(page: str, view: RunView) -> None:
    """Draw the way of a few pictures, or of a cloud of points."""
    if view.predictor.output.kind == "image":
        _pictures(page, view, PICTURES)
    else:
        _clouds(page, view)


def picture(page: str, view: RunView) -> None:
    """The way of two pictures, or of a cloud, for the lesson."""
    if view.predictor.output.kind == "image":
        _pictures(f"{page}:lesson", view, 2)
    else:
        _clouds(f"{page}:lesson", view)


def _pictures(page: str, view: RunView, count: int) -> None:
    ways = way_of(view, count, LEVELS)
    for number in range(count):
        st.markdown(f"**Picture {number + 1}**: with its noise, and below what the network sees in it")
        noisy = [
            Picture(np.clip(picture_of(view, x[number]), 0, 1), f"{level}", alt=f"Noise level {level}")
            for level, x, _ in ways
        ]
        clean = [
            Picture(picture_of(view, seen[number]), alt=f"Seen at noise level {level}")
            for level, _, seen in ways
        ]
        gallery(noisy, key=f"{page}:noisy:{number}", size=64)
        gallery(clean, key=f"{page}:seen:{number}", size=64)
    st.caption(
        f"The numbers are noise levels, from {len(view.predictor.model.level) - 1} (nothing but noise) to 0. "
        f"The network is called {view.predictor.calls} times; {len(ways)} of these calls are shown."
    )


def _clouds(page: str, view: RunView) -> None:
    real = np.asarray(view.test.targets)
    ways = way_of(view, POINTS, CLOUDS)
    for column, (level, x, _) in zip(st.columns(len(ways), gap="medium"), ways, strict=True):
        with column:
            st.markdown(f"**Noise level {level}**")
            cloud(real, np.asarray(x), view, key=f"{page}:way:{level}")
    st.caption("Green: real points, unseen. Blue: points on their way from noise to the shape.")


def way_of(view: RunView, count: int, most: int) -> list[tuple[int, torch.Tensor, torch.Tensor]]:
    """Evenly spread steps of the way of so many examples, the first and the last among them."""
    steps: list[Any] = list(view.predictor.way(view.predictor.input.draw(count, 0)))
    chosen = np.unique(np.linspace(0, len(steps) - 1, most).round().astype(int))
    return [steps[i] for i in chosen]
