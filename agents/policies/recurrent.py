"""A policy that remembers: a recurrent block between what is seen and what is decided.

    m_t = block(features(obs_t), m_{t-1})               RNN, LSTM or GRU; m_0 = 0 when an episode begins
    logits, value = heads(features(obs_t), output of the block)

What the block holds is handed in and out as one row of numbers per environment, zeros at the start of an
episode: collecting carries it from step to step, an update begins at what was held when the rollout began
and goes through all its steps (truncated backpropagation through time; Hausknecht & Stone 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn

from agents.policies.action_heads import head_for
from agents.policies.block_policies import MlpPolicy
from agents.policies.flat_parameters import FlatParameters
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
    """Pieces of play, one per row, as `MemoryBackbone.forward` takes them."""

    obs: Shaped[Tensor, "B T ..."]
    memory: Float[Tensor, "B M"]
    """What was held before the first step."""
    starts: Bool[Tensor, "B T"]
    """Whether an episode begins with this step."""


class MemoryPolicy(MlpPolicy):
    """Actor and critic that share a recurrent block and see its output beside the features.

    Only `agents.ppo.PPO` trains it. `predict` keeps Stable-Baselines3's contract: it returns what is held and
    takes it again, with `episode_start`.

    Args:
        observation_space: any with one array per observation.
        action_space: any that PPO takes.
        lr_schedule: as in Stable-Baselines3.
        kind: `rnn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        memory: size of the block's state, H.
        **options: arguments of `ActorCriticPolicy`.

    Attributes:
        memory: the block.
        memory_size: M, the numbers held per environment: H, or 2 H with the LSTM's cells.
    """

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
        self.kind: Kind = kind
        self.state_dim = memory
        self.memory_size = 2 * memory if kind == "lstm" else memory
        super().__init__(observation_space, action_space, lr_schedule, **options)

    def _build_mlp_extractor(self) -> None:
        features = int(self.features_dim)
        self.memory = BLOCKS[self.kind](features, self.state_dim).to(self.device)
        _begin_well(self.memory, GATES[self.kind])
        self.features_dim = features + self.state_dim
        super()._build_mlp_extractor()

    def _get_constructor_parameters(self) -> dict[str, Any]:
        return {**super()._get_constructor_parameters(), "kind": self.kind, "memory": self.state_dim}

    def nothing(self, count: int) -> Float[Tensor, "B M"]:
        """Return what is held at the start of an episode."""
        return torch.zeros(count, self.memory_size, device=self.device)

    def run(
        self,
        obs: Shaped[Tensor, "B T ..."],
        memory: Float[Tensor, "B M"],
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> tuple[Float[Tensor, "B T K"], Float[Tensor, "B T"], Float[Tensor, "B M"]]:
        """Run pieces of play.

        Args:
            obs: raw observations.
            memory: what was held before them.
            starts: whether an episode begins with a step; None for nowhere.

        Returns:
            The action net's outputs, values, and what is held after the last step.
        """
        features = cast(Tensor, self.extract_features(obs.flatten(0, 1))).unflatten(0, obs.shape[:2])
        held = memory.unsqueeze(0)
        if isinstance(self.memory, LSTM):
            hidden, cell = held.chunk(2, -1)
            out, (hidden, cell) = self.memory(features, (hidden.contiguous(), cell.contiguous()), starts)
            held = torch.cat([hidden, cell], -1)
        else:
            out, held = self.memory(features, held, starts)
        latent_pi, latent_vf = self.mlp_extractor(torch.cat([features, out], -1))
        return self.action_net(latent_pi), self.value_net(latent_vf).squeeze(-1), held.squeeze(0)

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
            deterministic: take the most probable actions.

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
        outputs, _, memory = self.run(obs[:, None], memory)
        head = head_for(self.action_space, getattr(self, "log_std", None))
        chosen = head.best(outputs[:, 0]) if deterministic else head.sample(outputs[:, 0])
        actions = chosen.cpu().numpy().reshape(-1, *(self.action_space.shape or ()))
        if isinstance(self.action_space, spaces.Box):
            actions = np.clip(actions, self.action_space.low, self.action_space.high)
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


class MemoryBackbone:
    """How PPO runs a policy with a memory: the `Backbone` whose minibatches are pieces of play.

    Args:
        policy: the policy.
    """

    values_while_acting = True

    def __init__(self, policy: MemoryPolicy) -> None:
        self.policy = policy
        self.memory_size = policy.memory_size
        self.turned = False
        self.flat = FlatParameters([p for p in policy.parameters() if p.requires_grad])
        self.graph: tuple[Tensor, Tensor] | None = None

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations, turned as the policy wants them."""
        return obs.permute(0, 3, 1, 2) if self.turned else obs

    def act(
        self, prepared: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"] | None = None
    ) -> tuple[Float[Tensor, "B K"], Float[Tensor, " B"], Float[Tensor, "B M"]]:
        """Return outputs, values and what is held after this step."""
        memory = self.policy.nothing(len(prepared)) if memory is None else memory
        outputs, values, memory = self.policy.run(prepared[:, None], memory)
        return outputs[:, 0], values[:, 0], memory

    def values(
        self, prepared: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"] | None = None
    ) -> Float[Tensor, " B"]:
        """Return values."""
        return self.act(prepared, memory)[1]

    def forward(self, batch: Sequences) -> tuple[Float[Tensor, "BT K"], Float[Tensor, " BT"]]:
        """Return the outputs and values of a minibatch, one piece of play after the other."""
        self.flat.grads.zero_()
        with torch.enable_grad():
            outputs, values, _ = self.policy.run(batch.obs, batch.memory, batch.starts)
            self.graph = outputs.flatten(0, 1), values.flatten()
        return self.graph[0].detach(), self.graph[1].detach()

    def backward(self, grad_outputs: Float[Tensor, "BT K"], grad_values: Float[Tensor, " BT"]) -> None:
        """Write the gradients of the minibatch."""
        assert self.graph is not None
        pairs = list(zip(self.graph, (grad_outputs, grad_values), strict=True))
        learned = [output for output, _ in pairs if output.requires_grad]  # the rest is frozen
        if learned:
            torch.autograd.backward(learned, [grad for output, grad in pairs if output.requires_grad])
        self.graph = None
