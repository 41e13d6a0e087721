"""What can be set about an agent's training; each attribute's docstring is its line of `--help`."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from gymnasium import spaces

from agents.matching import is_picture
from agents.target import Target, find_target
from envs.engine.environment import RESERVED
from sandbox.errors import UserError, did_you_mean
from sandbox.run_schema import settings_of_type

PolicyName = Literal["auto", "mlp", "cnn", "rnn", "lstm", "rbf", "autoencoder", "som", "rbm", "dbn"]


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """What every agent has."""

    agent: ClassVar[str]

    total_timesteps: int = 200_000
    """Environment steps to train for, over all environments together."""
    num_envs: int = 64
    """Environments that are played at the same time."""
    policy: PolicyName = "auto"
    """Network: what suits the observations (an MLP, or a CNN for pictures), one with a memory (rnn, lstm), or
    features learned by looking (the others)."""
    hidden: tuple[int, ...] = (64, 64)
    """Sizes of the MLP's hidden layers, or of the dense layers behind the CNN."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Activation of the MLP; a CNN uses relu."""
    channels: tuple[int, ...] = (16,)
    """Filters of each 3x3 convolution of the CNN."""
    memory: int = 64
    """Size of the state of an RNN or LSTM."""
    features: int = 64
    """Numbers that a policy with features learned by looking describes an observation by."""
    look_steps: int = 8192
    """Observations of random play that it looks at before it is trained."""
    learning_rate: float = 3e-4
    """Step size of Adam."""
    schedule: Literal["constant", "linear"] = "constant"
    """Whether the learning rate stays or goes down to zero over the training."""
    gamma: float = 0.99
    """Discount of later rewards, per step."""
    params: dict[str, float] = field(default_factory=dict)
    """Parameters of the environment to change, such as: --params gravity 3.7"""
    eval_every: int = 0
    """Steps between evaluations; 0 for a twentieth of the training."""
    eval_episodes: int = 20
    """Episodes of each evaluation on the way. They are not used for training."""
    final_episodes: int = 100
    """Episodes of the last evaluation, and of the one that decides whether the environment is solved."""
    stop_when_solved: bool = True
    """Stop once the 95 % interval of the return of `final_episodes` new episodes is above the threshold."""


@dataclass(frozen=True, kw_only=True)
class PPOSettings(AgentSettings):
    """Proximal policy optimization. Schulman et al. 2017."""

    agent: ClassVar[str] = "ppo"

    num_steps: int = 32
    """Steps of each environment between two updates."""
    batch_size: int = 512
    """Samples of a minibatch; with a memory it holds whole pieces of play, `num_steps` long."""
    num_epochs: int = 4
    """Passes over each rollout."""
    gae_lambda: float = 0.95
    """How far advantages look past the next value: 0 one step, 1 to the end."""
    clip_range: float = 0.2
    """How far an update may move the probability of an action, relatively."""
    clip_schedule: Literal["constant", "linear"] = "constant"
    """Whether the clip range stays or goes down to zero over the training."""
    ent_coef: float = 0.0
    """Bonus for entropy: keeps the agent trying."""
    vf_coef: float = 0.5
    """Weight of the value loss."""
    max_grad_norm: float = 0.5
    """Longer gradients are scaled down to this norm."""
    normalize_advantage: bool = True
    """Scale the advantages of each minibatch to mean 0 and standard deviation 1."""
    target_kl: float | None = None
    """End an update early once the policy has moved 1.5 times this far."""


@dataclass(frozen=True, kw_only=True)
class GAILSettings(PPOSettings):
    """Generative adversarial imitation learning: PPO rewarded for playing like an expert. Ho & Ermon 2016."""

    agent: ClassVar[str] = "gail"

    total_timesteps: int = 400_000
    learning_rate: float = 3e-3
    schedule: Literal["constant", "linear"] = "linear"
    stop_when_solved: bool = False
    """Stop once the environment's return, which it does not learn from, is above the threshold."""
    expert: str | None = None
    """Run whose agent it imitates; without one, the environment's hand-written player."""
    demonstrations: int = 8
    """Whole episodes of the expert that it is shown before it is trained."""
    discriminator_hidden: tuple[int, ...] = (64, 64)
    """Sizes of the hidden layers of the network that tells expert and agent apart."""
    discriminator_rate: float = 3e-3
    """Step size of the discriminator's Adam."""
    discriminator_steps: int = 4
    """Updates of the discriminator after each rollout."""
    discriminator_batch: int = 256
    """Pairs of observation and action of the expert, and as many of the agent, in each of these."""
    penalty: float = 1.0
    """Weight of R1, which keeps the discriminator smooth."""
    reward_form: Literal["logit", "positive", "negative"] = "logit"
    """Reward from the discriminator's log odds D: D itself, log(1 + exp(D)), or -log(1 + exp(-D))."""
    absorbing: bool = True
    """Whether an episode that ends goes on in an absorbing state; else its end is worth nothing."""


