"""What answers questions about inputs: a trained network with all it needs, or a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from sandbox.devices import device_of
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.kind import Output

X = TypeVar("X", contravariant=True)
Y = TypeVar("Y", covariant=True)
BATCH = 1_000
"""Inputs that go through a network at a time."""


class Predictor(Protocol[X, Y]):  # pyright: ignore[reportInvalidTypeVarUse]
    """Answers for inputs, as the task's network takes them.

    Attributes:
        input: what it can be asked about, and how that is read and encoded.
        output: what it answers, and how that is printed and saved.
    """

    @property
    def input(self) -> Input:
        """What it can be asked about."""
        ...

    @property
    def output(self) -> Output:
        """What it answers."""
        ...

    def predict(self, inputs: Any, /) -> Any:
        """An answer `Y` for each input `X`: a tensor, an array or a list of them."""
        ...


def read(predictor: Predictor[Any, Any], file: Path) -> Any:
    """The input in a file, encoded.

    Raises:
        UserError: the file cannot be one; says why.
    """
    return predictor.input.encode(predictor.input.read(file))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a network into evaluation mode without gradients, and back into its mode afterwards."""
    before = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(before)


def batched(model: nn.Module, inputs: Tensor, size: int = BATCH) -> Tensor:
    """The network's outputs for inputs (N, ...), in portions, on the CPU and in float32."""
    device = device_of(model)
    with evaluating(model):
        return torch.cat([model(part.to(device)).float().cpu() for part in inputs.split(size)])
