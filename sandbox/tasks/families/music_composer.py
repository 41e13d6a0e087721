"""What composes with a network: costs of a piece, its continuation, voices below a melody."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor

from sandbox.data.piano_roll import KEYS, LONGEST, VOICES, Rolls, roll_of_slots, slots_of
from sandbox.data.piece_batches import side_by_side
from sandbox.devices import device_of
from sandbox.tasks.composer import Composer, Composing
from sandbox.tasks.families.music_network import START, ChordNetwork, before_each
from sandbox.tasks.predictor import evaluating

ROWS = 64
"""Pieces that are read side by side."""


class NetworkComposer(Composer):
    """A trained network that composes.

    Attributes:
        model: the network.
    """

    def __init__(self, model: ChordNetwork, composing: Composing, per_beat: int = 1) -> None:
        super().__init__(composing, per_beat)
        self.model = model

    def costs(self, pieces: Rolls) -> list[Float[np.ndarray, " _"]]:
        """Pieces go through the network side by side."""
        found: list[Float[np.ndarray, " _"]] = []
        for begin in range(0, len(pieces), ROWS):
            some = [np.asarray(one, bool)[-LONGEST:] for one in pieces[begin : begin + ROWS]]
            with evaluating(self.model):
                costs = self.model(side_by_side(some, device_of(self.model))).double().cpu().numpy()
            found += [row[: len(one)] for row, one in zip(costs, some, strict=True)]
        return found

    def next_notes(self, piece: NDArray[np.bool_]) -> Float[np.ndarray, "T 88"]:
        """How probable each key is as the highest note of each step; key by key, how probable it sounds."""
        pieces = side_by_side([np.asarray(piece, bool)[-LONGEST:]], device_of(self.model))
        before = before_each(pieces.slots)
        with evaluating(self.model):
            features, _ = self.model.features(before, self.model.known(pieces.melody))
            if self.model.chord == "keys":
                found = self.model.key_scores(features, before)[0].sigmoid()
            else:
                found = self.model.note_scores(features, before, pieces.slots)[0, :, 0].softmax(-1)[:, 1:]
        return found.float().cpu().numpy()

    def drawn(
        self, begins: Rolls, seeds: Sequence[int], how: Composing, melody: Int64[np.ndarray, "N T"]
    ) -> list[NDArray[np.bool_]]:
        """Pieces whose beginnings are of one length are written side by side."""
        lengths = np.array([min(len(one), LONGEST) for one in begins])
        found: list[Any] = [None] * len(begins)
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length).tolist()
            some = [np.asarray(begins[row], bool)[-LONGEST:] for row in rows]
            for row, one in zip(
                rows, self._drawn(some, [seeds[i] for i in rows], how, melody[rows]), strict=True
            ):
                found[row] = one
        return found

    def _drawn(
        self, begins: Rolls, seeds: Sequence[int], how: Composing, melody: Int64[np.ndarray, "N T"]
    ) -> list[NDArray[np.bool_]]:
        device, count = device_of(self.model), melody.shape[1]
        size = KEYS if self.model.chord == "keys" else VOICES
        draws = np.stack([np.random.default_rng(seed).random((count, size)) for seed in seeds])
        before = torch.from_numpy(np.stack([slots_of(one) for one in begins])).to(device)
        start = (
            torch.zeros_like(before[:, :1]) if before.shape[1] else before.new_zeros(len(begins), 1, VOICES)
        )
        start[..., 0] = START
        before, tune = torch.cat([start, before], 1), torch.from_numpy(melody).to(device)
        # Of the beginning itself nothing is said beforehand; each new step sees the melody from there on.
        known = self.model.known(tune)
        free = known.new_zeros(len(begins), before.shape[1] - 1, self.model.ahead)
        state, new, chords = None, before, []
        with evaluating(self.model):
            for place in range(count):
                seen = torch.cat([free, known[:, : place + 1]], 1)
                if self.model.block == "attention":  # it reads all steps again
                    h, _ = self.model.features(before[:, -LONGEST:], seen[:, -LONGEST:])
                else:
                    h, state = self.model.features(new, seen[:, -new.shape[1] :], state)
                new = self._chord(h[:, -1:], before[:, -1:], draws[:, place], how, tune[:, place])
                before = torch.cat([before, new], 1)
                chords.append(new)
        slots = torch.cat(chords, 1).cpu().numpy()
        return [roll_of_slots(one) for one in slots]

    def _chord(
        self,
        h: Float[Tensor, "N 1 H"],
        before: Int64[Tensor, "N 1 8"],
        draws: Float[np.ndarray, "N D"],
        how: Composing,
        melody: Int64[Tensor, " N"],
    ) -> Int64[Tensor, "N 1 8"]:
        """Draw one chord of each piece."""
        numbers = torch.from_numpy(draws).to(h.device)
        if self.model.chord == "keys":
            odds = self.model.key_scores(h, before)[:, 0].double() / how.temperature
            sounds = odds.sigmoid() > numbers
            keys = torch.arange(1, KEYS + 1, device=h.device)
            given = melody[:, None] > 0
            sounds = torch.where(
                given, (sounds & (keys < melody[:, None])) | (keys == melody[:, None]), sounds
            )
            return (sounds * keys).topk(VOICES).values[:, None]
        chord = torch.zeros_like(before)
        chord[:, 0, 0] = melody
        for slot in range(VOICES):
            scores = self.model.note_scores(h, before, chord)[:, 0, slot].double() / how.temperature
            sums = scores.softmax(-1).cumsum(-1)
            drawn = (sums < numbers[:, slot, None] * sums[:, -1:]).sum(-1).clamp_max(KEYS)
            chord[:, 0, slot] = torch.where(melody > 0, melody, drawn) if slot == 0 else drawn
            if not drawn.any() and slot:
                break
        return chord
