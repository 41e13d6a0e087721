"""Networks that say at every token of a text what comes next, and what writes with them."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.attention import Transformer
from sandbox.blocks.lstm import LSTM
from sandbox.data.subwords import Vocabulary
from sandbox.tasks.families.attention_heads import heads_for
from sandbox.tasks.predictor import evaluating
from sandbox.tasks.writer import Drawing, Writer

Block = Literal["lstm", "attention"]
State = tuple[Tensor, ...] | None
NATS = float(np.log(2.0))
HASHED, GROUP_WIDTH = 2**15, 64
"""Vectors for groups of tokens, and numbers in each."""
CHUNK = 256
"""Tokens that a recurrent network reads at a time while it is measured."""
ROWS = 64
"""Texts, and windows of attention, that are read side by side while it is measured."""


class LanguageNetwork(nn.Module):
    """An embedding of each token, a block over the sequence, and a linear layer to scores of the next token.

    Groups of the last tokens have vectors of their own, found by a hash, beside the token's for the block and
    straight to the scores: what could be counted need not be learned by the block. Mikolov et al. 2011.

    Args:
        block: `lstm` carries a state from token to token; `attention` looks at a window of them.
        tokens: in the vocabulary, V.
        hidden: size of the LSTM's state, or of attention's features, H.
        embedding: numbers for each token, E.
        depth: stacked layers.
        window: most tokens that attention looks at, T.
        groups: tokens of the longest group that has a vector of its own, 2 or more; 0 for none.
        dropout: chance of zeroing a number while training.
        extra: numbers that `read` of a subclass adds to what the block and the scores are made of.
    """

    def __init__(
        self,
        block: Block,
        tokens: int,
        hidden: int,
        *,
        embedding: int = 64,
        depth: int = 1,
        window: int = 64,
        groups: int = 0,
        dropout: float = 0.0,
        extra: int = 0,
    ) -> None:
        super().__init__()
        self.block, self.window, self.groups = block, window, groups
        self.embedding = nn.Embedding(tokens, embedding)
        nn.init.normal_(self.embedding.weight, std=0.5)
        beside = extra
        if groups > 1:
            self.table = nn.Embedding(HASHED, GROUP_WIDTH)
            nn.init.normal_(self.table.weight, std=0.1)
            beside += GROUP_WIDTH
        width = embedding + beside
        self.body: LSTM | Transformer
        if block == "lstm":
            self.body = LSTM(width, hidden, depth=depth, dropout=dropout)
        else:
            heads = heads_for(hidden)
            self.body = Transformer(
                width, hidden, depth=depth, num_heads=heads, max_steps=window, dropout=dropout
            )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden + beside, tokens)

    def forward(
        self, tokens: Int64[Tensor, "B T"], state: State = None
    ) -> tuple[Float[Tensor, "B T V"], State]:
        """Scores of the token behind each one, and the state after the last; None for attention.

        Args:
            tokens: of the text.
            state: to go on from; None at the beginning.
        """
        x, beside, before = self.read(tokens, state)
        features, state = self.features(self.dropout(x), state)
        if beside is not None:
            features = torch.cat([features, beside], -1)
        return self.head(self.dropout(features)), None if state is None else (*state, *before)

    def features(
        self, x: Float[Tensor, "B T D"], state: State = None
    ) -> tuple[Float[Tensor, "B T H"], State]:
        """What the block makes of inputs, and its state after the last."""
        if isinstance(self.body, LSTM):
            return self.body(x, None if state is None else (state[0], state[1]))
        return self.body(x), None

    def read(
        self, tokens: Int64[Tensor, "B T"], state: State = None
    ) -> tuple[Float[Tensor, "B T D"], Tensor | None, tuple[Tensor, ...]]:
        """What the block takes of tokens, the vectors of groups in it, and the last tokens, to go on from."""
        x = self.embedding(tokens)
        if self.groups < 2:
            return x, None, ()
        kept = self.groups - 1
        before = tokens.new_zeros(len(tokens), kept) if state is None else state[-1][0].long()
        whole = torch.cat([before, tokens], 1)
        found = torch.zeros_like(x[..., :1])
        for place in group_places(whole, self.groups):
            found = found + self.table(place)
        # As numbers with a fraction, and a first axis, like the other parts of a state.
        return torch.cat([x, found], -1), found, (whole[:, whole.shape[1] - kept :].float()[None],)


def group_places(whole: Int64[Tensor, "B S"], most: int) -> Iterator[Int64[Tensor, "B T"]]:
    """Where groups of 2 to `most` tokens have their vectors: for each place that has all its S - T before it.

    Args:
        whole: the tokens, with the `most` - 1 before them.
        most: tokens of the longest group.
    """
    kept = most - 1
    key = whole[:, kept:]
    for back in range(1, most):
        key = key * 1_000_003 + whole[:, kept - back : whole.shape[1] - back] + 1
        place = (key * 0x5851F42D4C957F2D + back) >> 40
        yield place & (HASHED - 1)


class NetworkWriter(Writer):
    """A trained network that writes.

    Attributes:
        model: the network.
    """

    def __init__(self, model: LanguageNetwork, vocabulary: Vocabulary, drawing: Drawing) -> None:
        super().__init__(vocabulary, drawing)
        self.model = model

    def total_bits(self, texts: Sequence[str]) -> Float[np.ndarray, " N"]:
        """What each text costs in all; they go through the network side by side."""
        rows = [self.encode(text) for text in texts]
        unknown = np.array([self.unknown_bits(text) for text in texts])
        return unknown + np.array([bits.sum() for bits in self._bits(rows)])

    def bits_of(self, tokens: Int64[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
        """What each token costs, in bits, given those before it."""
        return self._bits([tokens])[0]

    def begin(self, tokens: Int64[np.ndarray, " N"]) -> Any:
        """The scores of the next token and what the network holds: a state, or the last tokens."""
        start = self.start if len(self.start) else np.zeros(1, np.int64)
        whole = torch.from_numpy(np.concatenate([start, tokens]))
        if self.model.block == "attention":
            whole = whole[-self.model.window :]
        return self._read(whole, None)

    def advance(self, state: Any, token: int) -> Any:
        """Read one more token."""
        _, held = state
        new = torch.tensor([token])
        if self.model.block == "attention":  # it reads its whole window again
            return self._read(torch.cat([held, new])[-self.model.window :], None)
        return self._read(new, held)

    def probabilities(self, state: Any) -> Float[np.ndarray, " V"]:
        """Of every next token."""
        return state[0].double().softmax(-1).numpy()

    def held(self, state: Any) -> Float[np.ndarray, " H"] | None:
        """The hidden state of the top layer, of a network that has one."""
        return None if self.model.block == "attention" else state[1][0][-1, 0].numpy()

    def _read(self, tokens: Tensor, state: State) -> tuple[Tensor, Any]:
        with evaluating(self.model):
            device = self.model.head.weight.device
            scores, after = self.model(tokens[None].to(device), state)
        held = tokens if self.model.block == "attention" else tuple(part.cpu() for part in after or ())
        return scores[0, -1].float().cpu(), held

    def _bits(self, rows: Sequence[Int64[np.ndarray, " _"]]) -> list[Float[np.ndarray, " _"]]:
        start = self.start if len(self.start) else np.zeros(1, np.int64)
        whole = [torch.from_numpy(np.concatenate([start, row])) for row in rows]
        with evaluating(self.model):
            read = self._windows if self.model.block == "attention" else self._carried
            found = [
                bits for begin in range(0, len(whole), ROWS) for bits in read(whole[begin : begin + ROWS])
            ]
        return [bits.double().numpy() for bits in found]

    def _carried(self, rows: list[Tensor]) -> list[Tensor]:
        """Read rows side by side, piece by piece; shorter ones are filled up."""
        most = max(map(len, rows), default=0)
        table = torch.stack([F.pad(row, (0, most - len(row))) for row in rows])
        device, state, found = self.model.head.weight.device, None, []
        for begin in range(0, max(1, most - 1), CHUNK):
            piece = table[:, begin : begin + CHUNK + 1].to(device)
            if piece.shape[1] < 2:
                break
            scores, state = self.model(piece[:, :-1], state)
            found.append(_cost(scores, piece[:, 1:]).cpu())
        joined = torch.cat(found, 1) if found else table[:, :0].float()
        return [bits[: len(row) - 1] for bits, row in zip(joined, rows, strict=True)]

    def _windows(self, rows: list[Tensor]) -> list[Tensor]:
        """Read each row in windows that overlap by half, so that all but its first tokens see half of one."""
        window = self.model.window
        stride = max(1, window // 2)
        pieces: list[tuple[int, int, int]] = []  # row, first token read, first token that counts
        for number, row in enumerate(rows):
            pieces.append((number, 0, 0))
            begins = range(stride, len(row) - 1 - (window - stride), stride)
            last = len(row) - 1 - window
            for begin in [*begins, *([last] if last > 0 else [])]:
                counts = max(begin + window - stride, pieces[-1][1] + window)
                if counts < begin + window:
                    pieces.append((number, begin, counts))
        found = [torch.zeros(len(row) - 1) for row in rows]
        device = self.model.head.weight.device
        for at in range(0, len(pieces), ROWS):
            some = pieces[at : at + ROWS]
            parts = [rows[number][begin : begin + window + 1] for number, begin, _ in some]
            longest = max(map(len, parts))
            if longest < 2:
                continue
            table = torch.stack([F.pad(part, (0, longest - len(part))) for part in parts]).to(device)
            cost = _cost(self.model(table[:, :-1])[0], table[:, 1:]).cpu()
            for (number, begin, counts), part, bits in zip(some, parts, cost, strict=True):
                found[number][counts : begin + len(part) - 1] = bits[counts - begin : len(part) - 1]
        return found


def _cost(scores: Tensor, targets: Tensor) -> Tensor:
    """Bits (B, T) that the targets (B, T) cost with scores (B, T, V)."""
    return F.cross_entropy(scores.float().mT, targets, reduction="none") / NATS
