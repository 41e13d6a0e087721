"""What a straight cut can do: logistic regression, or least squares for values. Cox 1958."""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.baselines.class_shares import in_all_classes
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities

PENALTY = 100.0
"""Inverse strength of the penalty on the weights of logistic regression: nearly none."""


class Linear:
    """Answers with a linear model of rows of numbers.

    Args:
        examples: to learn from.
        targets: (N,) numbers of classes, or values.
        input: how an input is read.
        output: what is answered.
    """

    def __init__(
        self,
        examples: Float[np.ndarray, "N D"],
        targets: NDArray[Any],
        input: Input,
        output: Probabilities | Numbers,
    ) -> None:
        from sklearn.linear_model import LinearRegression, LogisticRegression

        self.input, self.output = input, output
        classes = isinstance(output, Probabilities)
        self.model: Any = LogisticRegression(C=PENALTY, max_iter=1_000) if classes else LinearRegression()
        self.model.fit(examples, targets)

    def predict(self, inputs: Any) -> Float[np.ndarray, "M K"]:
        """Probabilities of the classes, or values (M, 1)."""
        rows, model = np.asarray(inputs), self.model
        if isinstance(self.output, Numbers):
            return np.asarray(model.predict(rows))[:, None]
        return in_all_classes(model.predict_proba(rows), model.classes_, self.output.classes)
