"""What can be set about agents that learn Q-values from what they have just played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from agents.base_settings import NoveltySettings, OnlineSettings
from sandbox.settings import MOST_EXAMPLES, WIDEST, setting


@dataclass(frozen=True, kw_only=True)
class ParallelQSettings(OnlineSettings):
    """What agents have that learn Q-values from what they have just played in many environments."""

    learning_rate: float = 5e-4
    batch_size: int = setting(128, "Samples of a minibatch.", low=1, high=MOST_EXAMPLES)
    num_epochs: int = setting(2, "Passes over each rollout.", low=1, high=1000)
    q_lambda: float = setting(
        0.65, "How far returns look past the next value: 0 one step, 1 to the end.", low=0, high=1
    )
    exploration_fraction: float = setting(
        0.1, "Share of the training over which random actions become rare.", above=0, high=1
    )
    max_grad_norm: float = setting(10.0, "Longer gradients are scaled down to this norm.", above=0, high=1e6)
    reward_scale: float = setting(
        1.0, "The network learns rewards times this; large returns want a small one.", above=0, high=1e6
    )


@dataclass(frozen=True, kw_only=True)
class PQNSettings(ParallelQSettings, NoveltySettings):
    """Q-learning over parallel environments without replay, for discrete actions. Gallici et al. 2024."""

    agent: ClassVar[str] = "pqn"

    hidden: tuple[int, ...] = (128, 128)
    activation: Literal["tanh", "relu"] = "relu"
    exploration_final_eps: float = setting(0.05, "Chance of a random action after that.", low=0, high=1)
    normalize_obs: bool = setting(True, "Scale flat observations by the mean and deviation of those seen.")
    self_play: bool = setting(
        False,
        "In a game of two players, learn from games against oneself; evaluations are against `opponent`.",
    )

    def exploration(self, step: int) -> float:
        """The chance of a random action at a step of the training."""
        share = min(1.0, step / max(1.0, self.exploration_fraction * self.total_timesteps))
        return 1.0 + share * (self.exploration_final_eps - 1.0)


@dataclass(frozen=True, kw_only=True)
class FreeEnergySettings(ParallelQSettings):
    """SARSA with the free energy of an RBM over observation and action bits. Sallans & Hinton 2004."""

    agent: ClassVar[str] = "free_energy"
    title: ClassVar[str] = "Free energy"

    hidden: tuple[int, ...] = setting((32,), "Hidden units of the machine.", low=1, high=WIDEST, count=(1, 1))
    learning_rate: float = 3e-2
    num_steps: int = 8
    reward_scale: float = 10.0
    exploration_fraction: float = 0.5
    temperature: float = setting(
        0.5, "Of the softmax over Q-values that draws the first actions, in rewards.", above=0, high=1e6
    )
    final_temperature: float = setting(
        0.05, "The same after `exploration_fraction` of the training.", above=0, high=1e6
    )
