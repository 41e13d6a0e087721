"""Settings of actors with a critic: A2C, PPO, and GAIL, which is PPO with another reward. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from agents.base_settings import NoveltySettings, OnlineSettings
from agents.imitation_settings import ImitationSettings
from sandbox.errors import UserError
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting

Normalize = Literal["none", "observations", "rewards", "both"]


@dataclass(frozen=True, kw_only=True)
class RolloutSettings(OnlineSettings):
    """What actors with a critic have."""

    gae_lambda: float = setting(
        0.95, "How far advantages look past the next value: 0 one step, 1 to the end.", low=0, high=1
    )
    ent_coef: float = setting(0.0, "Bonus for entropy: keeps the agent trying.", low=0, high=100)
    vf_coef: float = setting(0.5, "Weight of the value loss.", low=0, high=100)
    max_grad_norm: float = setting(0.5, "Longer gradients are scaled down to this norm.", above=0, high=1e6)


@dataclass(frozen=True, kw_only=True)
class PPOSettings(RolloutSettings, NoveltySettings):
    """Proximal policy optimization. Schulman et al. 2017."""

    agent: ClassVar[str] = "ppo"

    batch_size: int = setting(
        512,
        "Samples of a minibatch; with a memory it holds whole pieces of play, `num_steps` long.",
        low=2,
        high=MOST_EXAMPLES,
    )
    num_epochs: int = setting(4, "Passes over each rollout.", low=1, high=1000)
    clip_range: float = setting(
        0.2, "How far an update may move the probability of an action, relatively.", above=0, high=10
    )
    clip_schedule: Literal["constant", "linear"] = setting(
        "constant", "Whether the clip range stays or goes down to zero over the training."
    )
    normalize_advantage: bool = setting(
        True, "Scale the advantages of each minibatch to mean 0 and standard deviation 1."
    )
    normalize: Normalize = setting(
        "none",
        "What is scaled to standard deviation 1 by running moments, which are saved with the network. "
        "Pictures need no scaling.",
    )
    target_kl: float | None = setting(
        None, "End an update early once the policy has moved 1.5 times this far.", above=0, high=100
    )

    def check_together(self) -> None:
        """Refuse a rollout of a single sample, too."""
        super().check_together()
        if self.num_steps * self.num_envs < 2:
            raise UserError("PPO needs at least two samples in a rollout; raise num_envs or num_steps.")


@dataclass(frozen=True, kw_only=True)
class A2CSettings(RolloutSettings):
    """Advantage actor-critic, of Stable-Baselines3. Mnih et al. 2016."""

    agent: ClassVar[str] = "a2c"

    learning_rate: float = 7e-4
    num_envs: int = 8
    num_steps: int = 5
    gae_lambda: float = 1.0


@dataclass(frozen=True, kw_only=True)
class GAILSettings(ImitationSettings, PPOSettings):
    """Generative adversarial imitation learning: PPO rewarded for playing like an expert. Ho & Ermon 2016."""

    agent: ClassVar[str] = "gail"

    total_timesteps: int = 400_000
    learning_rate: float = 3e-3
    schedule: Literal["constant", "linear"] = "linear"
    discriminator_hidden: tuple[int, ...] = setting(
        (64, 64),
        "Sizes of the hidden layers of the network that tells expert and agent apart.",
        low=1,
        high=WIDEST,
        count=(0, DEEPEST),
    )
    discriminator_rate: float = setting(3e-3, "Step size of the discriminator's Adam.", above=0, high=10)
    discriminator_steps: int = setting(
        4, "Updates of the discriminator after each rollout.", low=1, high=10_000
    )
    discriminator_batch: int = setting(
        256,
        "Pairs of observation and action of the expert, and as many of the agent, in each of these.",
        low=1,
        high=MOST_EXAMPLES,
    )
    penalty: float = setting(1.0, "Weight of R1, which keeps the discriminator smooth.", low=0, high=1000)
    reward_form: Literal["logit", "positive", "negative"] = setting(
        "logit",
        "Reward from the discriminator's log odds D: D itself, log(1 + exp(D)), or -log(1 + exp(-D)).",
    )
    absorbing: bool = setting(
        True, "Whether an episode that ends goes on in an absorbing state; else its end is worth nothing."
    )
    discriminator_channels: tuple[int, ...] = setting(
        (16,),
        "Filters of each of its 3x3 convolutions, where observations are pictures.",
        low=1,
        high=1024,
        count=(1, DEEPEST),
    )
    clone_steps: int = setting(
        0, "Updates of behavioural cloning before anything is played.", low=0, high=MOST_STEPS
    )
    clone_each: int = setting(
        0,
        "Further ones after each update of PPO, with steps that go down to zero over the training.",
        low=0,
        high=10_000,
    )
    clone_rate: float = setting(1e-3, "Step size of the Adam that clones.", above=0, high=10)

    def check_together(self) -> None:
        """Refuse demonstrations that make no sense, a bonus for novelty, and what PPO refuses.

        Raises:
            UserError: says which.
        """
        super().check_together()
        self.check_expert()
        if self.novelty != "none":
            raise UserError("gail takes no bonus for novelty: it learns from what it imitates alone.")


FROM_PICTURES: dict[str, Any] = {
    "learning_rate": 1e-3,
    "demonstrations": "32",
    "clone_steps": 1000,
    "clone_each": 4,
}
"""How GAIL imitates from pictures, where nobody has said otherwise."""
