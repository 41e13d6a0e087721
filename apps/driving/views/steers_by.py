"""What the network steers by: where the picture would have to change to change the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox import explain
from sandbox.tasks.families.steering import Steerer
from sandbox.tasks.families.steering_network import SteeringNetwork

TITLE = "What it steers by"
ORDER = 10
SIDE = 300
ANSWERS = ("angle", "speed")


def fits(view: RunView) -> bool:
    """Whether it drives."""
    return isinstance(view.predictor, Steerer)


def show(page: str, view: RunView) -> None:
    """Draw what angle and speed depend on in the picture under *Try*, and what the first filters find."""
    value = np.asarray(current(page, view).value, np.float32)
    _depends(page, view, value)
    st.caption(
        "Brighter: a change there changes the answer more (the gradient, smoothed). Angles should hang on "
        "lane lines, speeds on bends and on the car ahead. The network does not look at the sky."
    )
    model: SteeringNetwork = view.predictor.model
    maps = explain.feature_maps(model.body, seen(model, value)[None])
    st.markdown("**What the first filters find**")
    gallery(on_one_scale(maps[0][0].numpy(), alt="map of filter {}"), key=f"{page}:filters", size=150)


def picture(page: str, view: RunView) -> None:
    """The same, for the lesson, without the filters."""
    _depends(page, view, np.asarray(current(page, view).value, np.float32))


def seen(model: SteeringNetwork, value: NDArray[np.float32]) -> torch.Tensor:
    """A picture (3, H, W) as the convolutions are given it, without the sky."""
    return model.prepared(torch.from_numpy(value)[None])[0]


def _depends(page: str, view: RunView, value: NDArray[np.float32]) -> None:
    pictures = [
        Picture(_lit(view.predictor.model, value, i), f"what the {name} hangs on")
        for i, name in enumerate(ANSWERS)
    ]
    gallery([Picture(value.transpose(1, 2, 0), "input"), *pictures], key=f"{page}:steers", size=SIDE)


def _lit(model: SteeringNetwork, value: NDArray[np.float32], answer: int) -> NDArray[Any]:
    """The picture, dark where the answer does not depend on it, (H, W, 3)."""
    gradient = explain.saliency(model.body, seen(model, value), answer).abs().sum(0)
    smooth = F.avg_pool2d(gradient[None, None], 5, 1, 2)[0, 0].numpy()
    strength = np.zeros(value.shape[1:], np.float32)
    strength[model.top :] = smooth / max(float(np.quantile(smooth, 0.99)), 1e-9)
    return value.transpose(1, 2, 0) * (0.15 + 0.85 * strength.clip(0, 1)[..., None])
