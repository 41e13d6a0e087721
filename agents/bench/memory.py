"""What a memory costs and is worth.

Speed: PPO with an LSTM beside sb3-contrib's RecurrentPPO, where that is installed; and how long both take
until they balance a pole whose speed they don't see.

Worth: PPO in mazes whose start tells which way is right at every junction, with the preset `small`, three
rooms on a side; the same settings, but for the network. "told" is the memoryless network in mazes that show
the colour of the start all the time (`remind`): what remembers everything could reach. Beside them the
hand-written player, which keeps a hand on the wall, and the shortest ways.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

import envs
from agents.bench.ppo import NUM_ENVS, SAME, speeds
from agents.evaluate import Policy, baseline_policy
from agents.player import Player, Playing
from agents.policies.recurrent import MemoryPolicy
from agents.ppo import PPO
from agents.presets.maze import CONFIG
from agents.settings import AgentSettings, settings_for
from agents.train import train
from agents.training.build import build_model
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread, seed_everything
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

BENCH = {"name": "memory", "title": "Memory", "long": True}
CONTESTANTS: dict[str, dict[str, Any]] = {
    "LSTM": {"policy": "lstm"},
    "RNN": {"policy": "rnn"},
    "no memory": {"policy": "cnn"},
    "told": {"policy": "cnn", "params": {"remind": 1.0}},
}
SETTINGS = CONFIG["ppo"]["small"]
EPISODES = 500
RECENT, SOLVED = 20, 475
"""A pole counts as balanced once the latest episodes of training return that much on average."""

FIRST_SEED = 5_000_000
"""Of the mazes that all are judged in; nobody trained in them."""


class Result(NamedTuple):
    """Means over the same mazes."""

    episode_return: float
    wrong_turns: float
    shortest: float


def bench(quick: bool) -> list[dict[str, Any]]:
    """Train all with 5 seeds and let them play; takes about 15 minutes, or 3 if quick.

    Args:
        quick: one seed.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread():
        seeds = range(1 if quick else 5)
        return [_speed(2 if quick else 7), _sooner(seeds, 60 if quick else 400), _worth(seeds)]


def _speed(rounds: int) -> dict[str, Any]:
    makers: dict[str, Callable[[], OnPolicyAlgorithm]] = {
        "ours": _ours,
        "ours, without a memory": _mlp,
    }
    if importlib.util.find_spec("sb3_contrib") is not None:
        makers = {"sb3-contrib's RecurrentPPO": _contrib, **makers}
    return speeds(
        f"PPO with an LSTM of 64: {NUM_ENVS} CartPoles x 32 steps, 64x64 tanh behind it", makers, rounds
    )


def _ours() -> OnPolicyAlgorithm:
    return PPO(MemoryPolicy, make_vec_env("cartpole", NUM_ENVS), policy_kwargs={"memory": 64}, **SAME)


def _mlp() -> OnPolicyAlgorithm:
    return PPO("MlpPolicy", make_vec_env("cartpole", NUM_ENVS), **SAME)


def _contrib() -> OnPolicyAlgorithm:
    network = {"lstm_hidden_size": 64, "shared_lstm": True, "enable_critic_lstm": False, "net_arch": [64, 64]}
    env = make_stock_vec_env("CartPole-v1", NUM_ENVS, 0)
    contrib: Any = importlib.import_module("sb3_contrib")
    return contrib.RecurrentPPO("MlpLstmPolicy", env, policy_kwargs=network, **SAME)


def _sooner(seeds: Sequence[int], patience: float) -> dict[str, Any]:
    settings = settings_for("cartpole_no_velocity")
    makers: dict[str, Callable[[int], BaseAlgorithm]] = {
        "ours, `sandbox train cartpole_no_velocity`": lambda seed: build_model(
            settings, make_vec_env("cartpole_no_velocity", settings.num_envs, seed), torch.device("cpu"), seed
        )
    }
    if importlib.util.find_spec("sb3_contrib") is not None:
        makers = {"sb3-contrib's RecurrentPPO, RL Zoo's recipe": _contrib_zoo, **makers}
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    for seed in seeds:
        for name, make in makers.items():
            seed_everything(seed)
            seconds[name].append(_seconds_to_balance(make(seed), settings.total_timesteps, patience))
    reference = median(seconds[next(iter(makers))])
    rows = [
        [
            name,
            *(f"{f(found):.1f}" if f(found) < math.inf else "never" for f in (median, min, max)),
            _sooner_than(reference, median(found), patience),
        ]
        for name, found in seconds.items()
    ]
    return {
        "title": f"CartPole without velocities: seconds until {RECENT} episodes of training return {SOLVED}",
        "columns": ["contestant", "median s", "fastest s", "slowest s", "times sooner"],
        "rows": rows,
        "note": f"{len(seeds)} seeds, one thread; never: not within {patience:.0f} s.",
    }


