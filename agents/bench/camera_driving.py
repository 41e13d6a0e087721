"""Driving by camera: a network that cloned, one that went on with DAgger, lidar, lane lines, the true state.

Everybody drives the same unseen roads. The cloned network has seen as many frames as the other one, and
learned from as many minibatches. Those who see drive a second time in fog and at night.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from agents.environments import find_target
from agents.evaluate import Policy
from agents.loops.closed_loop import the_loop_of
from agents.loops.scores import Decide, Driven, drive, seeing, told
from agents.loops.seeing_player import SeeingPlayer
from agents.player import Player
from agents.settings import settings_for
from agents.training.build import build_model
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread, seed_everything
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task

BENCH = {"name": "camera_driving", "title": "Driving by camera", "long": True}
TASK, ENVIRONMENT = "driving/steer", "driving"
CPU = torch.device("cpu")
WEATHER: Mapping[str, Mapping[str, float]] = {
    "clear": {},
    "fog that takes 5 % of the light in each metre": {"fog": 5.0},
    "night, a tenth of the daylight": {"night": 0.9},
}


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about half an hour, or three minutes if quick.

    Args:
        quick: one seed, few roads and short trainings.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread():
        seeds, roads, share = range(1 if quick else 5), 8 if quick else 100, 0.2 if quick else 1.0
        return [_table(seeds, roads, share), weather(seeds, roads, share)]


def camera(preset: str, seed: int, share: float) -> SeeingPlayer:
    """A network of a preset of the task.

    Args:
        preset: its name.
        seed: of the training.
        share: of the preset's steps.
    """
    task = import_task(TASK)
    settings = task.settings(preset)
    settings = replace(settings, steps=max(1, round(share * settings.steps)))
    seed_everything(seed)
    training = task.prepare(settings, task.load(settings, None), seed=seed, device=CPU)
    for step in range(training.total):
        training.learner.step(training.batches(step))
    return SeeingPlayer(the_loop_of(TASK), training.predictor)


def lidar(seed: int, share: float) -> Policy:
    """The agent of the environment's preset, who is told the rays of a lidar, the road and the radar."""
    settings = settings_for(ENVIRONMENT, "ppo")
    settings = replace(settings, total_timesteps=round(share * settings.total_timesteps))
    seed_everything(seed)
    model: Any = build_model(settings, make_vec_env(ENVIRONMENT, settings.num_envs, seed), CPU, seed)
    for _ in iterations(model, settings.total_timesteps):
        pass
    return Player(model.policy, find_target(ENVIRONMENT).spaces()[0]).act_batch


def _table(seeds: Sequence[int], roads: int, share: float) -> dict[str, Any]:
    loop, task = the_loop_of(TASK), import_task(TASK)
    settings = task.settings()
    (name, lines), *_ = task.baselines(settings, task.load(settings, None)).items()

    def driven(decide: Decide) -> Driven:
        return drive(loop.world, decide, episodes=roads, counts=loop.counts)

    learned: Mapping[str, Callable[[int], Decide]] = {
        "lidar: PPO": lambda seed: _told_by(lidar(seed, share)),
        "camera: cloning and DAgger": lambda seed: seeing(camera("dagger", seed, share)),
        "camera: cloning only": lambda seed: seeing(camera("cloning", seed, share)),
    }
    rows = [["true state: hand-written driver", *_row([driven(told(loop.world))])]]
    rows += [[who, *_row([driven(make(seed)) for seed in seeds])] for who, make in learned.items()]
    rows.append([f"camera: {name}", *_row([driven(seeing(SeeingPlayer(loop, lines)))])])
    return {
        "title": f"Who drives how far: `{TASK}` in `{ENVIRONMENT}`",
        "columns": ["who drives", "return", "metres of 1,000", "collisions, %", "off the road, %"],
        "rows": rows,
        "note": (
            f"The same {roads} unseen roads for everybody. Means of {len(seeds)} trainings with 95 % "
            "intervals over them where something is trained, else over the roads."
        ),
    }


def weather(seeds: Sequence[int], roads: int, share: float) -> dict[str, Any]:
    """Who learned in clear sight alone, who also learned in fog and at night, and lane lines, in each."""
    loop, task = the_loop_of(TASK), import_task(TASK)
    settings = task.settings()
    (name, lines), *_ = task.baselines(settings, task.load(settings, None)).items()
    players = {
        "camera: learned in clear sight": [camera("clear", seed, share) for seed in seeds],
        "camera: learned in fog and at night, too": [camera("dagger", seed, share) for seed in seeds],
        f"camera: {name}": [SeeingPlayer(loop, lines)],
    }
    rows = []
    for sight, spoil in WEATHER.items():
        for who, those in players.items():
            found = []
            for player in those:
                player.spoil = dict(spoil)
                found.append(drive(loop.world, seeing(player), episodes=roads, counts=loop.counts))
            rows.append([sight, who, *_row(found)])
    return {
        "title": f"Who drives how far in fog and at night: `{TASK}` in `{ENVIRONMENT}`",
        "columns": ["sight", "who drives", "return", "metres of 1,000", "collisions, %", "off the road, %"],
        "rows": rows,
        "note": f"The same {roads} unseen roads. Intervals as above.",
    }


def _told_by(policy: Policy) -> Decide:
    def decide(going: np.ndarray, obs: np.ndarray, batch: Any) -> np.ndarray:
        return policy(obs[going])

    return decide


def _row(found: Sequence[Driven]) -> list[str]:
    accidents = ("collisions", "off_road")
    each = {
        "return": [one.returns for one in found],
        "progress": [one.counts["progress"] for one in found],
        **{name: [100.0 * (one.counts[name] > 0) for one in found] for name in accidents},
    }
    cells = []
    for values in each.values():
        interval = bootstrap_interval(values[0] if len(values) == 1 else np.array([v.mean() for v in values]))
        cells.append(f"{interval.mean:,.1f} [{interval.low:,.1f}, {interval.high:,.1f}]")
    return cells
