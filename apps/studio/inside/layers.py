"""What each layer of a network is made of, and how strongly it answers to this input."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor, nn

from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox.percent import percent

TITLE = "Layers"
ORDER = 900
"""After all views that know more about the network."""
MOST = 40


@dataclass(frozen=True)
class Layer:
    """A layer and what it gave for one input.

    Attributes:
        name: its class, such as `Linear`.
        shape: of its output, without the batch.
        numbers: that it learned.
        strength: root of the mean square of its output.
        silent: share of its outputs that are 0.
    """

    name: str
    shape: tuple[int, ...]
    numbers: int
    strength: float
    silent: float


def fits(view: RunView) -> bool:
    """Whether the predictor has a network."""
    return isinstance(getattr(view.predictor, "model", None), nn.Module)


def show(page: str, view: RunView) -> None:
    """Draw a row for each layer, and how strongly they answer."""
    found = layers(view, current(page, view).value)
    st.caption("From the input above to the answer below. The strength belongs to the input under *Try*.")
    st.table(
        {
            "layer": [layer.name for layer in found],
            "gives": [" × ".join(map(str, layer.shape)) or "1" for layer in found],
            "learned numbers": [f"{layer.numbers:,}" for layer in found],
            "strength": [f"{layer.strength:.3g}" for layer in found],
            "exactly 0": [percent(layer.silent) for layer in found],
        }
    )


def picture(page: str, view: RunView) -> None:
    """Draw the strengths as bars."""
    found = layers(view, current(page, view).value)
    names = [
        f"{i + 1} {layer.name}" + (f", {layer.numbers:,}" if layer.numbers else "")
        for i, layer in enumerate(found)
    ]
    st.bar_chart(
        {"layer": names, "strength": [layer.strength for layer in found]},
        x="layer",
        y="strength",
        x_label="",
        y_label="strength of its output",  # of the axis that lies, as bars do
        horizontal=True,
        sort=False,
        height=max(80, 26 * len(found)) + 60,
    )


def layers(view: RunView, value: Any) -> list[Layer]:
    """The layers of the network in the order in which an input passes through them."""
    found: list[Layer] = []

    def seen(module: nn.Module, _: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.is_floating_point() and len(found) < MOST:
            numbers = sum(parameter.numel() for parameter in module.parameters())
            strength, silent = float(output.square().mean().sqrt()), float((output == 0).float().mean())
            found.append(Layer(type(module).__name__, tuple(output.shape[1:]), numbers, strength, silent))

    # Other sessions may answer with the same network meanwhile: what is watched is a copy.
    predictor = copy.deepcopy(view.predictor)
    for module in predictor.model.modules():
        if not any(module.children()):
            module.register_forward_hook(seen)
    with torch.inference_mode():
        predictor.predict(value[None] if isinstance(value, Tensor) else np.asarray(value)[None])
    return found
