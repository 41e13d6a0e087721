"""A network that says at every time step of a piece which keys sound next, and what composes with it.

A chord is a set of keys. Its probability is computed in one of two ways:

    notes    p(chord | past) = prod_k p(note_k | past, higher notes of the chord), from the highest to the end
    keys     p(chord | past) = prod_key p(key sounds or not | past), each of 88 keys by itself

Both are probabilities of the same thing, so their nats can be compared. `keys` is what the published figures
of an LSTM and a TCN use. `notes` knows what else sounds in the chord, as a composer does (Larochelle & Murray
2011).
"""

from typing import Any, Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.attention import Transformer
from sandbox.blocks.lstm import LSTM
from sandbox.data.piano_roll import KEYS, LONGEST, VOICES
from sandbox.data.piece_batches import Pieces
from sandbox.tasks.families.attention_heads import heads_for

Block = Literal["lstm", "attention"]
Chord = Literal["notes", "keys"]
START, KINDS = KEYS + 1, KEYS + 2
"""What stands before the first chord, and numbers in all: 0 is no note, 1 to 88 are keys."""
APART = 2 * KEYS - 1
NEVER = -1e9


class ChordNetwork(nn.Module):
    """A block over the chords so far, and a head that says the next one note by note, or key by key.

    The head also sees the chord before, and has scores of moving by so many semitones from the note in the
    same place of it: so what it learns of one key helps in all others.

    Args:
        block: `lstm` carries a state from step to step; `attention` looks at all steps before.
        chord: see above.
        hidden: size of the LSTM's state, or of attention's features, H; the head has as many.
        embedding: numbers that a chord is read as, E.
        depth: stacked layers.
        ahead: steps of a known melody that are seen, from the present one on, A.
        dropout: chance of zeroing a number while training.
    """

    def __init__(
        self,
        block: Block,
        chord: Chord,
        hidden: int,
        *,
        embedding: int = 128,
        depth: int = 1,
        ahead: int = 8,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.block, self.chord, self.ahead = block, chord, ahead
        self.read = nn.EmbeddingBag(KINDS, embedding, mode="sum", padding_idx=0)
        self.tune = nn.EmbeddingBag(ahead * KINDS, embedding, mode="sum", padding_idx=0)
        self.body: LSTM | Transformer
        if block == "lstm":
            self.body = LSTM(embedding, hidden, depth=depth, dropout=dropout)
        else:
            heads = heads_for(hidden)
            self.body = Transformer(
                embedding, hidden, depth=depth, num_heads=heads, max_steps=LONGEST, dropout=dropout
            )
        self.dropout = nn.Dropout(dropout)
        self.context = nn.Linear(hidden, hidden)
        self.before = nn.EmbeddingBag(KINDS, hidden, mode="sum", padding_idx=0)
        self.same = nn.Embedding(KINDS, hidden)
        self.above = nn.Embedding(KINDS, hidden)
        self.place = nn.Embedding(VOICES + 1, hidden)
        self.score = nn.Linear(hidden, KEYS + 1)
        self.moves = nn.ModuleList(nn.Linear(hidden, APART) for _ in range(2))
        for one in self.moves:
            assert isinstance(one, nn.Linear)
            nn.init.zeros_(one.weight)
            nn.init.zeros_(one.bias)

    def forward(self, pieces: Pieces) -> Float[Tensor, "B T"]:
        """Nats of each step given those before it; 0 behind the end of a piece."""
        before = before_each(pieces.slots)
        features, _ = self.features(before, self.known(pieces.melody))
        if self.chord == "keys":
            wanted = F.one_hot(pieces.slots, KEYS + 1).sum(2)[..., 1:].float()
            costs = F.binary_cross_entropy_with_logits(
                self.key_scores(features, before), wanted, reduction="none"
            ).sum(-1)
        else:
            scores = self.note_scores(features, before, pieces.slots)
            wanted = F.pad(pieces.slots, (0, 1))
            costs = F.cross_entropy(scores.flatten(0, 2), wanted.flatten(), reduction="none").view(
                wanted.shape
            )
            over = F.pad((wanted == 0).cumsum(2)[..., :-1] > 0, (1, 0))  # the chord has ended before
            costs = costs.masked_fill(over, 0.0).sum(2)
        return costs * pieces.there

    def known(self, melody: Int64[Tensor, "B T"]) -> Int64[Tensor, "B T A"]:
        """The melody of each step and those after it, as numbers of the embedding."""
        whole = F.pad(melody, (0, self.ahead - 1)).unfold(1, self.ahead, 1)
        return torch.where(whole > 0, whole + KINDS * torch.arange(self.ahead, device=melody.device), 0)

    def features(
        self, before: Int64[Tensor, "B T S"], known: Int64[Tensor, "B T A"], state: Any = None
    ) -> tuple[Float[Tensor, "B T H"], Any]:
        """What the block makes of the chords before each step, and its state after the last."""
        x = self.read(before.flatten(0, 1)) + self.tune(known.flatten(0, 1))
        x = self.dropout(x.view(*before.shape[:2], -1))
        if isinstance(self.body, LSTM):
            h, state = self.body(x, state)
        else:
            h, state = self.body(x), None
        h = self.context(self.dropout(h))
        return h + self.before(before.flatten(0, 1)).view(*before.shape[:2], -1), state

    def key_scores(
        self, features: Float[Tensor, "B T H"], before: Int64[Tensor, "B T S"]
    ) -> Float[Tensor, "B T 88"]:
        """Log-odds of each key by itself."""
        u = self.dropout(torch.relu(features))
        moved = self.moves[0](u)[:, :, None].expand(*before.shape, -1)
        return self.score(u)[..., 1:] + _from(moved, before).sum(2)

    def note_scores(
        self,
        features: Float[Tensor, "B T H"],
        before: Int64[Tensor, "B T S"],
        slots: Int64[Tensor, "B T S"],
    ) -> Float[Tensor, "B T S+1 89"]:
        """Scores of each note of a chord, given those above it; number 0 ends the chord."""
        same, above = F.pad(before, (0, 1)), F.pad(slots, (1, 0))
        u = features[:, :, None] + self.same(same) + self.above(above).cumsum(2)
        u = self.dropout(torch.relu(u + self.place.weight[: same.shape[2]]))
        beside = _from(self.moves[0](u), same) + _from(self.moves[1](u), above)
        scores = self.score(u) + F.pad(beside, (1, 0))
        numbers = torch.arange(KEYS + 1, device=slots.device)
        lowest = torch.where(above > 0, above, START)[..., None]
        ended = (above == 0) & (torch.arange(above.shape[2], device=slots.device) > 0)
        full = torch.arange(above.shape[2], device=slots.device) == VOICES
        closed = (ended | full)[..., None] & (numbers > 0)
        return scores.masked_fill(((numbers >= lowest) & (numbers > 0)) | closed, NEVER)


def before_each(slots: Int64[Tensor, "B T S"]) -> Int64[Tensor, "B T S"]:
    """The chord before each step; `START` before the first."""
    first = torch.zeros_like(slots[:, :1])
    first[..., 0] = START
    return torch.cat([first, slots[:, :-1]], 1)


def _from(moved: Tensor, notes: Int64[Tensor, "*B"]) -> Float[Tensor, "*B 88"]:
    """Scores (*B, 175) of moving by -87 to 87 semitones as scores of keys; 0 where there is no note."""
    keys = torch.arange(1, KEYS + 1, device=notes.device)
    there = (notes > 0) & (notes < START)
    places = (keys - torch.where(there, notes, KEYS)[..., None] + KEYS - 1).clamp(0, APART - 1)
    return moved.gather(-1, places) * there[..., None]
