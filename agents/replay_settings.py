"""What can be set about agents with a replay buffer: those of Stable-Baselines3 and sb3-contrib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from agents.base_settings import AgentSettings
from sandbox.errors import UserError
from sandbox.settings import MOST_EXAMPLES, MOST_STEPS, setting


@dataclass(frozen=True, kw_only=True)
class ReplaySettings(AgentSettings):
    """What agents have that learn from what they remember."""

    num_envs: int = 4
    activation: Literal["tanh", "relu"] = "relu"
    buffer_size: int = setting(100_000, "Transitions remembered.", low=1, high=10**9)
    learning_starts: int = setting(1000, "Random steps before the first update.", low=0, high=MOST_STEPS)
    batch_size: int = setting(64, "Transitions of a minibatch.", low=1, high=MOST_EXAMPLES)


@dataclass(frozen=True, kw_only=True)
class DQNSettings(ReplaySettings):
    """Deep Q-learning, of Stable-Baselines3, for discrete actions. Mnih et al. 2015."""

    agent: ClassVar[str] = "dqn"

    train_freq: int = setting(
        16, "Steps of each environment between two rounds of updates.", low=1, high=1_000_000
    )
    gradient_steps: int = setting(8, "Updates of a round.", low=1, high=1_000_000)
    target_update_interval: int = setting(
        500, "Steps between two copies of the network to its target.", low=1, high=MOST_STEPS
    )
    exploration_fraction: float = setting(
        0.2, "Share of the training over which random actions become rare.", above=0, high=1
    )
    exploration_final_eps: float = setting(0.05, "Chance of a random action after that.", low=0, high=1)

    def exploration(self, step: int) -> float:
        """The chance of a random action at a step of the training, as Stable-Baselines3 reckons it."""
        if step < self.learning_starts:
            return 1.0
        share = min(1.0, step / max(1.0, self.exploration_fraction * self.total_timesteps))
        return 1.0 + share * (self.exploration_final_eps - 1.0)


@dataclass(frozen=True, kw_only=True)
class SACSettings(ReplaySettings):
    """Soft actor-critic, of Stable-Baselines3, for continuous actions. Haarnoja et al. 2018."""

    agent: ClassVar[str] = "sac"

    hidden: tuple[int, ...] = (256, 256)
    batch_size: int = 256
    tau: float = setting(0.005, "How fast the target networks follow.", above=0, high=1)
    gradient_steps: int = setting(4, "Updates after each step of all environments.", low=1, high=1_000_000)


@dataclass(frozen=True, kw_only=True)
class QRDQNSettings(DQNSettings):
    """Quantile regression DQN, of sb3-contrib: learns how returns are spread. Dabney et al. 2018."""

    agent: ClassVar[str] = "qrdqn"
    title: ClassVar[str] = "QR-DQN"

    num_quantiles: int = setting(
        50, "Quantiles of the return that are forecast for each action.", low=1, high=1000
    )


@dataclass(frozen=True, kw_only=True)
class TD3Settings(ReplaySettings):
    """Twin delayed deep deterministic policy gradient, of Stable-Baselines3. Fujimoto et al. 2018."""

    agent: ClassVar[str] = "td3"

    hidden: tuple[int, ...] = (256, 256)
    learning_rate: float = 1e-3
    batch_size: int = 256
    tau: float = setting(0.005, "How fast the target networks follow.", above=0, high=1)
    gradient_steps: int = setting(4, "Updates after each step of all environments.", low=1, high=1_000_000)
    policy_delay: int = setting(2, "Updates of the critics to one of the actor.", low=1, high=1000)
    action_noise: float = setting(
        0.1, "Standard deviation of the noise that it plays with; actions go from -1 to 1.", low=0, high=10
    )
    target_policy_noise: float = setting(
        0.2, "Standard deviation of the noise on the actions that targets are made with.", low=0, high=10
    )
    target_noise_clip: float = setting(0.5, "Where that noise is cut off.", low=0, high=10)

    def exploration(self, step: int) -> float:
        """The standard deviation of the noise on its actions."""
        return self.action_noise


@dataclass(frozen=True, kw_only=True)
class TQCSettings(SACSettings):
    """Truncated quantile critics, of sb3-contrib: SAC with the spread of returns. Kuznetsov et al. 2020."""

    agent: ClassVar[str] = "tqc"

    num_quantiles: int = setting(25, "Quantiles of the return that each critic forecasts.", low=2, high=1000)
    num_critics: int = setting(2, "Critics.", low=1, high=100)
    dropped_quantiles: int = setting(
        2,
        "The largest quantiles of each critic that targets leave out: more make it less sure of itself.",
        low=0,
        high=999,
    )

    def check_together(self) -> None:
        """Refuse to leave out all quantiles.

        Raises:
            UserError: says how many there are.
        """
        if self.dropped_quantiles >= self.num_quantiles:
            raise UserError(
                f"Of {self.num_quantiles} quantiles, {self.dropped_quantiles} cannot be left out: lower "
                "dropped_quantiles."
            )
