"""What a memory is worth: PPO in mazes whose start tells which way is right at every junction.

The preset `small` of maze, three rooms on a side; the same settings, but for the network. "told" is the
memoryless network in mazes that show the colour of the start all the time (`remind`): what remembers
everything could reach. Beside them the hand-written player, which keeps a hand on the wall, and the shortest
ways.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

import envs
from agents.evaluate import Policy, baseline_policy
from agents.player import Player, Playing
from agents.presets.maze import CONFIG
from agents.settings import AgentSettings
from agents.train import train
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

CONTESTANTS: dict[str, dict[str, Any]] = {
    "LSTM": {"policy": "lstm"},
    "RNN": {"policy": "rnn"},
    "no memory": {"policy": "cnn"},
    "told": {"policy": "cnn", "params": {"remind": 1.0}},
}
SETTINGS = CONFIG["ppo"]["small"]
EPISODES = 500
FIRST_SEED = 5_000_000
"""Of the mazes that all are judged in; nobody trained in them."""


class Result(NamedTuple):
    """Means over the same mazes."""

    episode_return: float
    wrong_turns: float
    shortest: float
    steps_per_second: float = 0.0


def bench(quick: bool) -> list[dict[str, Any]]:
    """Train all with 5 seeds and let them play; takes about 15 minutes, or 3 if quick.

    Args:
        quick: one seed.

    Returns:
        Tables: title, columns, rows, note.
    """
    rows: list[list[str]] = []
    seeds = range(1 if quick else 5)
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
        speed = f"{np.median([result.steps_per_second for result in found]):,.0f}"
        rows.append([name, returns, wrong, speed])
    rows.append(["hand on the wall", f"{by_hand.episode_return:.3f}", f"{by_hand.wrong_turns:.2f}", ""])
    rows.append(["shortest ways", f"{1 - 0.01 * by_hand.shortest:.3f}", "0", ""])
    note = f"{len(seeds)} seeds of {SETTINGS.total_timesteps:,} steps; {EPISODES} new mazes each."
    columns = ["network", "mean return", "wrong turns a maze", "steps/s"]
    return [{"title": "Memory in mazes of 3 x 3 rooms", "columns": columns, "rows": rows, "note": note}]


def _interval(values: list[float]) -> str:
    found = bootstrap_interval(values)
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _settings(changed: dict[str, Any]) -> AgentSettings:
    params = {**SETTINGS.params, **changed.get("params", {})}
    return dataclasses.replace(SETTINGS, **{**changed, "params": params})


def _trained(settings: AgentSettings, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create("maze", {"seed": seed, "device": "cpu", "threads": 1}, root=Path(folder))
        metrics = {}
        for progress in train("maze", settings, run):
            metrics = progress.metrics
        result = play(Player.load(run).playing(), settings.params)
    return result._replace(steps_per_second=metrics["steps_per_second"])


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
