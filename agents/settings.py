"""What can be set about an agent's training: type, default, range and help of each setting, once."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Literal

from gymnasium import spaces

from agents.base_settings import AgentSettings, NoveltySettings, OnlineSettings, PolicyName
from agents.environments import Target, find_target
from agents.imitation_settings import CloneSettings, ImitationSettings
from agents.q_settings import FreeEnergySettings, ParallelQSettings, PQNSettings
from agents.replay_settings import (
    DQNSettings,
    QRDQNSettings,
    ReplaySettings,
    SACSettings,
    TD3Settings,
    TQCSettings,
)
from agents.self_play_settings import AlphaZeroSettings
from agents.training.compatibility import check_agent, is_picture
from envs.engine.environment import RESERVED
from sandbox.errors import UserError, did_you_mean
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, from_json, setting
from sandbox.tasks.reference import Reference

__all__ = [
    "AGENTS",
    "FROM_PICTURES",
    "A2CSettings",
    "AgentSettings",
    "AlphaZeroSettings",
    "CloneSettings",
    "DQNSettings",
    "GAILSettings",
    "ImitationSettings",
    "OnlineSettings",
    "PPOSettings",
    "PQNSettings",
    "ParallelQSettings",
    "PolicyName",
    "QRDQNSettings",
    "ReplaySettings",
    "RolloutSettings",
    "SACSettings",
    "TD3Settings",
    "TQCSettings",
    "agent_for",
    "agent_settings",
    "from_config",
    "presets_of",
    "references_of",
    "settings_for",
]

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


@dataclass(frozen=True, kw_only=True)
class A2CSettings(RolloutSettings):
    """Advantage actor-critic, of Stable-Baselines3. Mnih et al. 2016."""

    agent: ClassVar[str] = "a2c"

    learning_rate: float = 7e-4
    num_envs: int = 8
    num_steps: int = 5
    gae_lambda: float = 1.0


FROM_PICTURES: dict[str, Any] = {
    "learning_rate": 1e-3,
    "demonstrations": "32",
    "clone_steps": 1000,
    "clone_each": 4,
}
"""How GAIL imitates from pictures, where nobody has said otherwise."""

AGENTS: dict[str, type[AgentSettings]] = {
    kind.agent: kind
    for kind in (
        PPOSettings,
        A2CSettings,
        DQNSettings,
        QRDQNSettings,
        SACSettings,
        TD3Settings,
        TQCSettings,
        GAILSettings,
        CloneSettings,
        PQNSettings,
        FreeEnergySettings,
        AlphaZeroSettings,
    )
}
"""Settings of each agent, by its name."""


def agent_settings(agent: str) -> type[AgentSettings]:
    """Return the settings class of an agent.

    Raises:
        UserError: there is none of that name; names the nearest.
    """
    if agent not in AGENTS:
        hint = did_you_mean(agent, AGENTS) or f" There are {', '.join(AGENTS)}."
        raise UserError(f"There is no agent {agent!r}.{hint}")
    return AGENTS[agent]


def settings_for(target: str, agent: str = "ppo", preset: str = "default") -> AgentSettings:
    """Give the settings of an environment's preset, or ones that suit its spaces if it has none.

    Args:
        target: an environment's file name or any Gymnasium id.
        agent: a name of `AGENTS`.
        preset: a name in the environment's preset file; "default" always exists.

    Raises:
        UserError: unknown target, agent or preset, or an agent that cannot play in this environment.
    """
    found = find_target(target)
    kind = agent_settings(agent)
    presets = presets_of(found).get(agent, {})
    if preset in presets:
        return presets[preset]
    if preset != "default":
        known = ["default", *(name for name in presets if name != "default")]
        hint = did_you_mean(preset, known) or f" There is {' and '.join(known)}."
        raise UserError(f"{found.name} has no preset {preset!r} for {agent}.{hint}")
    observation_space, action_space = found.spaces()
    check_agent(agent, found.name, observation_space, action_space)
    return _generic(kind, observation_space)


def agent_for(target: str) -> str:
    """Name the agent that an environment's preset puts first; `ppo` where there is no preset."""
    return next(iter(presets_of(find_target(target))), "ppo")


def presets_of(target: Target) -> dict[str, dict[str, AgentSettings]]:
    """Return an environment's presets by agent and name; none if it has no file in `agents/presets/`."""
    module = _preset_file(target)
    return {} if module is None else module.CONFIG


def references_of(target: Target) -> Sequence[Reference]:
    """Return what others have published about an environment: `REFERENCES` of its preset file."""
    return getattr(_preset_file(target), "REFERENCES", ())


def _preset_file(target: Target) -> ModuleType | None:
    name = re.sub(r"[^a-z0-9]+", "_", target.name.lower())
    package = importlib.import_module("agents.presets")
    if name not in (module.name for module in pkgutil.iter_modules(package.__path__)):
        return None
    return importlib.import_module(f"agents.presets.{name}")


def from_config(agent: str, values: Mapping[str, Any]) -> AgentSettings:
    """Rebuild settings from a run's `config.json`; fields it does not know keep their defaults.

    Raises:
        UserError: there is no such agent, or a setting has a wrong type; names it.
    """
    default = agent_settings(agent)()
    if isinstance(values.get("demonstrations"), int):  # of earlier versions, which knew no files
        values = {**values, "demonstrations": str(values["demonstrations"])}
    known = {field.name for field in dataclasses.fields(default)}
    settings = from_json(default, {name: value for name, value in values.items() if name in known})
    # As keyword arguments of `gymnasium.make` these would mean something else than a parameter.
    if taken := RESERVED.intersection(settings.params):
        raise UserError(f"The run's settings cannot be used: {min(taken)} is no parameter of an environment.")
    return settings


def _generic(kind: type[AgentSettings], observation_space: spaces.Space) -> AgentSettings:
    """Settings that are reasonable where nobody has tuned any."""
    if is_picture(observation_space):
        # 10x10 cells: the network of MinAtar, Young & Tian 2019. More: enough convolutions to halve them.
        channels = (16,) if sorted(observation_space.shape or ())[1] <= 12 else (16, 32, 64)
        if issubclass(kind, CloneSettings):
            return kind(hidden=(128,), channels=channels, demonstrations=FROM_PICTURES["demonstrations"])
        more: dict[str, Any] = FROM_PICTURES if issubclass(kind, GAILSettings) else {}
        return kind(total_timesteps=1_000_000, hidden=(128,), channels=channels, **more)
    return kind()
