"""What a text is made of, as numbers of features: words, pairs of words, and pieces of words.

Features are hashed (Weinberger et al. 2009), so nothing has to be kept but the numbers of those that were
seen in the training texts, with their weights: tf-idf, Spärck Jones 1972.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HASHED = 2**20
WORDS, PIECES = (1, 2), (2, 5)
"""Words of a group, and characters of a piece of a word."""
LONGEST = 20_000
"""Characters of a text that are looked at."""


@dataclass(frozen=True)
class Bags:
    """Texts as bags of features, one behind the other.

    Attributes:
        features: numbers of all features.
        weights: of each; the squares of a text's add up to 1.
        offsets: where each text begins, (N + 1,).
    """

    features: NDArray[np.int64]
    weights: NDArray[np.float32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True)
class TextFeatures:
    """The features that count.

    Attributes:
        known: hashes of features, ascending; the place of one is its number.
        weights: how much each says: the rarer it is in the training texts, the more.
    """

    known: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, counts: Any, *, least: int = 2, most: int = 60_000) -> "TextFeatures":
        """Those of training texts.

        Args:
            counts: of all features in the training texts, as `hashed` gives them.
            least: texts that a feature must be in.
            most: features; the most frequent ones.
        """
        documents = np.bincount(counts.indices, minlength=HASHED)
        found = np.flatnonzero(documents >= min(least, max(1, counts.shape[0] // 4)))
        if len(found) > most:
            found = np.sort(found[np.argsort(-documents[found], kind="stable")[:most]])
        weights = np.log((1 + counts.shape[0]) / (1 + documents[found])) + 1
        return cls(found.astype(np.int64), weights.astype(np.float32))

    def matrix(self, counts: Any) -> Any:
        """Texts as rows of a sparse matrix (N, K) of length 1, or 0 where nothing is known.

        Args:
            counts: of all their features, as `hashed` gives them.
        """
        from sklearn.preprocessing import normalize

        known = counts[:, self.known]
        known.data = 1 + np.log(known.data)
        return normalize(known.multiply(self.weights[None]).tocsr(), copy=False)

    def coverage(self, counts: Any) -> NDArray[np.float32]:
        """How much of each text is known, by weight, (N,); what is unknown weighs as much as what is rarest.

        Args:
            counts: of all their features, as `hashed` gives them.
        """
        seen = (counts > 0).astype(np.float32)
        known = np.asarray(seen[:, self.known] @ self.weights, np.float32).ravel()
        unknown = np.asarray(seen.sum(1)).ravel() - np.asarray(seen[:, self.known].sum(1)).ravel()
        whole = known + unknown * (self.weights.max() if len(self.weights) else 1.0)
        return (known / np.maximum(whole, 1e-9)).astype(np.float32)

    def bags(self, counts: Any) -> Bags:
        """Texts as bags."""
        rows = self.matrix(counts)
        return Bags(rows.indices.astype(np.int64), rows.data.astype(np.float32), rows.indptr.astype(np.int64))


def hashed(texts: Sequence[str]) -> Any:
    """Counts of all features of texts, as a sparse matrix (N, HASHED)."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer

    plain = {"n_features": HASHED, "alternate_sign": False, "norm": None, "dtype": np.float32}
    cut = [str(text)[:LONGEST] for text in texts]
    words = HashingVectorizer(ngram_range=WORDS, token_pattern=r"(?u)\b\w+\b|[?!]", **plain)
    pieces = HashingVectorizer(ngram_range=PIECES, analyzer="char_wb", **plain)
    return csr_matrix(words.transform(cut) + pieces.transform(cut))
