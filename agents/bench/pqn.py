"""PQN beside Stable-Baselines3's DQN: seconds of training until the same return is reached.

DQN has the RL Zoo's settings in CartPole and MountainCar, and in MinAtar's Breakout those of its paper (Young
& Tian 2019). A try is given up after a number of seconds; where that is the median, the ratio is a bound.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import stable_baselines3
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from torch import nn

import envs
from agents.bench.ppo import PlainCnn
from agents.evaluate import evaluate_policy
from agents.player import Player
from agents.policies.features import KINDS, look, random_sights
from agents.settings import settings_for
from agents.training.build import build_model
from agents.training.policy_choice import network
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread, seed_everything
from sandbox.errors import UserError, did_you_mean

BENCH = {"name": "pqn", "title": "Q-learning without replay", "long": True, "takes": ["names", "seconds"]}
EPISODES = 20
"""Of each check whether the return is reached."""


@dataclass(frozen=True)
class Contest:
    """One environment.

    Attributes:
        target: its name.
        wanted: mean return that is to be reached.
        check: seconds of training between two checks.
        patience: seconds after which a try is given up.
        dqn: its settings.
    """

    target: str
    wanted: float
    check: float
    patience: float
    dqn: dict[str, Any]


CONTESTS = (
    Contest("cartpole", 475.0, 0.1, 120.0, {
        "learning_rate": 2.3e-3, "batch_size": 64, "buffer_size": 100_000, "learning_starts": 1000,
        "gamma": 0.99, "target_update_interval": 10, "train_freq": 256, "gradient_steps": 128,
        "exploration_fraction": 0.16, "exploration_final_eps": 0.04, "steps": 50_000,
    }),
    Contest("mountain_car", -110.0, 0.2, 240.0, {
        "learning_rate": 4e-3, "batch_size": 128, "buffer_size": 10_000, "learning_starts": 1000,
        "gamma": 0.98, "target_update_interval": 600, "train_freq": 16, "gradient_steps": 8,
        "exploration_fraction": 0.2, "exploration_final_eps": 0.07, "steps": 120_000,
    }),
    Contest("minatar_breakout", 10.0, 2.0, 900.0, {
        "learning_rate": 2.5e-4, "batch_size": 32, "buffer_size": 100_000, "learning_starts": 5000,
        "gamma": 0.99, "target_update_interval": 1000, "train_freq": 1, "gradient_steps": 1,
        "exploration_fraction": 0.02, "exploration_final_eps": 0.1, "steps": 5_000_000,
    }),
)  # fmt: skip
"""Trainings shorter than `steps` begin anew with another seed, their seconds counted, until it is reached."""


def bench(quick: bool, names: Sequence[str] = (), seconds: float | None = None) -> list[dict[str, Any]]:
    """Measure; takes about ten minutes a seed, most of them for DQN, or as long as `seconds` allows.

    Args:
        quick: one seed, and a tenth of the patience.
        names: of environments; by default all.
        seconds: patience with each method and seed; None for each environment's own.

    Returns:
        Tables: title, columns, rows, note.

    Raises:
        UserError: there is no contest in an environment of this name.
    """
    contests = {contest.target: contest for contest in CONTESTS}
    for name in names:
        if name not in contests:
            hint = did_you_mean(name, contests) or f" There are {', '.join(contests)}."
            raise UserError(f"PQN and DQN do not meet in {name!r}.{hint}")
    with one_thread():
        tables = []
        for contest in (contests[name] for name in names or contests):
            patience = (seconds or contest.patience) * (0.1 if quick else 1.0)
            tables.append(_table(contest, 1 if quick else 5, patience))
        return tables


def _table(contest: Contest, seeds: int, patience: float) -> dict[str, Any]:
    makers = {"PQN": _pqn, "Stable-Baselines3's DQN": _dqn}
    found: dict[str, list[float]] = {name: [] for name in makers}
    for seed in range(seeds):
        for name, make in makers.items():
            found[name].append(_seconds(partial(make, contest), contest, patience, seed))
    return table(contest, found, patience)


def table(contest: Contest, found: Mapping[str, Sequence[float]], patience: float) -> dict[str, Any]:
    """Show the seconds of each seed; infinity for those that were given up after `patience`."""
    rows = []
    for name, seconds in found.items():
        middle, reached = median(seconds), sum(s < float("inf") for s in seconds)
        shown = f"{middle:.2f}" if middle < float("inf") else f"not within {patience:g} s"
        each = ", ".join(f"{s:.2f}" if s < float("inf") else "-" for s in seconds)
        rows.append([name, shown, f"{reached} of {len(seconds)}", each])
    ours, theirs = (median(seconds) for seconds in found.values())
    ratio = ""
    if ours < float("inf"):
        times = min(theirs, patience) / ours
        ratio = f" PQN is {'more than ' if theirs == float('inf') else ''}{times:.1f} times as soon."
    return {
        "title": f"{contest.target}: seconds of training until the mean return of {EPISODES} episodes is "
        f"{contest.wanted:g}",
        "columns": ["method", "median s", "reached", "seconds of each seed"],
        "rows": rows,
        "note": f"One thread, the methods in turns; evaluations are not counted, and a try is given up after "
        f"{patience:g} s.{ratio}",
    }


def _pqn(contest: Contest, seed: int) -> tuple[BaseAlgorithm, int]:
    settings = settings_for(contest.target, "pqn")
    seed_everything(seed)
    env = make_vec_env(contest.target, settings.num_envs, seed)
    model = build_model(settings, env, torch.device("cpu"), seed)
    if network(settings, env.observation_space) in KINDS:
        seen = random_sights(
            contest.target, settings.look_steps, settings.num_envs, 10**9 + seed, look_at=settings.look_at
        )
        look(model.policy, seen)
    return model, settings.total_timesteps


def _dqn(contest: Contest, seed: int) -> tuple[BaseAlgorithm, int]:
    options = dict(contest.dqn)
    steps = options.pop("steps")
    policy_kwargs: dict[str, Any] = {"net_arch": [256, 256]}
    if contest.target.startswith("minatar"):
        policy_kwargs = {"net_arch": [], "features_extractor_class": PlainCnn}
    else:
        policy_kwargs["activation_fn"] = nn.ReLU
    env = make_stock_vec_env(envs.find(contest.target).id, 1, seed)
    model = stable_baselines3.DQN(
        "MlpPolicy", env, policy_kwargs=policy_kwargs, seed=seed, device="cpu", **options
    )
    return model, steps


def _seconds(
    make: Callable[[int], tuple[BaseAlgorithm, int]], contest: Contest, patience: float, seed: int
) -> float:
    """Train until the return is reached; a training that ends before that begins anew with another seed."""
    seconds, turn = 0.0, 0
    while True:
        model, total = make(seed + 1000 * turn)
        turn += 1
        due, start = seconds + contest.check, time.perf_counter()
        for _ in iterations(model, total):
            now = seconds + time.perf_counter() - start
            if now < due and model.num_timesteps < total:
                continue
            due = now + contest.check
            seconds = now
            if _return(model, contest, turn) >= contest.wanted:
                return seconds
            if seconds >= patience:
                return float("inf")
            start = time.perf_counter()


def _return(model: BaseAlgorithm, contest: Contest, turn: int) -> float:
    space = envs.find(contest.target).observation_space
    playing = Player(model.policy, space).playing()
    seed = 10**7 * turn + model.num_timesteps
    return evaluate_policy(contest.target, playing, EPISODES, seed)["interval"].mean
