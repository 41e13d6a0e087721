"""The baseline that remembers all examples: the vote, or the mean, of the nearest few. Cover & Hart 1967."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities


class Neighbours:
    """Answers with the shares of the classes, or the mean value, of the nearest examples.

    Args:
        examples: rows of numbers, compared by their Euclidean distance.
        targets: (N,) numbers of classes, or values.
        input: how an input is read.
        output: what is answered.
        count: examples that are asked, fewer if there are not as many.
        rows_of: makes rows of numbers of inputs; None where they are some already.
    """

    def __init__(
        self,
        examples: Float[np.ndarray, "N D"],
        targets: NDArray[Any],
        input: Input,
        output: Probabilities | Numbers,
        count: int = 5,
        rows_of: Callable[[Any], NDArray[Any]] | None = None,
    ) -> None:
        self.examples, self.input, self.output, self.rows_of = examples, input, output, rows_of
        self.count = min(count, len(examples))
        classes = isinstance(output, Probabilities)
        self.answers = np.eye(len(output.classes))[targets.astype(int)] if classes else targets[:, None]

    def predict(self, inputs: Any) -> Float[np.ndarray, "M K"]:
        """Probabilities of the classes, or values (M, 1)."""
        rows = np.asarray(self.rows_of(inputs) if self.rows_of else inputs)
        # In portions, to bound the memory.
        parts = np.array_split(rows, 1 + len(rows) * len(self.examples) // 5_000_000)
        return np.concatenate([self._answer(part) for part in parts])

    def _answer(self, rows: NDArray[Any]) -> NDArray[Any]:
        distance = np.linalg.norm(rows[:, None] - self.examples[None], axis=2)
        near = np.argsort(distance, axis=1, kind="stable")[:, : self.count]
        return self.answers[near].mean(1)