@dataclass(frozen=True, kw_only=True)
class A2CSettings(AgentSettings):
    """Advantage actor-critic, of Stable-Baselines3. Mnih et al. 2016."""

    agent: ClassVar[str] = "a2c"

    learning_rate: float = 7e-4
    num_envs: int = 8
    num_steps: int = 5
    """Steps of each environment between two updates."""
    gae_lambda: float = 1.0
    """How far advantages look past the next value: 0 one step, 1 to the end."""
    ent_coef: float = 0.0
    """Bonus for entropy: keeps the agent trying."""
    vf_coef: float = 0.5
    """Weight of the value loss."""
    max_grad_norm: float = 0.5
    """Longer gradients are scaled down to this norm."""


@dataclass(frozen=True, kw_only=True)
class DQNSettings(AgentSettings):
    """Deep Q-learning, of Stable-Baselines3, for discrete actions. Mnih et al. 2015."""

    agent: ClassVar[str] = "dqn"

    num_envs: int = 4
    activation: Literal["tanh", "relu"] = "relu"
    buffer_size: int = 100_000
    """Transitions remembered."""
    learning_starts: int = 1000
    """Random steps before the first update."""
    batch_size: int = 64
    """Transitions of a minibatch."""
    train_freq: int = 16
    """Steps of each environment between two rounds of updates."""
    gradient_steps: int = 8
    """Updates of a round."""
    target_update_interval: int = 500
    """Steps between two copies of the network to its target."""
    exploration_fraction: float = 0.2
    """Share of the training over which random actions become rare."""
    exploration_final_eps: float = 0.05
    """Chance of a random action after that."""

    def exploration(self, step: int) -> float:
        """The chance of a random action at a step of the training, as Stable-Baselines3 reckons it."""
        if step < self.learning_starts:
            return 1.0
        share = min(1.0, step / max(1.0, self.exploration_fraction * self.total_timesteps))
        return 1.0 + share * (self.exploration_final_eps - 1.0)


@dataclass(frozen=True, kw_only=True)
class SACSettings(AgentSettings):
    """Soft actor-critic, of Stable-Baselines3, for continuous actions. Haarnoja et al. 2018."""

    agent: ClassVar[str] = "sac"

    num_envs: int = 4
    hidden: tuple[int, ...] = (256, 256)
    activation: Literal["tanh", "relu"] = "relu"
    buffer_size: int = 100_000
    """Transitions remembered."""
    learning_starts: int = 1000
    """Random steps before the first update."""
    batch_size: int = 256
    """Transitions of a minibatch."""
    tau: float = 0.005
    """How fast the target networks follow."""
    gradient_steps: int = 4
    """Updates after each step of all environments."""


AGENTS: dict[str, type[AgentSettings]] = {
    kind.agent: kind for kind in (PPOSettings, A2CSettings, DQNSettings, SACSettings, GAILSettings)
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
        agent: `ppo`, `a2c`, `dqn`, `sac` or `gail`.
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


def presets_of(target: Target) -> dict[str, dict[str, AgentSettings]]:
    """Return an environment's presets by agent and name; none if it has no file in `agents/presets/`."""
    name = re.sub(r"[^a-z0-9]+", "_", target.name.lower())
    package = importlib.import_module("agents.presets")
    if name not in (module.name for module in pkgutil.iter_modules(package.__path__)):
        return {}
    return importlib.import_module(f"agents.presets.{name}").CONFIG


def check_agent(agent: str, name: str, observation_space: spaces.Space, action_space: spaces.Space) -> None:
    """Refuse what cannot work.

    Raises:
        UserError: the agent cannot deal with these observations or actions; names those that can.
    """
    if isinstance(observation_space, spaces.Dict | spaces.Tuple) or observation_space.shape is None:
        raise UserError(
            f"{name} has observations of kind {type(observation_space).__name__}; agents need one array."
        )
    needs = {"dqn": (spaces.Discrete,), "sac": (spaces.Box,)}
    both = (spaces.Discrete, spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)
    if isinstance(action_space, needs.get(agent, both)):
        return
    able = [other for other in AGENTS if isinstance(action_space, needs.get(other, both))]
    kind = type(action_space).__name__
    rest = f"; {', '.join(able)} can." if able else "."
    raise UserError(f"{agent} cannot play {name}, whose actions are {kind}{rest}")


def from_config(agent: str, values: Mapping[str, Any]) -> AgentSettings:
    """Rebuild settings from a run's `config.json`; fields it does not know keep their defaults.

    Raises:
        UserError: there is no such agent, or a setting has a wrong type; names it.
    """
    settings = settings_of_type(agent_settings(agent), values)
    # As keyword arguments of `gymnasium.make` these would mean something else than a parameter.
    if taken := RESERVED.intersection(settings.params):
        raise UserError(f"The run's settings cannot be used: {min(taken)} is no parameter of an environment.")
    return settings


def _generic(kind: type[AgentSettings], observation_space: spaces.Space) -> AgentSettings:
    """Settings that are reasonable where nobody has tuned any."""
    if is_picture(observation_space):
        # 10x10 cells: the network of MinAtar, Young & Tian 2019. More: enough convolutions to halve them.
        channels = (16,) if sorted(observation_space.shape or ())[1] <= 12 else (16, 32, 64)
        return kind(total_timesteps=1_000_000, hidden=(128,), channels=channels)
    return kind()
