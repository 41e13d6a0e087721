"""A trained network of the plane, and how it is asked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.tasks.inputs.point import Point
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import batched


class PlanePredictor:
    """A trained network that answers with probabilities, or with values in the user's units.

    Attributes:
        model: the network, on points in units of the plane.
        input: how points are read.
        output: probabilities of the classes, or one value.
    """

    def __init__(self, model: MLP | RBFN, meta: Mapping[str, Any]) -> None:
        self.model = model
        self.input, self.output = kinds(meta)
        self.shift, self.scale = meta["value"]

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """For points (N, 2) the probability of each class (N, K), or the value (N, 1)."""
        outputs = batched(self.model, torch.as_tensor(inputs))
        if isinstance(self.output, Probabilities):
            return outputs.softmax(1).numpy()
        return (self.shift + self.scale * outputs).numpy()


def kinds(meta: Mapping[str, Any]) -> tuple[Point, Probabilities | Numbers]:
    """How points are read, and what is answered, by what `PlaneSplit.meta` says."""
    first, second = meta["axes"]
    point = Point((first, second), tuple(meta["shift"]), tuple(meta["scale"]))
    return point, Probabilities(tuple(meta["classes"])) if meta["classes"] else Numbers(["value"])


def make_model(keywords: Mapping[str, Any]) -> MLP | RBFN:
    """The network that `network` describes, with fresh weights."""
    rest = {name: value for name, value in keywords.items() if name != "kind"}
    return RBFN(**rest, width=0.4) if keywords["kind"] == "rbfn" else MLP(**rest)
