"""Pieces of music side by side, and batches of them: whole pieces, each in a key of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from sandbox.data.piano_roll import VOICES, Rolls, melody_of, slots_of, transposed


@dataclass(frozen=True)
class Pieces:
    """Pieces side by side.

    Attributes:
        slots: keys of each step, counted from 1, the highest first; 0 where there are no more.
        melody: the highest key of steps whose melody is known beforehand; 0 where it is not.
        there: False behind the end of a piece.
    """

    slots: Int64[Tensor, "B T S"]
    melody: Int64[Tensor, "B T"]
    there: Bool[Tensor, "B T"]


class PieceBatches:
    """Batches of whole pieces, each in a key of its own; pieces of about the same length come together.

    `batches(step)` is a function of the step alone.

    Args:
        pieces: piano rolls.
        batch_size: pieces in a batch.
        transpose: semitones by which a piece is moved up or down, at most.
        told: chance that the melody of a piece is known beforehand.
        seed: of the draws.
        device: for the network.
    """

    def __init__(
        self,
        pieces: Rolls,
        *,
        batch_size: int,
        transpose: int,
        told: float,
        seed: int,
        device: torch.device,
    ) -> None:
        self.pieces, self.size = list(pieces), min(batch_size, len(pieces))
        self.transpose, self.told, self.seed, self.device = transpose, told, seed, device
        self.lengths = np.array([len(one) for one in self.pieces])
        self.per_epoch = max(1, len(self.pieces) // self.size)

    def __call__(self, step: int) -> tuple[Pieces, Tensor]:
        """The pieces of one step, and which of their steps count."""
        epoch, place = divmod(step, self.per_epoch)
        generator = np.random.default_rng((self.seed, epoch))
        # A piece changes its place in the row of lengths a little from epoch to epoch.
        order = np.argsort(self.lengths * generator.uniform(0.8, 1.25, len(self.lengths)))
        chosen = generator.permutation(self.per_epoch)[place]
        first = int(generator.integers(0, len(order) - self.per_epoch * self.size + 1))
        rows = order[first + chosen * self.size :][: self.size]
        generator = np.random.default_rng((self.seed, 1, step))
        moved = generator.integers(-self.transpose, self.transpose + 1, len(rows))
        told = generator.random(len(rows)) < self.told
        some = [transposed(self.pieces[row], int(by)) for row, by in zip(rows, moved, strict=True)]
        found = side_by_side(some, self.device, told.tolist())
        return found, found.there


def side_by_side(pieces: Rolls, device: torch.device, told: Sequence[bool] | None = None) -> Pieces:
    """Pieces of different lengths in one batch.

    Args:
        pieces: piano rolls.
        device: for the network.
        told: whose melody is known beforehand; by default of none.
    """
    longest = max(map(len, pieces))
    slots = np.zeros((len(pieces), longest, VOICES), np.int64)
    melody, there = np.zeros((len(pieces), longest), np.int64), np.zeros((len(pieces), longest), bool)
    for row, piece in enumerate(pieces):
        slots[row, : len(piece)] = slots_of(piece)
        there[row, : len(piece)] = True
        if told is not None and told[row]:
            melody[row, : len(piece)] = melody_of(piece)
    # Slots that are empty in all of them cost time and say nothing.
    used = min(VOICES, max(1, int((slots > 0).sum(2).max())))
    found = (torch.from_numpy(one).to(device) for one in (slots[..., :used], melody, there))
    return Pieces(*found)
