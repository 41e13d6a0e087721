"""As many centres as fit the examples best, in no order. Lloyd 1957."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.codes import Codes


class KMeans:
    """Answers with the number of the nearest centre, by scikit-learn; fitted when it is first asked.

    Args:
        examples: (N, ...).
        count: centres.
        input: how an input is read.

    Attributes:
        mean: of the examples.
        places: None: centres have no neighbours.
    """

    places = None

    def __init__(self, examples: Tensor, count: int, input: Input) -> None:
        self._rows, self._count = examples.flatten(1), count
        self.input, self.output, self.mean = input, Codes(("centre",)), self._rows.mean(0)

    @cached_property
    def centres(self) -> Tensor:
        """(centres, D)."""
        from sklearn.cluster import KMeans as Fit

        model = Fit(min(self._count, len(self._rows)), random_state=0).fit(self._rows.numpy())
        return torch.from_numpy(model.cluster_centers_).float()

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The number of the nearest centre, (N, 1), counted from 1."""
        rows = torch.as_tensor(inputs).flatten(1)
        return (torch.cdist(rows, self.centres).argmin(1, keepdim=True) + 1).float().numpy()
