"""An agent that is ready to be trained: environments, model, threads, and the processes that share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from agents.environments import Target
from agents.flat_spaces import flat_actions, flat_observations
from agents.pqn.self_play import training_params
from agents.settings import AgentSettings
from agents.training.build import build_model, device_of, make_environments
from agents.training.compatibility import MEMORIES, check_agent
from agents.training.curriculum import Curriculum
from agents.training.memory_needs import check_size
from agents.training.policy_choice import is_small
from agents.training.team import Team, part_of
from envs.engine.checks.long_play import play_before_use
from sandbox.devices import seed_everything, set_threads
from sandbox.training import process_group
from sandbox.training.out_of_memory import Foreseen


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a training begins with.

    Attributes:
        model: learns.
        env: what it learns in; with several processes, this one's part.
        observation_space: of the target, as it is.
        device: where the model learns.
        seed: of everything.
        threads: in use.
        team: the processes that share it; None if it is one.
        curriculum: what changes in the environment on the way.
    """

    model: BaseAlgorithm
    env: VecEnv
    observation_space: spaces.Space
    device: torch.device
    seed: int
    threads: int
    team: Team | None
    curriculum: Curriculum


def prepare(target: Target, settings: AgentSettings, config: Mapping[str, Any]) -> Prepared:
    """Make what is trained.

    Args:
        target: the environment.
        settings: of the whole training; they were checked.
        config: seed, device and threads, as in a run's.

    Raises:
        UserError: settings that do not fit the environment, the memory, or the number of processes.
    """
    seed = int(config.get("seed") or 0)
    own_observations, own_actions = target.spaces(settings.params)
    check_agent(settings.agent, target.name, own_observations, own_actions)
    observation_space, action_space = flat_observations(own_observations), flat_actions(own_actions)
    rank, size = process_group.place()
    part = part_of(settings, size)
    device = device_of(config.get("device") or "auto", settings, observation_space)
    device = process_group.own_device(device) if size > 1 else device
    # The products of an MLP, or of a step of an LSTM, are too small to share: a second thread gains
    # little on an idle machine, and on a busy one each waits for the other. It also keeps results the
    # same on machines with more cores.
    small = is_small(settings, observation_space) or settings.policy in MEMORIES
    one = device.type == "cpu" and small
    threads = set_threads(config.get("threads") or (1 if one else None))
    seed_everything(seed)
    check_size(settings, target, observation_space, action_space)
    if target.environment is not None:
        play_before_use(target.environment, settings.params)
    first = rank * part.num_envs
    env = make_environments(part, target, device, seed + first, training_params(target, settings))
    with Foreseen():
        model = build_model(part, env, device, seed)
    team = None
    if size > 1:
        env.seed(seed + first)  # the model has seeded it with its own seed
        team = Team(model, seed)
    return Prepared(
        model=model,
        env=env,
        observation_space=own_observations,
        device=device,
        seed=seed,
        threads=threads,
        team=team,
        curriculum=Curriculum(target, settings, env),
    )
