"""BM25: which passages share the rare words of a question? Robertson & Zaragoza 2009."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sandbox.data.text_features import HASHED

K1, B = 1.5, 0.75
"""How soon a word that comes again counts no more, and how much a long passage is marked down."""


class BM25:
    """An index of texts.

    Args:
        texts: to search, P.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        counts = _words(texts)
        lengths = np.asarray(counts.sum(1)).ravel()
        documents = np.bincount(counts.indices, minlength=HASHED)
        rarity = np.log(1 + (len(texts) - documents + 0.5) / (documents + 0.5))
        damped = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        again = counts.data * (K1 + 1) / (counts.data + np.repeat(damped, np.diff(counts.indptr)))
        counts.data = (again * rarity[counts.indices]).astype(np.float32)
        self.weights = counts.T.tocsr()

    def scores(self, queries: Sequence[str]) -> Float[np.ndarray, "N P"]:
        """How well each text answers each question; 0 if they share no word."""
        return np.asarray((_words(queries) @ self.weights).todense())


def _words(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    plain: Any = {"n_features": HASHED, "alternate_sign": False, "norm": None, "dtype": np.float32}
    return HashingVectorizer(token_pattern=r"(?u)\b\w+\b", **plain).transform(list(texts))
