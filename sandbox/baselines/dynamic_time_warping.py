"""How words were recognised before networks: the most similar recording, after warping time.

D(i, j) = |a_i - b_j|² + min(D(i-1, j), D(i, j-1), D(i-1, j-1))      Sakoe & Chiba 1978

a and b are the mel-frequency cepstral coefficients (Davis & Mermelstein 1980) of two words over time.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.data.log_mel import LogMel, mfcc, normalised
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities

LENGTH, BAND = 32, 6
"""Moments of each word, and how far one may be from its partner."""
COEFFICIENTS = 13
LOUD = -0.5
"""Deviations from a clip's mean above which a moment belongs to the word."""
PAIRS = 250_000
"""Pairs of words that are compared at a time."""


class WarpedNeighbour:
    """Answers with the class of the recording at the smallest warped distance.

    Args:
        front: makes spectrograms of waveforms.
        examples: (N, T) waveforms to look among.
        labels: their classes.
        input: how a recording is read.
        output: names of the classes.
    """

    def __init__(
        self,
        front: LogMel,
        examples: Float[Tensor, "N T"],
        labels: Int64[Tensor, " N"],
        input: Input,
        output: Probabilities,
    ) -> None:
        self.front, self.input, self.output = front, input, output
        self.examples, self.labels = cepstra(front, examples), labels

    def predict(self, inputs: Any) -> Float[Tensor, "M C"]:
        """All of the probability on one class, for waveforms (M, T)."""
        found = cepstra(self.front, torch.as_tensor(np.asarray(inputs, np.float32)))
        parts = found.split(max(1, PAIRS // len(self.examples)))
        nearest = torch.cat([warped_distances(part, self.examples).argmin(1) for part in parts])
        return F.one_hot(self.labels[nearest], len(self.output.classes)).float()


def cepstra(front: LogMel, sounds: Float[Tensor, "N T"], at_once: int = 500) -> Float[Tensor, "N L K"]:
    """Coefficients of the loud part of each sound at `LENGTH` moments, without the one of loudness."""
    with torch.inference_mode():
        spectrograms = torch.cat([normalised(front(part)) for part in sounds.split(at_once)])
        coefficients = mfcc(spectrograms, COEFFICIENTS)[:, 1:].numpy()
        loudness = spectrograms.mean(1).numpy()
    rows = []
    for one, loud in zip(coefficients, loudness, strict=True):
        there = np.flatnonzero(loud > LOUD)
        first, last = (there[0], there[-1]) if len(there) else (0, len(loud) - 1)
        rows.append(_at(one, np.linspace(first, last, LENGTH)))
    return torch.from_numpy(np.stack(rows))


def warped_distances(
    queries: Float[Tensor, "M L K"], examples: Float[Tensor, "N L K"]
) -> Float[Tensor, "M N"]:
    """The smallest sum of squared distances along a path through time, for each pair."""
    length = queries.shape[1]
    of_queries, of_examples = queries.square().sum(2), examples.square().sum(2)
    far = torch.full((len(queries), len(examples)), torch.inf)
    above: list[Tensor] = [far] * length
    for i in range(length):
        row: list[Tensor] = [far] * length
        for j in range(max(0, i - BAND), min(length, i + BAND + 1)):
            distance = of_queries[:, i, None] + of_examples[:, j] - 2 * queries[:, i] @ examples[:, j].T
            before = above[j] if j == 0 else torch.minimum(torch.minimum(above[j], above[j - 1]), row[j - 1])
            row[j] = distance if i == j == 0 else distance + (row[j - 1] if i == 0 else before)
        above = row
    return above[-1]


def _at(rows: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows (K, L) at places between the columns, (places, K)."""
    low = np.floor(places).astype(int)
    high, share = np.minimum(low + 1, rows.shape[1] - 1), (places - low).astype(np.float32)
    return (rows[:, low] * (1 - share) + rows[:, high] * share).T.astype(np.float32)
