"""Networks that read a sequence and answer at its end: one recurrent, one with gates, one with attention."""

from collections.abc import Mapping
from typing import Literal

from torch import Tensor, nn

from sandbox.blocks.attention import Transformer
from sandbox.blocks.lstm import LSTM
from sandbox.blocks.rnn import RNN

Block = Literal["rnn", "lstm", "attention"]
BLOCKS: tuple[Block, ...] = ("rnn", "lstm", "attention")
TITLES: Mapping[str, str] = {"rnn": "RNN", "lstm": "LSTM", "attention": "attention"}
"""What each is called."""
HEADS = 4


class SequenceNetwork(nn.Module):
    """A block over the whole sequence and a linear layer over its features at the last time steps.

    Args:
        block: `rnn`, `lstm` or `attention`.
        in_dim: numbers per time step, D.
        out_dim: numbers per answer, O.
        hidden: size of the block's state, or of attention's features, H.
        length: time steps, T; spans that the LSTM's cells begin with reach so far, attention has so many
            places.
        answers: how many of the last time steps are answered, A.
        depth: stacked layers.

    Raises:
        ValueError: attention cannot divide `hidden` among its heads.
    """

    def __init__(
        self, block: str, in_dim: int, out_dim: int, *, hidden: int, length: int, answers: int, depth: int = 1
    ) -> None:
        super().__init__()
        self.block, self.answers, self.length = block, answers, length
        self.body: nn.Module
        if block == "rnn":
            self.body = RNN(in_dim, hidden, depth=depth)
        elif block == "lstm":
            self.body = LSTM(in_dim, hidden, depth=depth, memory=length)
        elif block == "attention":
            self.body = Transformer(in_dim, hidden, depth=depth, num_heads=HEADS, max_steps=length)
        else:
            raise ValueError(f"there is no block {block!r}")
        self.head = nn.Linear(hidden, out_dim)

    def features(self, x: Tensor) -> Tensor:
        """The block's features at every time step, (B, T, H), for inputs (B, T, D)."""
        found = self.body(x)
        return found[0] if isinstance(found, tuple) else found

    def forward(self, x: Tensor, answers: int | None = None) -> Tensor:
        """Answers (B, A, O) for inputs (B, T, D); A is `answers`, by default as many as were learned."""
        return self.head(self.features(x)[:, -(answers or self.answers) :])
