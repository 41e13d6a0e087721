"""What policies that remember share: a recurrent block, and what it holds as one row of numbers.

The state of the block is handed in and out, (B, M): zeros where an episode begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Shaped
from stable_baselines3.common.policies import BasePolicy
from torch import Tensor, nn

from sandbox.blocks.gru import GRU
from sandbox.blocks.lstm import LSTM
from sandbox.blocks.rnn import RNN
from sandbox.errors import check_choice

Kind = Literal["rnn", "lstm", "gru"]
KINDS: tuple[Kind, ...] = ("rnn", "lstm", "gru")
BLOCKS: dict[Kind, type[RNN | LSTM | GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
"""Matrices in each of a block's weights, one below the other."""

FORGET_BIAS = 3.0
"""Of the gate that decides how much is kept: 95 % at first."""


@dataclass(frozen=True)
class Sequences:
    """Pieces of play, one per row, as an update takes them."""

    obs: Shaped[Tensor, "B T ..."]
    memory: Float[Tensor, "B M"]
    """What was held before the first step."""
    starts: Bool[Tensor, "B T"]
    """Whether an episode begins with this step."""


def held_memory(
    memory: Float[Tensor, "N M"] | None,
    size: int,
    episode_starts: Bool[np.ndarray, " N"],
    device: torch.device,
) -> Float[Tensor, "N M"] | None:
    """Return what is held of each environment before a rollout, zeros where an episode begins.

    Args:
        memory: held after the last step; None at first.
        size: M of the policy; 0 for one that holds nothing, for which this is None.
        episode_starts: of the environments.
        device: where it is to be.
    """
    if not size:
        return None
    if memory is None or memory.shape != (len(episode_starts), size):
        return torch.zeros(len(episode_starts), size, device=device)
    begun = torch.as_tensor(episode_starts, dtype=torch.bool, device=device)
    return memory.to(device).masked_fill(begun[:, None], 0.0)


_Policy = BasePolicy if TYPE_CHECKING else object


class Remembering(_Policy):
    """A recurrent block in a policy, to be named before the policy among the base classes.

    Args:
        observation_space: any with one array per observation.
        action_space: of the policy.
        lr_schedule: as in Stable-Baselines3.
        kind: `rnn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        memory: size of the block's state, H.
        **options: of the policy.

    Attributes:
        kind: as given.
        state_dim: size of the block's state, H.
        memory_size: M, the numbers held per environment: H, or 2 H with the LSTM's cells.
        memory: the block.
    """

    kind: Kind
    state_dim: int
    memory_size: int
    memory: RNN | LSTM | GRU

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        lr_schedule: Any,
        kind: Kind = "lstm",
        memory: int = 64,
        **options: Any,
    ) -> None:
        check_choice("memory", kind, KINDS)
        # Before the policy is built, which asks for them.
        self.kind, self.state_dim = kind, memory
        self.memory_size = 2 * memory if kind == "lstm" else memory
        policy = cast(Any, super())
        policy.__init__(observation_space, action_space, lr_schedule, **options)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        return {**super()._get_constructor_parameters(), "kind": self.kind, "memory": self.state_dim}

    def _make_memory(self, features: int) -> int:
        """Make the block; returns how many numbers it and the features are together."""
        self.memory = BLOCKS[self.kind](features, self.state_dim).to(self.device)
        _begin_well(self.memory, GATES[self.kind])
        return features + self.state_dim

    def nothing(self, count: int) -> Float[Tensor, "B M"]:
        """Return what is held at the start of an episode."""
        return torch.zeros(count, self.memory_size, device=self.device)

    def _remember(
        self,
        features: Float[Tensor, "B T F"],
        memory: Float[Tensor, "B M"],
        starts: Bool[Tensor, "B T"] | None,
    ) -> tuple[Float[Tensor, "B T FH"], Float[Tensor, "B M"]]:
        """Run the block; returns features and its outputs side by side, and what is held at the end."""
        held = memory.unsqueeze(0)
        if isinstance(self.memory, LSTM):
            hidden, cell = held.chunk(2, -1)
            out, (hidden, cell) = self.memory(features, (hidden.contiguous(), cell.contiguous()), starts)
            held = torch.cat([hidden, cell], -1)
        else:
            out, held = self.memory(features, held, starts)
        return torch.cat([features, out], -1), held.squeeze(0)

    def decide(
        self, obs: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"], deterministic: bool
    ) -> tuple[np.ndarray, Float[Tensor, "B M"]]:
        """Return actions (B, ...), and what is held after them."""
        raise NotImplementedError

    @torch.no_grad()
    def predict(
        self,
        observation: np.ndarray | dict[str, np.ndarray],
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: np.ndarray | np.generic | float | int | bool | None = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """Decide, and return what is held; arguments as in Stable-Baselines3.

        Args:
            observation: one or many.
            state: what the last call returned; None at the start of all episodes.
            episode_start: which environments have begun an episode since: one flag or number (0 for no) for
                each of them, or one for all.
            deterministic: take the best actions instead of drawing them.

        Raises:
            ValueError: another number of flags than of observations.
        """
        self.set_training_mode(False)
        obs, many = self.obs_to_tensor(observation)
        assert isinstance(obs, Tensor)
        memory = self.nothing(len(obs)) if state is None else torch.as_tensor(state[0], device=self.device)
        if episode_start is not None:
            begun = torch.from_numpy(_flags(episode_start, len(obs))).to(self.device)
            memory = memory.masked_fill(begun[:, None], 0.0)
        actions, memory = self.decide(obs, memory, deterministic)
        return (actions if many else actions.squeeze(0)), (memory.cpu().numpy(),)


def _flags(episode_start: np.ndarray | np.generic | float | int | bool, count: int) -> Bool[np.ndarray, " B"]:
    flags = np.asarray(episode_start).astype(bool).reshape(-1)
    if len(flags) not in (1, count):
        raise ValueError(f"episode_start has {len(flags)} flags for {count} observations.")
    return np.broadcast_to(flags, count).copy()


@torch.no_grad()
def _begin_well(memory: RNN | LSTM | GRU, gates: int) -> None:
    """Set first weights with which what was seen once still shows in the output 20 steps later.

    Each gate's matrices are orthogonal; LSTM and GRU forget a twentieth of what they hold in a step.
    """
    for name, parameter in memory.layers.named_parameters():
        if "bias" in name:
            parameter.zero_()
        else:
            for part in parameter.chunk(gates):
                nn.init.orthogonal_(part)
    if gates > 1:  # the second gate is the one that keeps, in both
        for _, _, bias, _ in memory.layers.all_weights:
            bias.chunk(gates)[1].fill_(FORGET_BIAS)
