"""A random forest over Morgan fingerprints: which surroundings of atoms a molecule has."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox import chemistry
from sandbox.baselines.class_shares import in_all_classes
from sandbox.data.molecule_graphs import graph
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities

TREES, TRIED = 100, 0.1
"""Trees, and the share of the bits that a split tries: more of either takes longer and answers no better."""


class FingerprintForest:
    """Numbers or probabilities from the trees' means; deterministic.

    Args:
        molecules: SMILES to learn from.
        targets: (N,), numbers or classes.
        input: how a molecule is read.
        output: what is answered.
        descriptors: whether the trees also see `DESCRIPTORS` of the whole molecule.
    """

    def __init__(
        self,
        molecules: Sequence[str],
        targets: NDArray[Any],
        input: Input,
        output: Numbers | Probabilities,
        descriptors: bool = False,
    ) -> None:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        self.input, self.output, self.descriptors = input, output, descriptors
        kind: Any = RandomForestClassifier if isinstance(output, Probabilities) else RandomForestRegressor
        self.model: Any = kind(TREES, max_features=TRIED, random_state=0)
        self.model.fit(self._rows(molecules), targets)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Numbers (N, 1), or probabilities (N, 2)."""
        rows = self._rows([str(one) for one in inputs])
        if isinstance(self.output, Probabilities):
            return in_all_classes(self.model.predict_proba(rows), self.model.classes_, self.output.classes)
        return self.model.predict(rows)[:, None]

    def _rows(self, molecules: Sequence[str]) -> NDArray[np.float32]:
        bits = chemistry.fingerprints(molecules)
        if not self.descriptors or not len(bits):
            return bits
        return np.hstack([bits, np.concatenate([graph(one).whole.numpy() for one in molecules])])
