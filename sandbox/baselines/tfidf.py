"""What a straight cut can do with words: tf-idf and a linear support vector machine. Joachims 1998."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data.text_features import TextFeatures, hashed
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities

ASIDE = 10
"""One text in so many is kept aside to find out how sure the machine may be."""


class TfidfSVM:
    """Answers with a linear support vector machine over words, pairs of words and pieces of words.

    Its distances become probabilities by a softmax, whose temperature fits texts that were kept aside.

    Args:
        texts: to learn from.
        labels: numbers of their classes.
        classes: their names.
        input: how a text is read.
    """

    def __init__(
        self, texts: Sequence[str], labels: NDArray[np.int64], classes: Sequence[str], input: Input
    ) -> None:
        self.texts, self.labels = texts, labels
        self.input, self.output = input, Probabilities(tuple(classes))

    @cached_property
    def fitted(self) -> tuple[TextFeatures, Any, float]:
        """The features, the machine, and what its distances are multiplied by; found when first asked for."""
        from sklearn.svm import LinearSVC

        counts = hashed(self.texts)
        features = TextFeatures.of(counts)
        rows, labels, scale = features.matrix(counts), self.labels, 1.0
        aside = np.arange(len(labels)) % ASIDE == ASIDE - 1
        if aside.any() and len(np.unique(labels[~aside])) == len(self.output.classes):
            part = LinearSVC().fit(rows[~aside], labels[~aside])
            scale = _scale(self._scores(part, rows[aside]), labels[aside])
        return features, LinearSVC().fit(rows, labels), scale

    def predict(self, inputs: Any) -> Float[np.ndarray, "N C"]:
        """Probabilities of the classes."""
        features, machine, scale = self.fitted
        return _softmax(scale * self._scores(machine, features.matrix(hashed(list(inputs)))))

    def _scores(self, machine: Any, rows: Any) -> NDArray[np.float64]:
        scores = np.asarray(machine.decision_function(rows))
        found = np.full((len(scores), len(self.output.classes)), -10.0)
        found[:, machine.classes_] = np.stack([-scores, scores], 1) if scores.ndim == 1 else scores
        return found


def _scale(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """What scores are multiplied by so that the true classes become most probable. Guo et al. 2017."""
    from scipy.optimize import minimize_scalar

    def loss(log: float) -> float:
        found = _softmax(np.exp(log) * scores)
        return float(-np.log(found[np.arange(len(labels)), labels] + 1e-12).mean())

    found: Any = minimize_scalar(loss, bounds=(-3, 5), method="bounded")
    return float(np.exp(found.x))


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.exp(scores - scores.max(1, keepdims=True))
    return found / found.sum(1, keepdims=True)
