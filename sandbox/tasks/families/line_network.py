"""A network that reads a line of handwriting without cutting it up, and what reads with it.

    v_1 .. v_T = columns of CNN(x)                          a frame for every few pixels, from left to right
    h_t = [forward LSTM at t; backward LSTM at t]            what is around it
    p_t = softmax(W h_t + U v_t)                             a character, or none: the blank

U lets a frame speak for itself, by what is there alone. Without it the network says nothing but blanks for a
long time before it begins to learn.

Nobody says which frame shows which character. Connectionist temporal classification adds up the probabilities
of all ways to spread the characters over the frames. Graves et al. 2006; Shi, Bai & Yao 2017 (CRNN).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import LSTM
from sandbox.tasks.inputs.line import Line
from sandbox.tasks.outputs.transcript import Transcript
from sandbox.tasks.predictor import batched

BLANK = 0
"""What a frame says that says no character; characters count from 1."""
POOLED = 2
"""Convolutions behind which height and width are halved; a frame is so many times two pixels wide."""
PORTION = 200
"""Lines that go through the network at a time."""


class LineNetwork(nn.Module):
    """Scores of the characters at each frame of a line.

    Args:
        shape: height and width of a picture.
        characters: that can be said, without the blank.
        channels: filters of each convolution.
        hidden: numbers of each LSTM's state.
        dropout: chance of zeroing a number between CNN and LSTMs, and behind these, while training.
    """

    def __init__(
        self,
        shape: Sequence[int],
        characters: int,
        *,
        channels: Sequence[int],
        hidden: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        height, width = shape
        pools = [2 if place < POOLED else 1 for place in range(len(channels))]
        self.cnn = CNN((1, height, width), channels, pool=pools, norm="batch", hidden=())
        features = channels[-1] * (height // 2 ** min(POOLED, len(channels)))
        self.forward_reader, self.backward_reader = LSTM(features, hidden), LSTM(features, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * hidden, characters + 1)
        self.direct = nn.Linear(features, characters + 1, bias=False)

    def forward(self, x: Float[Tensor, "B 1 H W"]) -> Float[Tensor, "B T C"]:
        """Scores of the blank and of each character at each frame."""
        # The flattening head of the CNN is left out: its columns are read one after the other.
        columns = self.dropout(self.cnn.body(x).flatten(1, 2).mT)
        one, _ = self.forward_reader(columns)
        other, _ = self.backward_reader(columns.flip(1))
        return self.head(self.dropout(torch.cat([one, other.flip(1)], -1))) + self.direct(columns)


def ctc(scores: Float[Tensor, "B T C"], wanted: Int64[Tensor, "B S"]) -> Tensor:
    """Minus the logarithm of the probability of each text, per character, over all its alignments.

    Args:
        scores: of each frame.
        wanted: numbers of characters, filled up with `BLANK`.
    """
    batch, frames, _ = scores.shape
    lengths = (wanted != BLANK).sum(1)
    # A text that needs more frames than there are has probability 0; it teaches nothing.
    return F.ctc_loss(
        scores.float().log_softmax(-1).transpose(0, 1),
        wanted,
        torch.full((batch,), frames, device=lengths.device),
        lengths,
        blank=BLANK,
        zero_infinity=True,
    )


@dataclass(frozen=True)
class Said:
    """A character that was read.

    Attributes:
        character: what it is.
        first: frame at which it is said first.
        last: frame at which it is said last.
        probability: the highest that one of these frames gives it.
    """

    character: str
    first: int
    last: int
    probability: float


def greedy(probabilities: Float[np.ndarray, "T C"], characters: Sequence[str]) -> list[Said]:
    """The most probable symbol of each frame; repeated ones are one, and blanks are left out."""
    best = probabilities.argmax(-1)
    changes = np.flatnonzero(np.diff(best)) + 1
    found = []
    for first, end in zip([0, *changes], [*changes, len(best)], strict=True):
        symbol = int(best[first])
        if symbol != BLANK:
            highest = float(probabilities[first:end, symbol].max())
            found.append(Said(characters[symbol - 1], int(first), int(end) - 1, highest))
    return found


class LineReader:
    """A trained network that reads lines.

    Attributes:
        model: the network.
        characters: that it can say.
    """

    def __init__(self, model: LineNetwork, shape: Sequence[int], characters: Sequence[str]) -> None:
        self.model, self.characters = model, tuple(characters)
        self.input, self.output = Line((1, *shape)), Transcript()

    def predict(self, inputs: Any) -> list[str]:
        """What each picture (N, 1, H, W) says."""
        return ["".join(one.character for one in said) for said in self.said(inputs)]

    def said(self, inputs: Any) -> list[list[Said]]:
        """The characters of each picture (N, 1, H, W), with their frames."""
        return [greedy(each, self.characters) for each in self.probabilities(inputs)]

    def probabilities(self, inputs: Any) -> NDArray[np.float32]:
        """Of the blank and of each character at each frame, (N, T, C)."""
        pictures = torch.as_tensor(self.input.encoded(inputs))
        return batched(self.model, pictures, PORTION).softmax(-1).numpy()
