"""A network that finds motifs: filters slide over both strands of DNA, and the best place of each counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.mlp import MLP
from sandbox.data import dna
from sandbox.metrics.motif import Sites
from sandbox.tasks.inputs.dna import Dna
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import batched, evaluating

PORTION = 500
"""Sequences that go through the network at a time."""
ACTIVE = 0.5
"""Share of a filter's strongest response from which a place is a site of it. Alipanahi et al. 2015."""


class MotifNetwork(nn.Module):
    """One convolution over one-hot DNA, read on both strands, the maximum over places, and an MLP.

    s_k = max over strands and places of F_k * x;  y = MLP(max(0, s - b)). After DeepBind, Alipanahi 2015.

    Args:
        filters: K.
        width: letters that a filter looks at, W.
        hidden: sizes of the MLP's hidden layers.
        classes: C.
        dropout: chance of zeroing a filter's score while training.
    """

    def __init__(
        self, filters: int, width: int, hidden: Sequence[int], classes: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.filters = nn.Parameter(0.3 * torch.randn(filters, 4, width))
        self.threshold = nn.Parameter(torch.zeros(filters))
        self.dropout = nn.Dropout(dropout)
        self.head = MLP(filters, tuple(hidden), classes, "relu")

    @property
    def width(self) -> int:
        """Letters that a filter looks at."""
        return self.filters.shape[2]

    def forward(self, rows: Int[Tensor, "B L"]) -> Float[Tensor, "B C"]:
        """Scores of the classes for sequences of letters' numbers."""
        best = self.responses(rows).flatten(2).amax(2)
        return self.head(self.dropout(F.relu(best - self.threshold)))

    def responses(self, rows: Int[Tensor, "B L"]) -> Float[Tensor, "B K 2 P"]:
        """What each filter says at each place, of either strand."""
        x = F.one_hot(rows.long(), 5)[..., :4].mT.float()
        both = torch.cat([self.filters, self.filters.flip(1, 2)])
        return F.conv1d(x, both).unflatten(1, (2, -1)).transpose(1, 2)


class MotifClassifier:
    """A trained network that says of which class a piece of DNA is.

    Attributes:
        model: the network.
        input: how DNA is read.
        output: the classes.
    """

    def __init__(self, model: MotifNetwork, classes: Sequence[str]) -> None:
        self.model = model
        self.input, self.output = Dna(), Probabilities(tuple(classes))

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The probability of each class (N, C)."""
        if not len(inputs):
            return np.zeros((0, len(self.output.classes)), np.float32)
        return batched(self.model, self.encoded(inputs), PORTION).softmax(1).numpy()

    def encoded(self, inputs: Any) -> Int[Tensor, "N L"]:
        """Sequences as the network takes them, at least as long as a filter."""
        return torch.from_numpy(dna.table([str(one) for one in inputs], self.model.width))

    def strongest(self, inputs: Any) -> tuple[Float[np.ndarray, "N K"], Int[np.ndarray, "N K"]]:
        """The strongest response of each filter in each sequence, and its place; P + place if reversed."""
        responses, places = [], []
        with evaluating(self.model):
            for rows in self.encoded(inputs).split(PORTION):
                best = self.model.responses(rows.to(self.model.filters.device)).flatten(2).max(2)
                responses.append(best.values.cpu().numpy())
                places.append(best.indices.cpu().numpy())
        return np.concatenate(responses), np.concatenate(places)

    def sites(self, inputs: Any) -> list[Sites]:
        """What each filter reacts to: its best place in each sequence that is not far below its very best."""
        responses, places = self.strongest(inputs)
        letters = dna.one_hot(self.encoded(inputs).numpy())
        windows = np.lib.stride_tricks.sliding_window_view(letters, self.model.width, axis=1).swapaxes(2, 3)
        threshold = self.model.threshold.detach().cpu().numpy()
        found = []
        for k, (values, place) in enumerate(zip(responses.T, places.T, strict=True)):
            above = values - threshold[k]
            rows = np.flatnonzero(above > ACTIVE * max(float(above.max()), 1e-9))
            turned, begin = np.divmod(place[rows], windows.shape[1])
            some = windows[rows, begin]
            found.append(Sites(np.where(turned[:, None, None] == 1, some[:, ::-1, ::-1], some), rows))
        return found

    def importance(self, inputs: Any) -> Float[np.ndarray, " K"]:
        """How much each filter adds to the log-odds of the second class, in the mean over sequences."""
        rows = self.encoded(inputs).to(self.model.filters.device)
        with evaluating(self.model):
            best = F.relu(self.model.responses(rows).flatten(2).amax(2) - self.model.threshold)
            whole = self.model.head(best)
            found = []
            for k in range(best.shape[1]):
                without = best.clone()
                without[:, k] = 0
                found.append((whole - self.model.head(without)).diff(dim=1)[:, 0].mean())
        return torch.stack(found).cpu().numpy()
