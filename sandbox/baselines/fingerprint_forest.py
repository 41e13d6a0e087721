"""A random forest over Morgan fingerprints: which surroundings of atoms a molecule has."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox import chemistry
from sandbox.baselines.class_shares import in_all_classes
from sandbox.baselines.random_forest import TREES
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities


class FingerprintForest:
    """Numbers or probabilities from the trees' means; deterministic.

    Args:
        molecules: SMILES to learn from.
        targets: (N,), numbers or classes.
        input: how a molecule is read.
        output: what is answered.
    """

    def __init__(
        self, molecules: Sequence[str], targets: NDArray[Any], input: Input, output: Numbers | Probabilities
    ) -> None:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        self.input, self.output = input, output
        kind: Any = RandomForestClassifier if isinstance(output, Probabilities) else RandomForestRegressor
        self.model: Any = kind(TREES, max_features=0.3, random_state=0)
        self.model.fit(chemistry.fingerprints(molecules), targets)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Numbers (N, 1), or probabilities (N, 2)."""
        rows = chemistry.fingerprints([str(one) for one in inputs])
        if isinstance(self.output, Probabilities):
            return in_all_classes(self.model.predict_proba(rows), self.model.classes_, self.output.classes)
        return self.model.predict(rows)[:, None]
