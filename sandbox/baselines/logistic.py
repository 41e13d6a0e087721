"""Logistic regression of inputs that are made rows of numbers first. Cox 1958."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.baselines.class_shares import in_all_classes
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities


class Logistic:
    """Answers with logistic regression of standardised numbers; `baselines.linear` takes them as they are.

    Args:
        examples: rows of numbers.
        labels: numbers of their classes.
        input: how an input is read.
        output: the classes.
        rows_of: makes rows of numbers of inputs; None where they are some already.
        balanced: every class counts the same, however rare it is.
        penalty: on the weights; 1 is scikit-learn's.
    """

    def __init__(
        self,
        examples: Float[np.ndarray, "N D"],
        labels: Int[np.ndarray, " N"],
        input: Input,
        output: Probabilities,
        rows_of: Any = None,
        balanced: bool = False,
        penalty: float = 1.0,
    ) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self.input, self.output, self.rows_of = input, output, rows_of
        weight = "balanced" if balanced else None
        regression = LogisticRegression(C=1 / penalty, class_weight=weight, max_iter=500)
        self.model = make_pipeline(StandardScaler(), regression)
        self.model.fit(examples, labels)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities (M, C)."""
        rows = self.rows_of(inputs) if self.rows_of else np.asarray(inputs)
        return in_all_classes(self.model.predict_proba(rows), self.model.classes_, self.output.classes)
