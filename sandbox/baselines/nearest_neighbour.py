"""The baseline that needs no training: the class of the most similar example. Cover & Hart 1967."""

from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional as F

from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities


class NearestNeighbour:
    """Answers with the class of the training example at the smallest Euclidean distance.

    Args:
        examples: (N, ...), compared number by number.
        labels: their classes.
        classes: names of the classes.
        input: how an input is read.
    """

    def __init__(
        self, examples: Tensor, labels: Int64[Tensor, " N"], classes: tuple[str, ...], input: Input
    ) -> None:
        self.examples, self.labels = examples.flatten(1), labels
        self.input, self.output = input, Probabilities(classes)

    def answers(self, inputs: Any) -> Int64[Tensor, " M"]:
        """The class of each input (M, ...)."""
        return nearest_labels(self.examples, self.labels, torch.as_tensor(inputs).flatten(1))

    def predict(self, inputs: Any) -> Float[Tensor, "M C"]:
        """All of the probability on one class."""
        return F.one_hot(self.answers(inputs), len(self.output.classes)).float()
