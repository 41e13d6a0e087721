"""CartPole: how soon is it solved, by ours, by Stable-Baselines3 and, where it is installed, by SBX?

Counted are the seconds of training alone, and the whole process from Enter to the result.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import stable_baselines3
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.utils import LinearSchedule

from agents.evaluate import evaluate_policy
from agents.settings import settings_for
from agents.training.build import build_model
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import seed_everything

CHECK_EVERY = 4096
"""Steps between two checks whether CartPole is solved."""

STEPS = 100_000
"""After which Stable-Baselines3 and SBX have failed."""

ZOO: dict[str, Any] = {
    "n_steps": 32,
    "batch_size": 256,
    "n_epochs": 20,
    "gae_lambda": 0.8,
    "gamma": 0.98,
    "learning_rate": LinearSchedule(1e-3, 0.0, 1.0),
}
"""The RL Zoo's recipe for CartPole-v1, but for its clip range, which also goes to 0; 8 environments."""

TUNED: dict[str, Any] = {
    "n_steps": 32,
    "batch_size": 512,
    "n_epochs": 5,
    "gae_lambda": 0.95,
    "gamma": 0.98,
    "learning_rate": LinearSchedule(6e-3, 0.0, 1.0),
    "max_grad_norm": 1.0,
}
"""The settings of our preset, for 64 environments."""

SCRIPT = """
import sys
import stable_baselines3 as sb3
from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.utils import LinearSchedule
import torch
torch.set_num_threads(1)
seed = int(sys.argv[1])
model = sb3.PPO(
    "MlpPolicy", make_vec_env("CartPole-v1", 8, seed), n_steps=32, batch_size=256, n_epochs=20,
    gae_lambda=0.8, gamma=0.98, learning_rate=LinearSchedule(1e-3, 0, 1),
    clip_range=LinearSchedule(0.2, 0, 1), seed=seed, device="cpu",
)
stop = StopTrainingOnRewardThreshold(475, verbose=0)
tests = make_vec_env("CartPole-v1", 20, 10**6 + seed)
model.learn(100_000, EvalCallback(tests, stop, n_eval_episodes=20, eval_freq=512, verbose=0))
model.save(sys.argv[2])
print(evaluate_policy(model, make_vec_env("CartPole-v1", 20, 10**7 + seed), 100))
"""
"""What a user of Stable-Baselines3 writes to get what `sandbox train cartpole` gives: the Zoo's recipe, tests
on the way that end it when it is solved, a saved model and a last test over 100 episodes."""


def seconds_to_solve(model: BaseAlgorithm, total: int, seed: int) -> float:
    """Train until the mean return over 20 new episodes is 475.

    Args:
        model: learns CartPole.
        total: steps after which to give up.
        seed: of the training, which sets that of the evaluations.

    Returns:
        Seconds of training, evaluations not counted; infinite if it never got there.
    """
    seconds, next_check, start = 0.0, CHECK_EVERY, time.perf_counter()
    for _ in iterations(model, total):
        if model.num_timesteps < next_check:
            continue
        next_check += CHECK_EVERY
        seconds += time.perf_counter() - start
        evaluation = evaluate_policy(
            "cartpole",
            lambda obs: model.predict(obs, deterministic=True)[0],
            20,
            10**6 * (seed + 1) + model.num_timesteps,
        )
        if evaluation["interval"].mean >= 475:
            return seconds
        start = time.perf_counter()
    return float("inf")


def training_alone(seeds: int) -> dict[str, Any]:
    """Let all train in turns; returns a table."""
    contestants: dict[str, Callable[[int], BaseAlgorithm]] = {
        "Stable-Baselines3, RL Zoo's recipe": lambda seed: _stock(stable_baselines3.PPO, 8, ZOO, seed),
        "Stable-Baselines3, 64 environments, our settings": lambda seed: _stock(
            stable_baselines3.PPO, 64, TUNED, seed
        ),
    }
    if importlib.util.find_spec("sbx") is not None:
        sbx = importlib.import_module("sbx")
        contestants["SBX, RL Zoo's recipe"] = lambda seed: _stock(sbx.PPO, 8, ZOO, seed)
    contestants |= {
        "ours, RL Zoo's recipe": lambda seed: _ours("zoo", seed),
        "ours, `sandbox train cartpole`": lambda seed: _ours("default", seed),
    }
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for seed in range(seeds):
        for name, make in contestants.items():
            seed_everything(seed)
            found[name].append(seconds_to_solve(make(seed), STEPS, seed))
    return {
        "title": "CartPole: seconds of training until the mean return of 20 episodes is 475",
        "columns": ["contestant", "median s", "fastest s", "slowest s", "times sooner"],
        "rows": _rows(found),
        "note": f"{seeds} seeds each, checked every {CHECK_EVERY:,} steps; the checks are not counted.",
    }


def whole_process(seeds: int) -> dict[str, Any]:
    """From Enter to the result, the start of Python and evaluations included; returns a table."""
    names = "Stable-Baselines3, RL Zoo's recipe", "ours, `sandbox train cartpole`"
    found: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(-1, seeds):  # the first turn is for caches
            commands = (
                [sys.executable, "-c", SCRIPT, str(max(seed, 0)), f"{folder}/model"],
                [sys.executable, "-m", "sandbox.cli", "train", "cartpole", "--seed", str(max(seed, 0))],
            )
            for name, command in zip(names, commands, strict=True):
                seconds = _seconds_of(command, folder)
                if seed >= 0:
                    found[name].append(seconds)
    return {
        "title": "CartPole: seconds of the whole process, from Enter to the result",
        "columns": ["contestant", "median s", "fastest s", "slowest s", "times sooner"],
        "rows": _rows(found),
        "note": f"{seeds} seeds each. Both test while they learn, stop when solved, save the agent and let "
        "it play 100 more episodes.",
    }


def _seconds_of(command: Sequence[str], folder: str) -> float:
    env = {**os.environ, "OMP_NUM_THREADS": "1", "SANDBOX_RUNS": f"{folder}/runs"}
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _ours(preset: str, seed: int) -> BaseAlgorithm:
    settings = settings_for("cartpole", "ppo", preset)
    return build_model(settings, make_vec_env("cartpole", settings.num_envs, seed), torch.device("cpu"), seed)


def _stock(kind: Any, num_envs: int, options: dict[str, Any], seed: int) -> BaseAlgorithm:
    """An agent of Stable-Baselines3, or of SBX, in Gymnasium's CartPole."""
    env = make_stock_vec_env("CartPole-v1", num_envs, seed)
    clip_range = LinearSchedule(0.2, 0.0, 1.0)
    return kind("MlpPolicy", env, clip_range=clip_range, seed=seed, device="cpu", **options)


def _rows(found: dict[str, list[float]]) -> list[list[Any]]:
    reference = median(next(iter(found.values())))
    return [
        [name, *(round(f(each), 2) for f in (median, min, max)), round(reference / median(each), 1)]
        for name, each in found.items()
    ]
