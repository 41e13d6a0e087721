"""A network that puts questions and passages into one space, near each other where they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.data.batches import ShuffledBatches
from sandbox.data.documents import Searched
from sandbox.data.text_features import Bags, TextFeatures, hashed
from sandbox.tasks.families.text_network import PORTION, matrix_of, summed
from sandbox.tasks.predictor import evaluating

MOST_FEATURES = 12_000
RENEWED = 20
"""Steps after which the passages that a question is told from are embedded again."""
SCALE = 20.0
"""What cosines are multiplied by before the softmax, to begin with."""


class PassageNetwork(nn.Module):
    """The direction of a weighted sum of vectors, one for each word and piece of a word.

    The vectors begin as the principal directions of the passages (latent semantic analysis, Deerwester et al.
    1990). Gradients turn them and learn how much each word says, with a contrastive loss: a question belongs
    to its passage and to no other (van den Oord et al. 2018; Karpukhin et al. 2020).

    Args:
        features: that count, K; their hashes and weights are kept with the network's weights.
        passages: P.
        embedding: numbers of a place in the space, E.
        missing: chance of leaving out a feature while training.

    Attributes:
        index: places of all passages, (P, E).
        negatives: the same, as they were a few steps ago: what questions are told from while training.
    """

    known: Tensor
    weights: Tensor
    index: Tensor
    negatives: Tensor

    def __init__(self, features: int, passages: int, *, embedding: int, missing: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("known", torch.zeros(features, dtype=torch.int64))
        self.register_buffer("weights", torch.zeros(features))
        self.register_buffer("index", torch.zeros(passages, embedding))
        self.register_buffer("negatives", torch.zeros(passages, embedding))
        self.missing = missing
        self.vectors = nn.Embedding(max(1, features), embedding)
        self.importance = nn.Parameter(torch.zeros(max(1, features)))
        self.scale = nn.Parameter(torch.tensor(float(np.log(SCALE))))

    def forward(self, bags: Tensor) -> Tensor:
        """Directions (B, E) of bags of features, rows of a sparse matrix (B, K)."""
        missing = self.missing if self.training else 0.0
        found = summed(bags, self.vectors.weight, missing=missing, importance=self.importance.exp())
        return F.normalize(found, dim=1)

    def scores(
        self, questions: Tensor, rests: Tensor, passages: Tensor, every: Tensor | None = None
    ) -> Tensor:
        """Scores (B, P) of all passages: a question's own as it is without the question, others as they were.

        Args:
            questions: bags (B, K).
            rests: bags of the passages without them (B, K).
            passages: their numbers, (B,).
            every: bags of all passages (P, K), to embed them again.
        """
        if every is not None:
            with evaluating(self):
                self.negatives.copy_(self(every))
        places = self(questions)
        own = (places * self(rests)).sum(1, keepdim=True)
        return (places @ self.negatives.T).scatter(1, passages[:, None], own) * self.scale.exp()

    @property
    def features(self) -> TextFeatures:
        """The features that it knows."""
        return TextFeatures(self.known.cpu().numpy(), self.weights.cpu().numpy())

    def nearness(self, texts: Sequence[str]) -> Tensor:
        """How near each passage is to each text, (N, P): the cosine times the share of it that is known.

        A text of which hardly a word is known has some direction all the same, and it means nothing.
        """
        counts, features = hashed(texts), self.features
        shares = torch.from_numpy(features.coverage(counts)).to(self.index)
        return (self.places(features.bags(counts)) * shares[:, None]) @ self.index.T

    def places(self, bags: Bags) -> Tensor:
        """Directions of bags, (N, E)."""
        found = [torch.zeros(0, self.index.shape[1], device=self.index.device)]
        with evaluating(self):
            for begin in range(0, len(bags), PORTION):
                rows = np.arange(begin, min(begin + PORTION, len(bags)))
                found.append(self(matrix_of(bags, rows, len(self.known), self.index.device)))
        return torch.cat(found)


class PassageBatches:
    """Sentences with the passages that they were taken out of, as batches; and how such a network begins.

    Args:
        searched: the passages.
        batch_size: sentences in a batch.
        seed: of their order.
        device: to learn on.
    """

    def __init__(self, searched: Searched, *, batch_size: int, seed: int, device: torch.device) -> None:
        passages, questions = hashed(searched.searched), hashed(searched.train.texts)
        self.own = torch.tensor(list(searched.train.passages))
        rests = passages[self.own.numpy()] - questions
        rests.data = np.maximum(rests.data, 0)
        rests.eliminate_zeros()
        self.features = TextFeatures.of(passages, most=MOST_FEATURES)
        self.rows = self.features.matrix(passages)
        self.passages, self.questions, self.rests = map(self.features.bags, (passages, questions, rests))
        self.order = ShuffledBatches(torch.arange(len(self.own)), batch_size=batch_size, seed=seed)
        self.device = device

    def __call__(self, step: int) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """What `PassageNetwork.scores` takes; all passages now and then only."""
        (rows,) = self.order(step)
        every = None if step % RENEWED else self._matrix(self.passages, np.arange(len(self.passages)))
        questions, rests = (self._matrix(bags, rows.numpy()) for bags in (self.questions, self.rests))
        return questions, rests, self.own[rows].to(self.device), every

    @torch.no_grad()
    def begin(self, network: PassageNetwork) -> None:
        """Give a network its features, and the principal directions of the passages for vectors."""
        network.known.copy_(torch.from_numpy(self.features.known))
        network.weights.copy_(torch.from_numpy(self.features.weights))
        network.vectors.weight.copy_(torch.from_numpy(_directions(self.rows, network.index.shape[1])))

    def settle(self, network: PassageNetwork) -> None:
        """Embed all passages as the network sees them now."""
        network.index.copy_(network.places(self.passages))

    def _matrix(self, bags: Bags, rows: NDArray[np.int64]) -> Tensor:
        return matrix_of(bags, rows, len(self.features.known), self.device)


def _directions(rows: Any, count: int) -> NDArray[np.float32]:
    """The first right singular vectors of a matrix (P, K), as columns (K, count); zeros behind them."""
    values, left = np.linalg.eigh(np.asarray((rows @ rows.T).todense(), np.float64))
    values, left = values[::-1][:count], left[:, ::-1][:, :count]
    kept = values > 1e-6 * max(1e-12, float(values[0]))
    found = np.zeros((rows.shape[1], count), np.float32)
    found[:, : kept.sum()] = rows.T @ (left[:, kept] / np.sqrt(values[kept]))
    return found
