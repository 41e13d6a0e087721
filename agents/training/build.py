"""From settings to a model: the algorithm, its environments, and where it computes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import VecEnv

from agents.alphazero import AlphaZero
from agents.base_settings import NoveltySettings
from agents.device_vec_env import DeviceVecEnv, can_live_on
from agents.environments import Target
from agents.exploration import CuriousPPO, CuriousPQN
from agents.flat_spaces import flat_observations
from agents.free_energy import FreeEnergy
from agents.imitation import GAIL, Clone
from agents.ppo import PPO
from agents.ppo.on_device import DevicePPO
from agents.pqn import PQN
from agents.settings import (
    AgentSettings,
    AlphaZeroSettings,
    ImitationSettings,
    ParallelQSettings,
    PPOSettings,
    QRDQNSettings,
    ReplaySettings,
    TD3Settings,
    TQCSettings,
)
from agents.training.compatibility import MEMORIES, check_counts_from_zero
from agents.training.policy_choice import CONTRIB, contrib, is_small, policy_of
from agents.vec_env import make_vec_env
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
CURIOUS: dict[str, type[BaseAlgorithm]] = {"ppo": CuriousPPO, "pqn": CuriousPQN}
MANY = 1024
"""From so many environments on they are played on the GPU that PPO learns on."""


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
    arguments: dict[str, Any] = {
        "policy": policy,
        "env": env,
        "learning_rate": rate,
        "gamma": settings.gamma,
        "policy_kwargs": policy_kwargs,
        "seed": seed,
        "device": device,
    } | _own_arguments(settings, env)
    try:
        known = contrib().ALGORITHMS if settings.agent in CONTRIB else ALGORITHMS
        kind = (CURIOUS if is_curious(settings) else known)[settings.agent]
        kind = DevicePPO if isinstance(env, DeviceVecEnv) else kind
        return kind(**arguments)
    except (AssertionError, ValueError) as error:
        raise UserError(
            f"These settings do not fit {settings.agent}: {' '.join(str(error).split())}."
        ) from error


def _own_arguments(settings: AgentSettings, env: VecEnv) -> dict[str, Any]:
    """Return what only this algorithm takes, under the names of Stable-Baselines3."""
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
        own["batch_size"] = min(settings.batch_size, settings.num_steps * settings.num_envs)
        if own.pop("clip_schedule") == "linear":
            own["clip_range"] = LinearSchedule(settings.clip_range, 0.0, 1.0)
    if isinstance(settings, ParallelQSettings):
        del own["reward_scale"]  # the policy's
        own.pop("normalize_obs", None)  # likewise
    if isinstance(settings, AlphaZeroSettings):
        del own["kernel"], own["line"]  # the policy's
    if isinstance(settings, ImitationSettings):
        # Whom it imitates is not the algorithm's business; who trains it calls `imitate`.
        del own["expert"], own["demonstrations"]
    for theirs, ours in (("n_steps", "num_steps"), ("n_epochs", "num_epochs")):
        if ours in own:
            own[theirs] = own.pop(ours)
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
    return own
