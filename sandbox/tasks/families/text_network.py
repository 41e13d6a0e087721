"""A network over bags of words and pieces of words, and what sorts texts with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.data.text_features import Bags, TextFeatures, hashed
from sandbox.tasks.inputs.text import Text
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import evaluating

PORTION = 2_000
"""Texts that are answered at a time."""


class TextNetwork(nn.Module):
    """A vector for each word and piece, their weighted sum, and layers to scores. Joulin et al. 2017.

    Args:
        features: that count, K; their hashes and weights are kept with the network's weights.
        classes: C.
        embedding: numbers of a vector, E.
        hidden: sizes of hidden layers.
        missing: chance of leaving out a feature while training.
        dropout: chance of zeroing a number of the sum while training.
    """

    known: Tensor
    weights: Tensor

    def __init__(
        self,
        features: int,
        classes: int,
        *,
        embedding: int,
        hidden: Sequence[int] = (),
        missing: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("known", torch.zeros(features, dtype=torch.int64))
        self.register_buffer("weights", torch.zeros(features))
        self.missing = missing
        self.vectors = nn.Embedding(max(1, features), embedding)
        nn.init.normal_(self.vectors.weight, std=embedding**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.head = MLP(embedding, hidden, classes, "relu")

    def forward(self, bags: Tensor) -> Tensor:
        """Scores (B, C) of bags of features, rows of a sparse matrix (B, K)."""
        found = summed(bags, self.vectors.weight, missing=self.missing if self.training else 0.0)
        return self.head(self.dropout(found))

    @property
    def features(self) -> TextFeatures:
        """The features that it knows."""
        return TextFeatures(self.known.cpu().numpy(), self.weights.cpu().numpy())


def summed(
    bags: Tensor, vectors: Tensor, *, missing: float = 0.0, importance: Tensor | None = None
) -> Tensor:
    """The weighted sums (B, E) of the vectors of the features in bags.

    Args:
        bags: rows of a sparse matrix (B, K).
        vectors: (K, E).
        missing: chance of leaving out a feature.
        importance: (K,), by which weights are multiplied.
    """
    (rows, features), weights = bags.indices(), bags.values()
    offsets = torch.searchsorted(rows, torch.arange(len(bags), device=rows.device))
    if importance is not None:
        weights = weights * importance[features]
    if missing:
        weights = weights * (torch.rand_like(weights) >= missing) / (1 - missing)
    return F.embedding_bag(features, vectors, offsets, mode="sum", per_sample_weights=weights)


class TextClassifier:
    """A trained network.

    Attributes:
        model: makes scores of bags of features.
        input: how a text is read.
        output: the names of the classes.
    """

    def __init__(self, model: TextNetwork, classes: Sequence[str]) -> None:
        self.model, self.input, self.output = model, input_of(), Probabilities(tuple(classes))

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The probability of each class, (N, C)."""
        texts = [str(text) for text in inputs]
        device, features, found = self.model.known.device, self.model.features, []
        with evaluating(self.model):
            for begin in range(0, len(texts), PORTION):
                bags = features.bags(hashed(texts[begin : begin + PORTION]))
                matrix = matrix_of(bags, np.arange(len(bags)), len(features.known), device)
                found.append(self.model(matrix).softmax(1).float().cpu())
        return torch.cat(found).numpy() if found else np.zeros((0, len(self.output.classes)), np.float32)


class BagBatches:
    """Shuffled minibatches of bags; see `ShuffledBatches`."""

    def __init__(
        self,
        bags: Bags,
        features: int,
        labels: NDArray[np.int64],
        *,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.bags, self.labels, self.device = bags, torch.from_numpy(labels).to(device), device
        self.features = features
        self.rows = ShuffledBatches(torch.arange(len(bags)), batch_size=batch_size, seed=seed)

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """The bags and labels of one step."""
        (rows,) = self.rows(step)
        matrix = matrix_of(self.bags, rows.numpy(), self.features, self.device)
        return matrix, self.labels[rows.to(self.device)]


def matrix_of(bags: Bags, rows: NDArray[np.int64], features: int, device: torch.device) -> Tensor:
    """Some of the bags as rows of a sparse matrix (B, K)."""
    lengths = bags.offsets[rows + 1] - bags.offsets[rows]
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    places = np.repeat(bags.offsets[rows] - begins, lengths) + np.arange(int(lengths.sum()))
    indices = np.stack([np.repeat(np.arange(len(rows)), lengths), bags.features[places]])
    return torch.sparse_coo_tensor(
        torch.from_numpy(indices),
        torch.from_numpy(bags.weights[places]),
        (len(rows), max(1, features)),
        device=device,
        is_coalesced=True,
        check_invariants=False,
    )


def input_of() -> Text:
    """How a text is read."""
    return Text(prompt="A text to sort.", example="What is the weather like?")
