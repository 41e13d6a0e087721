"""From settings to a model: the algorithm, its policy of shared blocks, and its environments."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import VecEnv

from agents.alphazero import AlphaZero
from agents.base_settings import NoveltySettings
from agents.device_vec_env import DeviceVecEnv, can_live_on
from agents.environments import Target
from agents.exploration import CuriousPPO, CuriousPQN
from agents.flat_spaces import FlatObservations, flat_observations
from agents.free_energy import FreeEnergy
from agents.free_energy.free_energy import FreeEnergyPolicy
from agents.imitation import GAIL, Clone
from agents.policies import BlockCnnPolicy, CnnFeatures, DelayedPolicy, MlpPolicy, QPolicy, SoftPolicy
from agents.policies.features import KINDS, LearnedFeatures
from agents.policies.lines import LineFeatures
from agents.policies.normalisation import NormalisedFeatures, wants_observations, wants_rewards
from agents.policies.recurrent import MemoryPolicy
from agents.ppo import PPO
from agents.ppo.on_device import DevicePPO
from agents.pqn import PQN
from agents.pqn.memory import QMemoryPolicy
from agents.pqn.policy import QPolicy as PQNPolicy
from agents.settings import (
    AgentSettings,
    AlphaZeroSettings,
    FreeEnergySettings,
    ImitationSettings,
    ParallelQSettings,
    PPOSettings,
    PQNSettings,
    QRDQNSettings,
    ReplaySettings,
    TD3Settings,
    TQCSettings,
)
from agents.training.compatibility import MEMORIES, check_counts_from_zero, check_policy, is_picture
from agents.vec_env import make_vec_env
from sandbox.blocks.mlp import ACTIVATIONS
from sandbox.devices import pick_device
from sandbox.errors import UserError

ALGORITHMS: dict[str, type[BaseAlgorithm]] = {
    "ppo": PPO,
    "a2c": stable_baselines3.A2C,
    "dqn": stable_baselines3.DQN,
    "pqn": PQN,
    "free_energy": FreeEnergy,
    "alphazero": AlphaZero,
    "sac": stable_baselines3.SAC,
    "td3": stable_baselines3.TD3,
    "gail": GAIL,
    "clone": Clone,
}
REPLAY_POLICIES: dict[str, type[BasePolicy]] = {"dqn": QPolicy, "sac": SoftPolicy, "td3": DelayedPolicy}
CONTRIB = {"qrdqn": "QuantilePolicy", "tqc": "TruncatedPolicy"}
"""Agents of sb3-contrib, and their policies in `agents.policies.quantile_policies`."""
CURIOUS: dict[str, type[BaseAlgorithm]] = {"ppo": CuriousPPO, "pqn": CuriousPQN}
ACTOR_CRITIC = ("ppo", "a2c", "gail", "clone", "alphazero")
MANY = 1024
"""From so many environments on they are played on the GPU that PPO learns on."""


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


def device_of(name: str, settings: AgentSettings, observation_space: spaces.Space) -> torch.device:
    """Pick the device; `auto` takes the CPU for an MLP, whose work is too small to be worth the way.

    Args:
        name: auto, cpu, cuda, cuda:1, mps or xpu.
        settings: of the agent.
        observation_space: of the environment.

    Raises:
        UserError: there is no such device.
    """
    if name == "auto" and is_small(settings, observation_space):
        return torch.device("cpu")
    return pick_device(name)


def is_curious(settings: AgentSettings) -> bool:
    """Tell whether the agent is rewarded for what is new to it, too."""
    return isinstance(settings, NoveltySettings) and settings.novelty != "none"


def make_environments(
    settings: AgentSettings, target: Target, device: torch.device, seed: int, params: Mapping[str, Any]
) -> VecEnv:
    """Make what an agent learns in: on the CPU, or many copies where a GPU learns.

    Args:
        settings: of the agent.
        target: the environment.
        device: where the agent learns.
        seed: environment `i` is seeded with `seed + i`.
        params: parameters of the environment while it is learned in.
    """
    environment = target.environment
    many = settings.agent == "ppo" and settings.num_envs >= MANY and not is_curious(settings)
    if (
        many
        and settings.policy not in MEMORIES
        and environment is not None
        and can_live_on(device, environment)
    ):
        return DeviceVecEnv(environment, settings.num_envs, seed, params, device)
    return make_vec_env(target.name, settings.num_envs, seed, env_kwargs=params)


def build_model(settings: AgentSettings, env: VecEnv, device: torch.device, seed: int) -> BaseAlgorithm:
    """Make the algorithm.

    Args:
        settings: of the agent.
        env: what it learns in.
        device: where it computes.
        seed: of the first weights, actions, environments and minibatches.

    Raises:
        UserError: settings that contradict each other.
    """
    check_counts_from_zero(env.observation_space, env.action_space)
    policy, policy_kwargs = policy_of(settings, flat_observations(env.observation_space))
    rate: Any = settings.learning_rate
    if settings.schedule == "linear":
        rate = LinearSchedule(settings.learning_rate, 0.0, 1.0)
    common: dict[str, Any] = {
        "policy": policy,
        "env": env,
        "learning_rate": rate,
        "gamma": settings.gamma,
        "policy_kwargs": policy_kwargs,
        "seed": seed,
        "device": device,
    }
    names = {field.name for field in dataclasses.fields(settings)}
    shared = {field.name for field in dataclasses.fields(AgentSettings)}
    own = {name: getattr(settings, name) for name in names - shared}
    if isinstance(settings, NoveltySettings):
        del own["novelty"]
        if is_curious(settings):
            rollouts = settings.total_timesteps / (settings.num_steps * settings.num_envs)
            own["lessons"] = max(2, int(settings.novelty_fraction * rollouts))
        else:
            own = {name: value for name, value in own.items() if not name.startswith("novelty_")}
    if isinstance(settings, PPOSettings):
        own["n_epochs"] = own.pop("num_epochs")
        own["batch_size"] = min(settings.batch_size, settings.num_steps * settings.num_envs)
        if own.pop("clip_schedule") == "linear":
            own["clip_range"] = LinearSchedule(settings.clip_range, 0.0, 1.0)
    if isinstance(settings, ParallelQSettings):
        own["n_epochs"] = own.pop("num_epochs")
        del own["reward_scale"]  # the policy's
        own.pop("normalize_obs", None)  # likewise
    if isinstance(settings, AlphaZeroSettings):
        own["n_epochs"] = own.pop("num_epochs")
        del own["kernel"], own["line"]  # the policy's
    if isinstance(settings, ImitationSettings):
        # Whom it imitates is not the algorithm's business; who trains it calls `imitate`.
        del own["expert"], own["demonstrations"]
    if "num_steps" in own:
        own["n_steps"] = own.pop("num_steps")
    if isinstance(settings, ReplaySettings):
        own["buffer_size"] = max(own["buffer_size"], settings.num_envs)
    if isinstance(settings, QRDQNSettings | TQCSettings):
        del own["num_quantiles"]  # the policy's
    if isinstance(settings, TQCSettings):
        del own["num_critics"]
        own["top_quantiles_to_drop_per_net"] = own.pop("dropped_quantiles")
    if isinstance(settings, TD3Settings):
        size = env.action_space.shape or ()
        own["action_noise"] = NormalActionNoise(np.zeros(size), np.full(size, settings.action_noise))
    try:
        known = contrib().ALGORITHMS if settings.agent in CONTRIB else ALGORITHMS
        kind = (CURIOUS if is_curious(settings) else known)[settings.agent]
        kind = DevicePPO if isinstance(env, DeviceVecEnv) else kind
        return kind(**common, **own)
    except (AssertionError, ValueError) as error:
        raise UserError(
            f"These settings do not fit {settings.agent}: {' '.join(str(error).split())}."
        ) from error
