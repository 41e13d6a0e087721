"""Everything that decides how a training goes on, as tensors and JSON, for exact resume.

For PPO, PQN and GAIL in an environment of ours this is complete: weights, Adam's moments, all random
generators, what is imitated, the environments themselves with their running episodes, and the counters that
schedules follow. On a CPU the resumed run is bit-identical to the one that was never interrupted. `left_out`
says what is not kept: the inside of a foreign Gymnasium environment, and the replay buffer of AlphaZero, DQN,
SAC and their kin, which would make each checkpoint many times as large.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor

from agents.batch_vec_env import BatchVecEnv
from agents.exploration.curious import Curious
from agents.imitation import GAIL, Demonstrations, Imitator
from agents.ppo import PPO
from agents.pqn import PQN
from agents.training.sb3_loops import optimizers
from sandbox.devices import random_states, restore_random_states
from sandbox.training.nested_tensors import load_optimizer

COUNTERS = ("num_timesteps", "_n_updates", "_current_progress_remaining", "_episode_num", "_n_calls")


def capture(model: BaseAlgorithm) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Take the state of a training between two updates.

    Returns:
        Tensors and JSON values, in memory of their own.
    """
    tensors = {f"random/{name}": state for name, state in random_states().items()}
    for name, value in model.policy.state_dict().items():
        tensors[f"policy/{name}"] = value.detach().cpu().clone()
    for name, optimizer in optimizers(model).items():
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                tensors[f"{name}/{index}/{key}"] = torch.as_tensor(value).detach().cpu().clone()
    if isinstance(model, Imitator):
        shown = model.demonstrations
        tensors |= {"expert/obs": shown.obs, "expert/actions": shown.actions, "expert/returns": shown.returns}
    if isinstance(model, GAIL):
        for name, value in model.discriminator.state_dict().items():
            tensors[f"discriminator/{name}"] = value.detach().cpu().clone()
    if isinstance(model, Curious):
        tensors |= {f"novelty/{name}": value for name, value in model.novelty.state().items()}
    log_ent_coef = getattr(model, "log_ent_coef", None)
    if isinstance(log_ent_coef, Tensor):
        tensors["log_ent_coef"] = log_ent_coef.detach().cpu().clone()
    meta: dict[str, Any] = {name: getattr(model, name) for name in COUNTERS if hasattr(model, name)}
    if isinstance(model, Imitator):
        meta["expert_ends"] = model.demonstrations.ends
    if isinstance(model, GAIL):
        meta["absorbing_share"] = model.absorbing_share
    meta["episodes"] = [{k: e[k] for k in ("r", "l")} for e in model.ep_info_buffer or ()]
    batch = _batch(model.env)
    if batch is not None and isinstance(model._last_obs, np.ndarray):
        snapshot = batch.snapshot()
        assert model._last_episode_starts is not None
        tensors["env/batch"] = torch.frombuffer(bytearray(snapshot["batch"]), dtype=torch.uint8)
        tensors["env/returns"] = torch.from_numpy(snapshot["returns"])
        tensors["env/lengths"] = torch.from_numpy(snapshot["lengths"])
        tensors["env/last_obs"] = torch.from_numpy(np.ascontiguousarray(model._last_obs).copy())
        tensors["env/episode_starts"] = torch.from_numpy(model._last_episode_starts.copy())
        if isinstance(model, PPO | PQN) and model._memory is not None:
            tensors["env/memory"] = model._memory.cpu().clone()
        if isinstance(model, PPO) and model._reward_sums is not None:
            tensors["env/reward_sums"] = torch.from_numpy(model._reward_sums.copy())
    return tensors, meta


def restore(model: BaseAlgorithm, tensors: dict[str, Tensor], meta: dict[str, Any]) -> None:
    """Put a captured state into a model that was just built with the same settings."""
    policy = {name: value for key, value in tensors.items() if (name := _after(key, "policy/"))}
    model.policy.load_state_dict(policy)
    if isinstance(model, Imitator):
        obs, actions, returns = (tensors[f"expert/{name}"] for name in ("obs", "actions", "returns"))
        model.imitate(Demonstrations(obs, actions, meta["expert_ends"], returns))
    if isinstance(model, GAIL):
        model.absorbing_share = meta["absorbing_share"]
        learned = {name: value for key, value in tensors.items() if (name := _after(key, "discriminator/"))}
        model.discriminator.load_state_dict(learned)
    if isinstance(model, Curious):
        known = {name: value for key, value in tensors.items() if (name := _after(key, "novelty/"))}
        model.novelty.put_back(known)
    for name, optimizer in optimizers(model).items():
        described = optimizer.state_dict()
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            if rest := _after(key, f"{name}/"):
                index, _, entry = rest.partition("/")
                state.setdefault(int(index), {})[entry] = value
        load_optimizer(optimizer, {**described, "state": state})
    if "log_ent_coef" in tensors:
        log_ent_coef = getattr(model, "log_ent_coef", None)
        assert isinstance(log_ent_coef, Tensor)
        log_ent_coef.data.copy_(tensors["log_ent_coef"])
    for name in COUNTERS:
        if name in meta:
            setattr(model, name, meta[name])
    model.ep_info_buffer = deque(meta["episodes"], maxlen=model._stats_window_size)
    model.ep_success_buffer = deque(maxlen=model._stats_window_size)
    batch = _batch(model.env)
    # In another number of processes each has another part of the environments: episodes begin anew.
    if batch is not None and len(tensors.get("env/last_obs", ())) == batch.num_envs:
        batch.reset()  # spends the seeds, so that a later reset goes on with the restored generators
        batch.restore(
            {
                "batch": tensors["env/batch"].numpy().tobytes(),
                "returns": tensors["env/returns"].numpy(),
                "lengths": tensors["env/lengths"].numpy(),
            }
        )
        model._last_obs = tensors["env/last_obs"].numpy()
        model._last_episode_starts = tensors["env/episode_starts"].numpy()
        if isinstance(model, PPO | PQN):
            model._memory = tensors.get("env/memory")
        if isinstance(model, PPO):
            sums = tensors.get("env/reward_sums")
            model._reward_sums = None if sums is None else sums.numpy().copy()
    # Last, because building and resetting draw random numbers.
    restore_random_states({name: t for key, t in tensors.items() if (name := _after(key, "random/"))})


def left_out(model: BaseAlgorithm) -> list[str]:
    """Say what begins anew when a training goes on, as no checkpoint holds it; nothing if it is exact."""
    found = []
    if _batch(model.env) is None:
        found.append("its episodes begin anew")
    if hasattr(model, "replay_buffer"):
        found.append("its replay buffer is filled again")
    return found


def _after(text: str, prefix: str) -> str | None:
    return text[len(prefix) :] if text.startswith(prefix) else None


def _batch(env: VecEnv | None) -> BatchVecEnv | None:
    return env.unwrapped if env is not None and isinstance(env.unwrapped, BatchVecEnv) else None
