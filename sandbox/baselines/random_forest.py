"""Many decision trees, each grown on other examples, vote. Breiman 2001."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.baselines.class_shares import in_all_classes
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities

TREES = 200


class RandomForest:
    """Answers with the shares of the trees' votes; deterministic.

    Args:
        examples: rows of numbers.
        labels: numbers of their classes.
        input: how an input is read.
        output: the classes.
        rows_of: makes rows of numbers of inputs; None where they are some already.
    """

    def __init__(
        self,
        examples: Float[np.ndarray, "N D"],
        labels: Int[np.ndarray, " N"],
        input: Input,
        output: Probabilities,
        rows_of: Any = None,
    ) -> None:
        from sklearn.ensemble import RandomForestClassifier

        self.input, self.output, self.rows_of = input, output, rows_of
        self.model: Any = RandomForestClassifier(TREES, min_samples_leaf=2, random_state=0)
        self.model.fit(examples, labels)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities (M, C)."""
        rows = self.rows_of(inputs) if self.rows_of else np.asarray(inputs)
        return in_all_classes(self.model.predict_proba(rows), self.model.classes_, self.output.classes)
