"""Baselines for sequences that look at nothing, or at the last step only."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from sandbox.metrics.answers import What
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.answers import Answers


class ConstantGuess:
    """Answers the same to every sequence: what is best on average.

    Args:
        targets: of the training sequences, (N, A, 1) numbers or bits, or (N, A) symbols.
        input: how a sequence is read.
        output: what is answered.
    """

    def __init__(self, targets: Tensor, input: Input, output: Answers) -> None:
        self.input, self.output = input, output
        self.row = best_guess(output.what, targets, len(output.symbols))

    def predict(self, inputs: Any) -> Tensor:
        """Outputs (N, 1, A, O) for sequences (N, T, D)."""
        count, length = np.shape(inputs)[:2]
        return self.row.expand(count, 1, self.output.answered(length), len(self.row))


class LastValue:
    """Answers a number with the one that was read last.

    Args:
        input: how a sequence is read.
        output: what is answered.
    """

    def __init__(self, input: Input, output: Answers) -> None:
        self.input, self.output = input, output

    def predict(self, inputs: Any) -> Tensor:
        """Outputs (N, 1, 1, 1) for sequences (N, T, D)."""
        return torch.as_tensor(np.asarray(inputs))[:, None, -1:, :1]


def best_guess(what: What, targets: Tensor, symbols: int) -> Tensor:
    """The outputs (O,) with the lowest loss: the mean number, or the shares of each symbol or bit."""
    if what == "number":
        return targets.mean()[None]
    if what == "bit":
        return torch.logit(targets.mean())[None]
    shares = torch.bincount(targets.flatten(), minlength=symbols).double() / targets.numel()
    return shares.log().float()
