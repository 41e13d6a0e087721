"""A small classifier of real pictures, by whose features generated ones are measured."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.gan import classifier_score, frechet_distance
from sandbox.blocks.mlp import MLP
from sandbox.data.labelled_images import LabelledImages
from sandbox.metrics.scores import PerExample, Scores

STEPS, BATCH, FEATURES = 400, 128, 32
KEPT = 4
"""Classifiers that are kept."""


@dataclass(frozen=True)
class FeatureClassifier:
    """A classifier of real pictures (N, D) in [0, 1].

    Attributes:
        network: makes scores of the classes.
        body: its layers but the last.
        accuracy: share of unseen real pictures that it reads correctly.
        unseen: features of the unseen real pictures.
    """

    network: MLP
    body: nn.Module
    accuracy: float
    unseen: Tensor

    @torch.no_grad()
    def features(self, rows: Tensor) -> Tensor:
        """What its last hidden layer says of pictures, (N, FEATURES)."""
        return self.body(rows)

    @torch.no_grad()
    def read(self, rows: Tensor) -> Tensor:
        """The probability of each class, (N, classes)."""
        return self.network(rows).softmax(1)

    def figures(self, rows: Tensor) -> dict[str, float]:
        """Of one set: `frechet`; `score` and `variety`, both from 1 to the number of classes.

        `score` is the inception score with this classifier; `variety` how many classes' worth are in the set.
        """
        with torch.no_grad():
            logits = self.network(rows)
        shares = logits.softmax(1).mean(0)
        return {
            "frechet": frechet_distance(self.features(rows), self.unseen),
            "score": classifier_score(logits),
            "variety": float((-(shares * shares.clamp_min(1e-12).log()).sum()).exp()),
        }

    def scores(self, sets: Sequence[Tensor]) -> dict[str, Scores]:
        """The same over sets, each as large as the unseen one: the distance depends on the size."""
        found = [self.figures(rows) for rows in sets]
        return {name: PerExample(np.array([one[name] for one in found])) for name in found[0]}


_kept: OrderedDict[tuple[str, tuple[int, ...], float], FeatureClassifier] = OrderedDict()


def feature_classifier(images: LabelledImages) -> FeatureClassifier:
    """The classifier of a set of pictures; the same pictures always get the same one."""
    key = (images.source, tuple(images.train_images.shape), float(images.train_images.double().sum()))
    if key not in _kept:
        _kept[key] = _trained(images)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return _kept[key]


def _trained(images: LabelledImages) -> FeatureClassifier:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        known, labels = images.train_images.flatten(1), images.train_labels
        network = MLP(known.shape[1], (64, FEATURES), len(images.classes), "relu")
        optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.01)
        for _ in range(STEPS):
            rows = torch.randint(len(known), (BATCH,))
            loss = F.cross_entropy(network(known[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    network.requires_grad_(False)
    unseen = images.test_images.flatten(1)
    accuracy = (network(unseen).argmax(1) == images.test_labels).double().mean().item()
    body = nn.Sequential(*list(network)[:-1])
    return FeatureClassifier(network, body, accuracy, body(unseen))
