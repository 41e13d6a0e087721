"""How fast environments are drawn: `bench` measures pictures as large as a window shows them."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import envs
from envs.engine.canvas import PygameCanvas
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.environment import Environment

BENCH = {"name": "drawing", "title": "Drawing"}
WIDTH, HEIGHT = 900, 720
"""Pixels of a picture at most."""

FRAMES, QUICK = 120, ("cartpole", "snake")


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Measure the drawing of every environment.

    Args:
        quick: two environments only, a few frames of each.

    Returns:
        One table as a dict: "title", "columns", "rows" and "note".
    """
    rows = []
    for name in QUICK if quick else envs.names():
        size, times = draw_times(envs.find(name), 10 if quick else FRAMES)
        slow = sorted(times)[int(0.95 * len(times))]
        figures = [round(1000 * seconds, 1) for seconds in (statistics.median(times), slow)]
        rows.append([name, f"{size[0]}x{size[1]}", *figures, round(1 / statistics.mean(times))])
    return [
        {
            "title": "Drawing",
            "columns": ["environment", "pixels", "ms", "ms, 95th percentile", "frames/s"],
            "rows": rows,
            "note": "Processor time of draw() on one core, without showing it, over the first steps of an "
            "episode of the hand-written player.",
        }
    ]


def draw_times(environment: Environment, frames: int) -> tuple[tuple[int, int], list[float]]:
    """Width and height of the picture in pixels, and the processor time of each frame in seconds."""
    batch, space = Batch(environment, 1), environment.action_space
    arrays = Arrays(batch)
    space.seed(0)
    batch.seed(0)
    batch.reset(arrays.obs)
    scale = min(WIDTH / environment.size[0], HEIGHT / environment.size[1])
    canvas = PygameCanvas(environment.size, scale)
    environment.draw(batch.states[0], batch.params, canvas)  # fonts and caches
    times, memory = [], None
    for _ in range(frames):
        action = space.sample()
        if environment.baseline:
            action, memory = environment.baseline_step(arrays.obs[0], memory)
        step = arrays.step(batch, np.array([action], space.dtype))
        if step["terminated"][0] or step["truncated"][0]:
            memory = None
        begin = time.process_time()
        environment.draw(batch.states[0], batch.params, canvas)
        times.append(time.process_time() - begin)
    return (canvas.pixels.shape[1], canvas.pixels.shape[0]), times
