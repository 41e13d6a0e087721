"""What a sensible person would try first to answer customers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from sandbox.baselines.bm25 import BM25
from sandbox.baselines.tfidf import TfidfSVM
from sandbox.metrics.out_of_scope import threshold_at
from sandbox.tasks.families.service_split import ServiceSplit
from sandbox.tasks.families.text_network import input_of
from sandbox.tasks.split import Examples


class SimpleService:
    """A linear machine over words sorts, and BM25 searches.

    Args:
        split: to learn from.
        lost: see `ServiceSettings.threshold_cost`.
    """

    def __init__(self, split: ServiceSplit, lost: float) -> None:
        self.split, self.lost = split, lost
        self.sorter = TfidfSVM(split.train.inputs, split.train.targets, split.classes, input_of())
        self.input, self.output = self.sorter.input, self.sorter.output

    def predict(self, inputs: Any) -> Float[np.ndarray, "N C"]:
        """The probability of each intent."""
        return self.sorter.predict(inputs)

    @cached_property
    def threshold(self) -> float:
        """Chosen by the same texts as the network's."""
        return threshold_of(self, self.split.aside, self.lost)

    @cached_property
    def index(self) -> BM25:
        """Of the passages."""
        assert self.split.searched is not None
        return BM25(self.split.searched.searched)

    def rank(self, texts: Sequence[str]) -> Float[np.ndarray, "N P"]:
        """How well each passage answers each text."""
        return self.index.scores(texts)


def threshold_of(answerer: Any, aside: Examples[str, Any], lost: float) -> float:
    """The threshold of a predictor by texts that were kept aside; a half where there are none."""
    if not len(aside):
        return 0.5
    return threshold_at(np.asarray(answerer.predict(aside.inputs)), np.asarray(aside.targets), lost)
