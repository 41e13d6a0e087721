"""Vector environments that take turns, so that whatever else the machine does meets all of them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np


class Contestant:
    """A vector environment that is stepped with random actions drawn beforehand."""

    def __init__(
        self,
        vector: Any,
        seed: int = 0,
        actions: list[np.ndarray] | None = None,
        steps: int | None = None,
    ) -> None:
        """Reset the environments and play them in, so that they are in the middle of their episodes.

        Args:
            vector: a Gymnasium vector environment, or one that is stepped like them.
            seed: of episodes and actions.
            actions: what to play, again and again; None for random actions.
            steps: how many to play them in with; None for as many as a fast one needs.
        """
        self.vector = vector
        if actions is None:
            vector.action_space.seed(seed)
            actions = [vector.action_space.sample() for _ in range(64)]
            vector.reset(seed=seed)
        else:
            vector.reset()
        self._actions = actions
        steps, resets = steps or max(64, min(512, 16384 // vector.num_envs)), 0
        for t in range(steps):
            _, _, terminated, truncated, _ = vector.step(actions[t % len(actions)])
            resets += int((terminated | truncated).sum())
        self.real_steps = 1.0 - resets / (steps * vector.num_envs)
        """Share of steps not spent on resets: in NEXT_STEP mode a reset takes a step of its own."""

    def seconds_per_step(self, budget: float) -> float:
        """Mean seconds of one `step` of all environments, over about `budget` seconds."""
        step, actions = self.vector.step, self._actions
        steps, begin = 0, time.perf_counter()
        while True:
            for row in actions[:8]:
                step(row)
            steps += 8
            seconds = time.perf_counter() - begin
            if seconds >= budget:
                return seconds / steps

    def steps_per_second(self, seconds_per_step: float) -> float:
        """Steps of single environments in a second, without those spent on resets."""
        return self.vector.num_envs * self.real_steps / seconds_per_step


def take_turns(crowd: dict[Any, Contestant], rounds: int, budget: float) -> dict[Any, list[float]]:
    """Seconds per step of each contestant in each round."""
    times: dict[Any, list[float]] = {key: [] for key in crowd}
    for _ in range(rounds):
        for key, contestant in crowd.items():
            times[key].append(contestant.seconds_per_step(budget))
    return times
