"""Who judges made-up pictures: a small classifier of the real ones, and the features it has found."""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.gan import classifier_score, frechet_distance
from sandbox.blocks.mlp import MLP
from sandbox.data.labelled_images import LabelledImages
from sandbox.statistics import bootstrap_interval

STEPS, BATCH, FEATURES = 400, 128, 32
SETS, KEPT = 8, 4
"""Sets of made-up pictures behind an interval; judges that are kept."""


@dataclass(frozen=True)
class Judge:
    """A classifier of real pictures (N, D) in [0, 1]."""

    network: MLP
    body: nn.Module
    """Its layers but the last."""
    accuracy: float
    """Share of held-out real pictures that it reads right."""
    held: Tensor
    """Features of the held-out real pictures."""

    @torch.no_grad()
    def features(self, rows: Tensor) -> Tensor:
        """What its last hidden layer says of pictures, (N, FEATURES)."""
        return self.body(rows)

    @torch.no_grad()
    def read(self, rows: Tensor) -> Tensor:
        """The probability of each class, (N, classes)."""
        return self.network(rows).softmax(1)

    def figures(self, rows: Tensor) -> dict[str, float]:
        """`test_frechet`, and `test_score`, from 1 to the number of classes."""
        with torch.no_grad():
            logits = self.network(rows)
        return {
            "test_frechet": frechet_distance(self.features(rows), self.held),
            "test_score": classifier_score(logits),
        }

    def judged(self, sets: list[Tensor]) -> dict[str, float]:
        """The same as means over sets, each as large as the held-out one, with 95 % intervals over sets."""
        found = [self.figures(rows) for rows in sets]
        figures = {}
        for name in found[0]:
            interval = bootstrap_interval([one[name] for one in found])
            figures |= interval.metrics(name)
        return figures


_judges: OrderedDict[tuple[str, tuple[int, ...], float], Judge] = OrderedDict()


def judge_of(images: LabelledImages) -> Judge:
    """The judge of a set of pictures; the same pictures always get the same one."""
    key = (images.source, tuple(images.train_images.shape), float(images.train_images.double().sum()))
    if key not in _judges:
        _judges[key] = _taught(images)
        while len(_judges) > KEPT:
            _judges.popitem(last=False)
    return _judges[key]


def _taught(images: LabelledImages) -> Judge:
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
    held = images.test_images.flatten(1)
    right = (network(held).argmax(1) == images.test_labels).double().mean().item()
    body = nn.Sequential(*list(network)[:-1])
    return Judge(network, body, right, body(held))
