"""Networks as ONNX graphs, written by torch's exporter without its remarks."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sandbox.errors import UserError

PACKAGES = ("onnx", "onnxscript")
"""What torch needs to write a graph and does not bring along."""


def check_packages() -> None:
    """Refuse where a package is missing.

    Raises:
        UserError: says which, and how to install it.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"ONNX export needs {' and '.join(missing)}, which torch does not bring along: "
            f"pip install {' '.join(missing)}"
        )


def to_bytes(
    model: nn.Module,
    inputs: Sequence[Tensor],
    input_names: Sequence[str],
    output_names: Sequence[str],
    shapes: Sequence[Mapping[int, Any]],
) -> bytes:
    """The graph of a network.

    Args:
        model: takes the inputs one by one.
        inputs: examples; a first axis of 1 would be taken for one that is always 1.
        input_names: of the graph.
        output_names: of the graph.
        shapes: of each input, which axes may have another length: `torch.export.Dim` by axis.

    Raises:
        Exception: torch's exporter fails in many ways.
    """
    with _silence():
        program = torch.onnx.export(
            model.eval(),
            tuple(inputs),
            input_names=list(input_names),
            output_names=list(output_names),
            dynamic_shapes=tuple(dict(shape) for shape in shapes),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        program.save(path)
        return path.read_bytes()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """What torch's exporter remarks about itself helps no user; what it raises is told."""
    logger = logging.getLogger("torch")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