def _sooner_than(reference: float, found: float, patience: float) -> str:
    """How many times sooner than the reference; at least, where that never arrived."""
    if math.isinf(found):
        return "1.0" if math.isinf(reference) else "-"
    return f"> {patience / found:.1f}" if math.isinf(reference) else f"{reference / found:.1f}"


def _seconds_to_balance(model: BaseAlgorithm, total: int, patience: float) -> float:
    """Seconds until the mean return of the latest episodes of training is high enough, or infinity."""
    start = time.perf_counter()
    for _ in iterations(model, total):
        seconds = time.perf_counter() - start
        recent = [info["r"] for info in list(model.ep_info_buffer or ())[-RECENT:]]
        if len(recent) == RECENT and sum(recent) / RECENT >= SOLVED:
            return seconds
        if seconds > patience:
            break
    return math.inf


def _contrib_zoo(seed: int) -> OnPolicyAlgorithm:
    """RL Zoo's recipe for CartPoleNoVel-v1, with a constant step size: it has no end to run down to."""
    contrib: Any = importlib.import_module("sb3_contrib")
    env = make_stock_vec_env(envs.find("cartpole_no_velocity").id, 8, seed)
    zoo = {
        "n_steps": 32,
        "batch_size": 256,
        "gae_lambda": 0.8,
        "gamma": 0.98,
        "n_epochs": 20,
        "ent_coef": 0.0,
    }
    return contrib.RecurrentPPO("MlpLstmPolicy", env, learning_rate=1e-3, seed=seed, device="cpu", **zoo)


def _worth(seeds: Sequence[int]) -> dict[str, Any]:
    rows: list[list[str]] = []
    results = {name: [] for name in CONTESTANTS}
    for seed in seeds:
        for name, changed in CONTESTANTS.items():
            results[name].append(_trained(_settings(changed), seed))
    baseline = baseline_policy(envs.find("maze"))
    assert baseline is not None
    by_hand = play(baseline, SETTINGS.params)
    for name, found in results.items():
        returns = _interval([result.episode_return for result in found])
        wrong = _interval([result.wrong_turns for result in found])
        rows.append([name, returns, wrong])
    rows.append(["hand on the wall", f"{by_hand.episode_return:.3f}", f"{by_hand.wrong_turns:.3f}"])
    rows.append(["shortest ways", f"{1 - 0.01 * by_hand.shortest:.3f}", "0"])
    note = f"{len(seeds)} seeds of {SETTINGS.total_timesteps:,} steps; {EPISODES} new mazes each."
    columns = ["network", "mean return", "wrong turns a maze"]
    return {"title": "Mazes of 3 x 3 rooms", "columns": columns, "rows": rows, "note": note}


def _interval(values: list[float]) -> str:
    found = bootstrap_interval(values)
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _settings(changed: dict[str, Any]) -> AgentSettings:
    params = {**SETTINGS.params, **changed.get("params", {})}
    return dataclasses.replace(SETTINGS, **{**changed, "params": params})


def _trained(settings: AgentSettings, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create("maze", {"seed": seed, "device": "cpu", "threads": 1}, root=Path(folder))
        for _ in train("maze", settings, run):
            pass
        return play(Player.load(run).playing(), settings.params)


def play(policy: Policy, params: dict[str, float]) -> Result:
    """Let somebody play the mazes that all are judged in.

    Args:
        policy: from their start on.
        params: of the mazes.
    """
    options: dict[str, Any] = dict(params)
    mazes = gym.make_vec("sandbox/Maze-v0", num_envs=EPISODES, **options)
    obs, info = mazes.reset(seed=FIRST_SEED)
    shortest = float(np.mean(info["shortest"]))
    returns, wrong, actions = np.zeros(EPISODES), np.zeros(EPISODES), np.zeros(EPISODES, np.int64)
    going = np.arange(EPISODES)
    while len(going):
        actions[going] = policy(obs[going])
        obs, rewards, terminated, truncated, info = mazes.step(actions)
        returns[going] += rewards[going]
        wrong[going] = info["wrong_turns"][going]
        over = (terminated | truncated)[going]
        going = going[~over]
        if isinstance(policy, Playing):
            policy.keep(~over)
    mazes.close()
    return Result(float(returns.mean()), float(wrong.mean()), shortest)
