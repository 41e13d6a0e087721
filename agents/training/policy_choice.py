"""From settings to a policy: which network an agent has, as a class and its arguments."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Any

from gymnasium import spaces
from stable_baselines3.common.policies import BasePolicy

from agents.flat_spaces import FlatObservations
from agents.free_energy.free_energy import FreeEnergyPolicy
from agents.policies import BlockCnnPolicy, CnnFeatures, DelayedPolicy, MlpPolicy, QPolicy, SoftPolicy
from agents.policies.features import KINDS, LearnedFeatures
from agents.policies.lines import LineFeatures
from agents.policies.normalisation import NormalisedFeatures, wants_observations, wants_rewards
from agents.policies.recurrent import MemoryPolicy
from agents.pqn.memory import QMemoryPolicy
from agents.pqn.policy import QPolicy as PQNPolicy
from agents.settings import (
    AgentSettings,
    AlphaZeroSettings,
    FreeEnergySettings,
    PPOSettings,
    PQNSettings,
    QRDQNSettings,
    TQCSettings,
)
from agents.training.compatibility import MEMORIES, check_policy, is_picture
from sandbox.blocks.mlp import ACTIVATIONS
from sandbox.errors import UserError

REPLAY_POLICIES: dict[str, type[BasePolicy]] = {"dqn": QPolicy, "sac": SoftPolicy, "td3": DelayedPolicy}
CONTRIB = {"qrdqn": "QuantilePolicy", "tqc": "TruncatedPolicy"}
"""Agents of sb3-contrib, and their policies in `agents.policies.quantile_policies`."""
ACTOR_CRITIC = ("ppo", "a2c", "gail", "clone", "alphazero")


def network(settings: AgentSettings, observation_space: spaces.Space) -> str:
    """Tell which network the settings mean: `mlp`, `cnn`, a kind of memory or a kind of features."""
    if settings.policy == "auto" and isinstance(settings, FreeEnergySettings):
        return "mlp"  # pictures, too, are rows of bits to it
    if settings.policy == "auto":
        mixed = isinstance(observation_space, FlatObservations) and observation_space.pictures
        return "cnn" if mixed or is_picture(observation_space) else "mlp"
    return settings.policy


def is_small(settings: AgentSettings, observation_space: spaces.Space) -> bool:
    """Tell whether no convolutions are trained: too little work for a GPU or a second thread."""
    kind = network(settings, observation_space)
    pictures = is_picture(observation_space) or getattr(observation_space, "pictures", [])
    return kind != "cnn" and not (kind in MEMORIES and pictures)


def policy_of(
    settings: AgentSettings, observation_space: spaces.Space
) -> tuple[type[BasePolicy], dict[str, Any]]:
    """Return the policy class and its arguments.

    Raises:
        UserError: a CNN for observations that are not pictures, or a memory for an agent without use for it.
    """
    agent, kind = settings.agent, network(settings, observation_space)
    memory = kind in MEMORIES
    check_policy(agent, kind)
    mixed = isinstance(observation_space, FlatObservations)
    if mixed and kind in KINDS:
        raise UserError(f"Features learned by looking ({kind}) are for observations that are one array.")
    cnn = kind == "cnn" or (memory and is_picture(observation_space))
    options: dict[str, Any] = {"activation_fn": ACTIVATIONS["relu" if cnn else settings.activation]}
    if isinstance(settings, PPOSettings) and settings.normalize != "none":
        options |= _normalising(
            settings, cnn or kind in KINDS or bool(getattr(observation_space, "pictures", 0))
        )
    if mixed and observation_space.pictures:
        # A CNN for each picture, and one hidden layer where what it sees meets the rest.
        options["features_extractor_kwargs"] = {"channels": settings.channels, "hidden": settings.hidden}
        options |= {"net_arch": list(settings.hidden[-1:]), "activation_fn": ACTIVATIONS["relu"]}
        return (
            (MemoryPolicy, {**options, "kind": kind, "memory": settings.memory})
            if memory
            else (MlpPolicy, options)
        )
    if cnn:
        options["features_extractor_class"] = CnnFeatures
        options["features_extractor_kwargs"] = {"channels": settings.channels, "hidden": settings.hidden}
    elif kind == "lines" and isinstance(settings, AlphaZeroSettings):
        options["features_extractor_class"] = LineFeatures
        options["features_extractor_kwargs"] = {"length": settings.line, "hidden": settings.hidden}
    elif kind in KINDS:
        options["features_extractor_class"] = LearnedFeatures
        options["features_extractor_kwargs"] = {"kind": kind, "features": settings.features}
    if memory:
        options |= {"kind": kind, "memory": settings.memory, "net_arch": list(settings.hidden)}
    if isinstance(settings, AlphaZeroSettings) and cnn:
        options["features_extractor_kwargs"] |= {"kernel": settings.kernel}
    if isinstance(settings, PQNSettings):
        options |= {"normalize_obs": settings.normalize_obs, "reward_scale": settings.reward_scale}
        if cnn:
            options["features_extractor_kwargs"] |= {"norm": "layer"}
        if memory:
            return QMemoryPolicy, options
        return PQNPolicy, {**options, "net_arch": [] if cnn else list(settings.hidden)}
    if memory:
        return MemoryPolicy, options
    if agent in ACTOR_CRITIC:
        if cnn:
            return BlockCnnPolicy, options
        return MlpPolicy, {**options, "net_arch": [] if kind == "lines" else list(settings.hidden)}
    if isinstance(settings, FreeEnergySettings):
        own = {"net_arch": list(settings.hidden), "reward_scale": settings.reward_scale}
        return FreeEnergyPolicy, options | own
    # The heads of replay agents behind a CNN have one hidden layer: SAC's critic must mix in the action.
    options["net_arch"] = list(settings.hidden[-1:] if cnn else settings.hidden)
    if isinstance(settings, QRDQNSettings | TQCSettings):
        options["n_quantiles"] = settings.num_quantiles
    if isinstance(settings, TQCSettings):
        options["n_critics"] = settings.num_critics
    return (getattr(contrib(), CONTRIB[agent]) if agent in CONTRIB else REPLAY_POLICIES[agent]), options


def contrib() -> ModuleType:
    """Return `agents.policies.quantile_policies`.

    Raises:
        UserError: sb3-contrib is not installed; says how to.
    """
    if importlib.util.find_spec("sb3_contrib") is None:
        raise UserError("QR-DQN and TQC need the package sb3-contrib: pip install sb3-contrib")
    return importlib.import_module("agents.policies.quantile_policies")


def _normalising(settings: PPOSettings, own_scale: bool) -> dict[str, Any]:
    """Return the arguments of a policy that carries running moments.

    Raises:
        UserError: its observations are scaled in another way.
    """
    if own_scale and wants_observations(settings.normalize):
        raise UserError(
            "Pictures and features learned by looking are scaled already: use --normalize rewards, or none."
        )
    features = {"features_extractor_class": NormalisedFeatures}
    return {
        "scale_returns": wants_rewards(settings.normalize),
        **(features if wants_observations(settings.normalize) else {}),
    }
