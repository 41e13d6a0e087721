"""A motif found by counting: the word that is most enriched, its relatives as a matrix, and a scan with it.

The words of k letters, each together with its other strand, are counted by sequence. The one that the
positive sequences hold most surely more often than the others is the seed. Sites like it in the positive
ones make a position weight matrix, with which the sites are looked for again. The best score of a sequence,
put through a logistic curve, is its answer. After DREME (Bailey 2011) and the scan of Stormo 1982.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.data import dna
from sandbox.metrics.motif import NONE, Sites
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities

SEED, FLANK, ROUNDS = 8, 2, 4
"""Letters of the seed, and on either side of it; how often the matrix is refined."""
PORTION = 1_000
"""Sequences whose words are counted at a time."""


class MotifScan:
    """Finds one motif that tells the second class from the first.

    Args:
        sequences: to learn from.
        labels: 1 for those that hold it.
        input: how an input is read.
        output: the two classes.
    """

    def __init__(
        self, sequences: Sequence[str], labels: Int[np.ndarray, " N"], input: Input, output: Probabilities
    ) -> None:
        from sklearn.linear_model import LogisticRegression

        self.input, self.output = input, output
        self.width = SEED + 2 * FLANK
        positive = [one for one, label in zip(sequences, labels, strict=True) if label]
        self.motif = _of_word(enriched(sequences, labels))
        for _ in range(ROUNDS):
            self.motif = self._sites(positive, share=0.5).motif()
        self.curve: Any = LogisticRegression(C=1e3)
        self.curve.fit(self._scan(sequences)[0][:, None], labels)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities (M, 2)."""
        return self.curve.predict_proba(self._scan(inputs)[0][:, None])

    def sites(self, inputs: Any) -> list[Sites]:
        """The best site of each sequence that is more likely to hold the motif than not."""
        return [self._sites(inputs, share=0.5)]

    def _sites(self, sequences: Any, share: float) -> Sites:
        best, windows = self._scan(sequences)
        rows = np.flatnonzero(best >= np.quantile(best, 1 - share))
        return Sites(windows[rows], rows)

    def _scan(self, sequences: Any) -> tuple[Float[np.ndarray, " N"], Float[np.ndarray, "N W 4"]]:
        """The score of the best window of each sequence, in bits, and its letters as the motif reads them."""
        rows = dna.one_hot(dna.table(sequences, self.width))
        odds = np.log2(self.motif / NONE).astype(np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(rows, self.width, axis=1).swapaxes(2, 3)
        scores = np.stack(
            [np.einsum("nlwc,wc->nl", windows, each) for each in (odds, odds[::-1, ::-1])], axis=1
        )
        place = scores.reshape(len(rows), -1).argmax(1)
        strand, begin = np.divmod(place, scores.shape[2])
        found = windows[np.arange(len(rows)), begin]
        found = np.where(strand[:, None, None] == 1, found[:, ::-1, ::-1], found)
        return scores.reshape(len(rows), -1).max(1), found


def words(sequences: Sequence[str], size: int) -> tuple[Int[np.ndarray, "N L"], Int[np.ndarray, "N L"]]:
    """The number of the word at each place, or of its other strand if smaller, and where words are whole.

    A word of letters a b c is 16 a + 4 b + c.
    """
    rows = dna.table(sequences, size).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(rows, size, axis=1)
    powers = 4 ** np.arange(size)[::-1]
    known = (windows != dna.UNKNOWN).all(-1)
    safe = np.where(known[..., None], windows, 0)
    return np.minimum(safe @ powers, (3 - safe[..., ::-1]) @ powers), known


def word_counts(sequences: Sequence[str], size: int) -> Float[np.ndarray, "N K"]:
    """How often each word of so many letters stands in each sequence, on either strand."""
    kept, parts = canonical(size), []
    for begin in range(0, len(sequences), PORTION):
        found, known = words(sequences[begin : begin + PORTION], size)
        row = np.broadcast_to(np.arange(len(found))[:, None], found.shape)
        flat = np.bincount((row * 4**size + found)[known], minlength=len(found) * 4**size)
        parts.append(flat.reshape(len(found), 4**size).astype(np.float32)[:, kept])
    return np.concatenate(parts) if parts else np.zeros((0, len(kept)), np.float32)


def canonical(size: int) -> Int[np.ndarray, " K"]:
    """Numbers of the words that stand for themselves and their other strand."""
    every = np.arange(4**size)
    letters = every[:, None] // 4 ** np.arange(size)[::-1] % 4
    return np.flatnonzero(every <= (3 - letters[:, ::-1]) @ 4 ** np.arange(size)[::-1])


def enriched(
    sequences: Sequence[str], labels: Int[np.ndarray, " N"], size: int = SEED
) -> Int[np.ndarray, " W"]:
    """The word that the second class holds most surely more often: by the z-score of two shares."""
    found, known = words(sequences, size)
    held = [
        np.bincount(np.concatenate([np.unique(f[k]) for f, k in zip(found[part], known[part], strict=True)]),
                    minlength=4**size)
        for part in (labels == 0, labels == 1)
    ]  # fmt: skip
    counts = [max(1, int((labels == one).sum())) for one in (0, 1)]
    shares = [(each + 0.5) / (count + 1) for each, count in zip(held, counts, strict=True)]
    mean = (held[0] + held[1] + 1) / (sum(counts) + 2)
    z = (shares[1] - shares[0]) / np.sqrt(mean * (1 - mean) * (1 / counts[0] + 1 / counts[1]))
    return int(z.argmax()) // 4 ** np.arange(size)[::-1] % 4


def _of_word(word: Int[np.ndarray, " W"]) -> Float[np.ndarray, "V 4"]:
    """A matrix that prefers the letters of a word, with open flanks."""
    found = np.full((len(word) + 2 * FLANK, 4), NONE)
    found[FLANK : FLANK + len(word)] = 0.1
    found[FLANK + np.arange(len(word)), word] = 0.7
    return found
