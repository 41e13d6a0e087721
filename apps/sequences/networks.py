"""Networks that read a sequence and answer at its end: one recurrent, one with gates, one with attention."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sandbox.blocks.attention import Transformer
from sandbox.blocks.lstm import LSTM
from sandbox.blocks.rnn import RNN
from sandbox.training.state import pack, unpack
from sandbox.training.supervised import Supervised

Block = Literal["rnn", "lstm", "attention"]
BLOCKS: tuple[Block, ...] = ("rnn", "lstm", "attention")
TITLES: Mapping[str, str] = {"rnn": "RNN", "lstm": "LSTM", "attention": "attention"}
"""What each is called on a page."""
HEADS = 4


class SequenceNetwork(nn.Module):
    """A block over the whole sequence and a linear layer over what it says at the last time steps.

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
        """What the block says at every time step, (B, T, H), for inputs (B, T, D)."""
        found = self.body(x)
        return found[0] if isinstance(found, tuple) else found

    def forward(self, x: Tensor) -> Tensor:
        """Answers (B, A, O) for inputs (B, T, D)."""
        return self.head(self.features(x)[:, -self.answers :])


class SideBySide:
    """Several learners that get the same batches, each with its own network and optimizer.

    Args:
        learners: by name.
    """

    def __init__(self, learners: Mapping[str, Supervised]) -> None:
        self.learners = dict(learners)

    def step(self, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Each learns from the batch; returns `loss_<name>` of each, and their mean as `loss`."""
        losses = {f"loss_{name}": learner.step(batch)["loss"] for name, learner in self.learners.items()}
        return {"loss": torch.stack(list(losses.values())).mean(), **losses}

    def model_state(self) -> dict[str, Tensor]:
        """All networks' tensors, each network's under its name."""
        return {
            f"{name}.{key}": tensor
            for name, learner in self.learners.items()
            for key, tensor in learner.model_state().items()
        }

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: every learner's own."""
        tensors, values = pack({name: list(one.state()) for name, one in self.learners.items()}, "side")
        return tensors, {"side": values}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        saved = unpack(values["side"], tensors)
        for name, learner in self.learners.items():
            own, rest = saved[name]
            learner.load_state(part_of(model, name), own, rest)


def part_of(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors of one network among those of `SideBySide.model_state`."""
    begin = f"{name}."
    return {key.removeprefix(begin): value for key, value in tensors.items() if key.startswith(begin)}
