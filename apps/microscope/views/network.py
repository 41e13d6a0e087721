"""The view's network as these views use it: a CNN, its answers, its filters that are switched off."""

import copy

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from apps.studio.inputs.image import shown
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox import explain
from sandbox.blocks.cnn import CNN
from sandbox.tasks.predictor import batched


def is_cnn(view: RunView) -> bool:
    """Whether the network is a stack of convolutions."""
    return isinstance(getattr(view.predictor, "model", None), CNN)


def cnn(view: RunView) -> CNN:
    """The network."""
    model = view.predictor.model
    assert isinstance(model, CNN)
    return model


def own(view: RunView) -> CNN:
    """A copy of the network to switch filters of: the loaded one serves other sessions, too."""
    return copy.deepcopy(cnn(view))


def switched(page: str, view: RunView) -> dict[int, list[int]]:
    """Filters of this network that are off: numbers by convolution, both from 0."""
    kept = st.session_state.get(f"{page}:off")
    if kept is None or kept[0] != view.run.name:
        kept = st.session_state[f"{page}:off"] = (view.run.name, {})
    return kept[1]


def probabilities(model: CNN, images: Tensor | NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each class, (N, classes), for pictures (N, C, H, W)."""
    return batched(model, torch.as_tensor(images)).softmax(1).numpy()


def overlay(view: RunView, image: NDArray[np.float32], label: int) -> NDArray[np.float64]:
    """Grad-CAM of the last convolution over the picture, as a photo: the more orange, the more it speaks."""
    model = cnn(view)
    heat = explain.grad_cam(model, torch.from_numpy(image), label)
    laid = explain.over_picture(heat, explain.fields(model)[-1], (image.shape[1], image.shape[2])).numpy()
    share = (laid / max(1e-12, float(laid.max()))).clip(0, 1)[..., None] * 0.75
    ground = shown(view, image)
    if ground.ndim == 2:
        paper = ground if st.context.theme.type == "dark" else 1 - ground  # as all other pictures of ink
        ground = paper[..., None] * np.ones(3)
    hue = np.array(palette.rgb("human")) / 255
    return (1 - share) * ground + share * hue
