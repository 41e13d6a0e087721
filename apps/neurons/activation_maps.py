"""What a network makes of the plane, as small arrays for the browser: its answer and every neuron's map."""

import base64
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from envs.engine import palette
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data.plane_points import EDGE, Points

SURFACE = 48
"""Side of the answer's map."""
HUES = ("model", "human", "truth", "danger")
"""Of the classes; the board has the same."""
MAP = 20
"""Side of a neuron's map."""
MOST_UNITS = 16
"""Neurons of a layer that are drawn."""


def grid(side: int) -> Tensor:
    """Middles of side x side cells over the plane, (side², 2), from the upper left, row by row."""
    middles = EDGE * ((torch.arange(side) + 0.5) * 2 / side - 1)
    return torch.cartesian_prod(-middles, middles).flip(1).contiguous()


_GRIDS = {side: grid(side) for side in (SURFACE, MAP)}


def activations(model: nn.Module, x: Tensor) -> list[Tensor]:
    """What each layer says to points (N, 2): each hidden layer (N, units), then the outputs (N, O)."""
    with torch.inference_mode():
        if isinstance(model, RBFN):
            features = model.features(x)
            return [features, model.head(features)]
        found = []
        assert isinstance(model, MLP)
        for layer in model:
            x = layer(x)
            if not isinstance(layer, nn.Linear):
                found.append(x)
        return [*found, x]


def surface(model: nn.Module) -> str:
    """The answer everywhere, as base64 of SURFACE² bytes.

    For classes the number stands in the upper two bits and the certainty in the lower six, 0 where all are
    equally likely; values from -1 to 1 become 0 to 255.
    """
    with torch.inference_mode():
        outputs = torch.nan_to_num(model(_GRIDS[SURFACE]))
    if outputs.shape[1] == 1:
        return _packed(((outputs[:, 0].clamp(-1, 1) + 1) * 127.5).round().numpy())
    best, number = outputs.softmax(1).max(1)
    even = 1 / outputs.shape[1]
    certainty = ((best - even) / (1 - even)).clamp(0, 1)
    return _packed((number * 64 + (certainty * 63).round()).numpy())


def picture(model: nn.Module, points: Points) -> NDArray[np.float64]:
    """The answer everywhere with the training points on it, as a photo (rows, columns, 3) in [0, 1]."""
    side = 2 * SURFACE
    with torch.inference_mode():
        outputs = torch.nan_to_num(model(grid(side)))
    hues = np.array([palette.rgb(hue) for hue in HUES]) / 255
    signs = np.array([palette.rgb("danger"), palette.rgb("model")]) / 255
    if outputs.shape[1] == 1:
        values = outputs[:, 0].numpy()
        ground, amount = signs[(values > 0).astype(int)], 0.8 * np.abs(values).clip(0, 1)
    else:
        best, number = outputs.softmax(1).max(1)
        even = 1 / outputs.shape[1]
        ground, amount = hues[number.numpy()], 0.55 * ((best - even) / (1 - even)).numpy()
    image = (1 - amount[:, None]) * 1.0 + amount[:, None] * ground
    image = image.reshape(side, side, 3)
    cells = ((1 - points.x[:, ::-1] * [1, -1] / EDGE) / 2 * side).astype(int)
    for (row, column), target, unseen in zip(cells, points.y, points.unseen, strict=True):
        if not unseen and 0 <= row < side and 0 <= column < side:
            image[row, column] = hues[int(target)] if points.classes else signs[int(target > 0)]
    return image


def maps(model: nn.Module) -> list[list[str]]:
    """For each layer from the input on, each neuron's answer over the plane: base64 of MAP² bytes.

    -1 to 1 become 0 to 255; layers that go further are scaled to their largest. Outputs of classes are
    probabilities.
    """
    x = _GRIDS[MAP]
    layers = [x / EDGE, *activations(model, x)]
    if layers[-1].shape[1] > 1:
        layers[-1] = layers[-1].softmax(1)
    found = []
    for layer in layers:
        scale = max(1.0, float(layer.abs().max())) if torch.isfinite(layer).all() else 1.0
        values = torch.nan_to_num(layer / scale)
        bytes_of = ((values.clamp(-1, 1) + 1) * 127.5).round().numpy()
        found.append([_packed(bytes_of[:, unit]) for unit in range(min(MOST_UNITS, layer.shape[1]))])
    return found


def wires(parameters: list[tuple[Tensor, Tensor]], bumps: bool) -> list[dict[str, Any]]:
    """Weights and biases of each layer as lists, rounded; of bumps the widths as biases."""
    found = []
    for number, (weight, bias) in enumerate(parameters):
        shown = bias.detach().exp() if bumps and number == 0 else bias.detach()
        cut = weight.detach()[:MOST_UNITS, :MOST_UNITS]
        found.append(
            {
                "kind": "bumps" if bumps and number == 0 else "weights",
                "weights": _rounded(cut),
                "biases": _rounded(shown[:MOST_UNITS]),
                "hidden": [max(0, side - MOST_UNITS) for side in weight.shape],
            }
        )
    return found


def _rounded(values: Tensor) -> list[Any]:
    return torch.nan_to_num(values).double().mul(1e3).round().div(1e3).tolist()


def _packed(values: NDArray[Any]) -> str:
    return base64.b64encode(values.astype(np.uint8).tobytes()).decode()
