"""Speeds of the environments on a GPU: steps captured in a CUDA graph, as a learner would run them."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

import envs
from envs.engine.core.kernels import NEXT_STEP
from envs.engine.cuda import CudaBatch
from envs.engine.cuda.cuda_compile import load_cuda
from envs.engine.environment import Environment

SIZES = (4096, 65_536, 1_048_576)
"""Sizes of the batches."""

STEPS = 32
"""Steps in a graph."""


class Launcher(Protocol):
    """Plays the same steps again and again."""

    stream: int

    def record(self, play: Callable[[], None]) -> None:
        """Take note of what `play` launches."""
        ...

    def launch(self) -> None:
        """Play it once, without waiting."""
        ...

    def wait(self) -> None:
        """Wait until all is done."""
        ...


class Graph:
    """A CUDA graph on a stream of its own, through the bindings that come with numba-cuda.

    Attributes:
        stream: handle of the stream.
    """

    def __init__(self) -> None:
        load_cuda().current_context()
        self._driver: Any = importlib.import_module("cuda.bindings.driver")
        self._stream = self._checked(self._driver.cuStreamCreate(1))
        self.stream = int(self._stream)
        self._graph: Any = None

    def record(self, play: Callable[[], None]) -> None:
        """Capture what `play` launches on `stream`."""
        mode = self._driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        self._checked(self._driver.cuStreamBeginCapture(self._stream, mode))
        play()
        captured = self._checked(self._driver.cuStreamEndCapture(self._stream))
        self._graph = self._checked(self._driver.cuGraphInstantiate(captured, 0))

    def launch(self) -> None:
        """Launch the graph."""
        self._checked(self._driver.cuGraphLaunch(self._graph, self._stream))

    def wait(self) -> None:
        """Wait until the stream is empty."""
        self._checked(self._driver.cuStreamSynchronize(self._stream))

    def _checked(self, answer: tuple) -> Any:
        code, *values = answer
        if int(code) != 0:
            raise RuntimeError(f"CUDA answers {code!r}.")
        return values[0] if values else None


def speed_table(names: Sequence[str], quick: bool) -> dict[str, Any]:
    """Steps per second of each environment at several sizes of the batch."""
    budget = 0.05 if quick else 0.5
    rows = []
    for name in names:
        environment = envs.find(name)
        rows.append([name, *(round(steps_per_second(environment, n, budget, Graph())) for n in SIZES)])
    return {
        "title": "Steps per second on a GPU",
        "columns": ["environment", *(f"{n:,} envs" for n in SIZES)],
        "rows": rows,
        "note": f"{device_name()}; random actions, NEXT_STEP autoreset, steps spent on resets not counted; "
        f"graphs of {STEPS} steps, launched for {budget} s.",
    }


def steps_per_second(environment: Environment, num_envs: int, budget: float, launcher: Launcher) -> float:
    """Steps of single environments in a second, without those spent on resets, over `budget` seconds."""
    batch = CudaBatch(
        environment,
        num_envs,
        max_episode_steps=environment.max_episode_steps,
        autoreset=NEXT_STEP,
        stream=launcher.stream,
    )
    cuda, space = load_cuda(), environment.action_space
    space.seed(0)
    drawn = np.array([space.sample() for _ in range(STEPS * 64)], space.dtype)
    rng = np.random.default_rng(0)
    actions = [cuda.to_device(drawn[rng.integers(0, len(drawn), num_envs)]) for _ in range(STEPS)]
    batch.seed(0)
    batch.reset()

    def play() -> None:
        for row in actions:
            batch.step(row)

    # The first steps play the environments in, so that they are in the middle of their episodes.
    play()
    launcher.record(play)
    for _ in range(8):
        launcher.launch()
    launcher.wait()
    before, rounds, begin = batch.finished.copy_to_host()[0], 0, time.perf_counter()
    while True:
        launcher.launch()
        rounds += 1
        # A graph of many environments takes milliseconds: waiting after each costs nothing that counts.
        launcher.wait()
        seconds = time.perf_counter() - begin
        if seconds >= budget:
            break
    steps = rounds * STEPS * num_envs
    return (steps - (batch.finished.copy_to_host()[0] - before)) / seconds


def device_name() -> str:
    """What the GPU calls itself."""
    name = load_cuda().get_current_device().name
    return name.decode() if isinstance(name, bytes) else str(name)
