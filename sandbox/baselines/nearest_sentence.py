"""Take the translation of the known sentence that is most similar."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from sandbox.data.text_features import TextFeatures, hashed
from sandbox.tasks.inputs.text import Text
from sandbox.tasks.outputs.translation import Translation


class NearestSentence:
    """Answers with the translation of the sentence with the most words and pieces in common (tf-idf, cosine).

    Args:
        pairs: sentences with a translation.
        input: how a sentence is read.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], input: Text) -> None:
        self.pairs, self.input, self.output = pairs, input, Translation()

    @cached_property
    def known(self) -> tuple[TextFeatures, Any]:
        """The features of the known sentences, and their matrix; found when they are first asked for."""
        counts = hashed([source for source, _ in self.pairs])
        features = TextFeatures.of(counts, least=1)
        return features, features.matrix(counts)

    def predict(self, inputs: Any) -> list[str]:
        """A known translation for each text."""
        features, matrix = self.known
        likeness = features.matrix(hashed([str(text) for text in inputs])) @ matrix.T
        return [self.pairs[int(place)][1] for place in np.asarray(likeness.argmax(1)).ravel()]
