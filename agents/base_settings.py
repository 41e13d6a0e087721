"""What can be set about every agent's training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox.errors import UserError
from sandbox.settings import DEEPEST, MOST_EPISODES, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting

LONG_ROLLOUT = 2**20
"""Steps that may be played before the first update, even if the whole training has fewer."""

PolicyName = Literal[
    "auto", "mlp", "cnn", "lines", "rnn", "lstm", "gru", "rbf", "autoencoder", "som", "rbm", "dbn"
]


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """What every agent has."""

    agent: ClassVar[str]
    title: ClassVar[str] = ""
    """How people write its name; empty where that is in capitals."""

    total_timesteps: int = setting(
        200_000, "Environment steps to train for, over all environments together.", low=1, high=MOST_STEPS
    )
    num_envs: int = setting(64, "Environments that are played at the same time.", low=1, high=1_000_000)
    policy: PolicyName = setting(
        "auto",
        "Network: what suits the observations (an MLP, or a CNN for pictures), what stands on each line of a "
        "board (lines), one with a memory (rnn, lstm, gru), or features learned by looking (the others).",
    )
    hidden: tuple[int, ...] = setting(
        (64, 64),
        "Sizes of the MLP's hidden layers, or of the dense layers behind the CNN.",
        low=1,
        high=WIDEST,
        count=(0, DEEPEST),
    )
    activation: Literal["tanh", "relu"] = setting("tanh", "Activation of the MLP; a CNN uses relu.")
    channels: tuple[int, ...] = setting(
        (16,), "Filters of each 3x3 convolution of the CNN.", low=1, high=1024, count=(1, DEEPEST)
    )
    memory: int = setting(64, "Size of the state of an RNN, LSTM or GRU.", low=1, high=WIDEST)
    features: int = setting(
        64,
        "Numbers that describe an observation to a policy with features learned by looking.",
        low=2,
        high=WIDEST,
    )
    look_steps: int = setting(
        8192,
        "Observations of random play, or points, that it looks at before it is trained.",
        low=2,
        high=MOST_EXAMPLES,
    )
    look_at: Literal["auto", "play", "space"] = setting(
        "auto",
        "What it looks at: random play, points drawn evenly from the space of observations, where that is "
        "small and bounded, or both (auto).",
    )
    learning_rate: float = setting(3e-4, "Step size of Adam.", low=0, high=10)
    schedule: Literal["constant", "linear"] = setting(
        "constant", "Whether the learning rate stays or goes down to zero over the training."
    )
    gamma: float = setting(0.99, "Discount of later rewards, per step.", low=0, high=1)
    params: dict[str, float] = setting(
        {}, "Parameters of the environment to change, such as: --params gravity 3.7"
    )
    curriculum: dict[str, float] = setting(
        {},
        "Parameters of the environment to begin with, from where they go evenly to `params` while it "
        "learns, such as: --curriculum cards 4",
    )
    curriculum_fraction: float = setting(0.8, "Share of the training over which they go.", above=0, high=1)
    eval_every: int = setting(
        0, "Steps between evaluations; 0 for a twentieth of the training.", low=0, high=MOST_STEPS
    )
    eval_episodes: int = setting(
        20,
        "Episodes of each evaluation on the way. They are not used for training.",
        low=1,
        high=MOST_EPISODES,
    )
    final_episodes: int = setting(
        100,
        "Episodes of the last evaluation, and of the one that decides whether the environment is solved.",
        low=1,
        high=MOST_EPISODES,
    )
    stop_when_solved: bool = setting(
        True,
        "Stop once the 95 % interval of the return of `final_episodes` new episodes is above the threshold.",
    )

    def exploration(self, step: int) -> float:
        """How far an agent strays, at a step of the training, from what it holds best.

        The chance of a random action where it learns the value of each, the standard deviation of TD3's noise
        on its actions, and 0 where it draws its actions anyway.
        """
        return 0.0


@dataclass(frozen=True, kw_only=True)
class OnlineSettings(AgentSettings):
    """What agents have that learn from what they have just played."""

    num_steps: int = setting(32, "Steps of each environment between two updates.", low=1, high=1_000_000)

    def check_together(self) -> None:
        """Refuse a rollout that is longer than the whole training, and so long that nothing is seen of it.

        Raises:
            UserError: says how long it is and what to lower.
        """
        rollout = self.num_envs * self.num_steps
        if rollout > max(self.total_timesteps, LONG_ROLLOUT):
            raise UserError(
                f"{self.num_envs:,} environments x {self.num_steps:,} steps are {rollout:,} steps before the "
                f"first update, and the whole training has {self.total_timesteps:,}: lower num_envs or "
                "num_steps, or raise total_timesteps."
            )


@dataclass(frozen=True, kw_only=True)
class NoveltySettings(OnlineSettings):
    """What agents have that can be rewarded for what is new to them, too."""

    novelty: Literal["none", "som"] = setting(
        "none",
        "Bonus in training for observations that a self-organising map has hardly seen; scores are without.",
    )
    novelty_weight: float = setting(
        0.1, "What a bonus of ordinary size is worth, in units of the reward.", low=0, high=1e6
    )
    novelty_fraction: float = setting(
        0.5, "Share of the training over which the bonus goes down to nothing.", above=0, high=1
    )
    novelty_units: int = setting(400, "Units of the map, which is the nearest square.", low=4, high=WIDEST)
