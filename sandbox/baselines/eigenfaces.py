"""Faces compared without a network: by their pixels, or by their largest components, the eigenfaces.

Turk & Pentland 1991. Components are divided by their deviation, so that light, the largest one, does not
decide alone; how many there are is chosen on people kept aside.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.baselines.principal_components import PrincipalComponents
from sandbox.metrics.verification import Rates, pair_distances, rates
from sandbox.tasks.inputs.face_pair import FacePair, halves
from sandbox.tasks.outputs.same_person import SamePerson
from sandbox.tasks.split import Examples

COUNTS = (10, 15, 20, 30, 40, 80)
"""Numbers of components that are tried."""


class Pixels:
    """Cosine distance of faces by their pixels, each less its own mean.

    Args:
        aside: pairs of people kept aside, which decide the threshold.
        input: how a pair is read.
    """

    def __init__(self, aside: Examples[Any, Any], input: FacePair) -> None:
        self.input = input
        self.output = SamePerson(self._rates(aside).threshold)

    def embed(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (N, D) of faces (N, 1, S, S)."""
        rows = faces.reshape(len(faces), -1)
        return rows - rows.mean(1, keepdims=True)

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Distances (N, 1) of pairs (N, 1, S, 2 S)."""
        return pair_distances(self.embed(halves(inputs)))[:, None].astype(np.float32)

    def _rates(self, pairs: Examples[Any, Any]) -> Rates:
        targets = np.asarray(pairs.targets)
        return rates(self.predict(pairs.inputs)[:, 0], targets[:, 0] == targets[:, 1])


class Eigenfaces(Pixels):
    """The same of the largest components.

    Args:
        faces: (N, 1, S, S), to find the components in.
        aside: pairs of people kept aside, which decide threshold and number of components.
        input: how a pair is read.
        counts: numbers of components to try.

    Attributes:
        count: components.
    """

    def __init__(
        self,
        faces: NDArray[np.float32],
        aside: Examples[Any, Any],
        input: FacePair,
        counts: Sequence[int] = COUNTS,
    ) -> None:
        most = min(max(counts), len(faces) - 1, faces[0].size)
        examples = torch.from_numpy(np.ascontiguousarray(faces))
        self._components = PrincipalComponents(examples, most, input, SamePerson(1.0))
        self._deviations = self._components.encode(examples).std(0).clamp(min=1e-6)
        found = {}
        for self.count in sorted({min(count, most) for count in counts}):
            found[self.count] = self._rates(aside).equal_error
        self.count = min(found, key=lambda count: found[count])
        super().__init__(aside, input)

    def embed(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """The code of each face in its largest components, in deviations, (N, K)."""
        codes = self._components.encode(np.ascontiguousarray(faces)) / self._deviations
        return codes[:, : self.count].numpy()
