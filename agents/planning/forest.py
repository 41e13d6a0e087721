"""Many searches at once, one in each of many games: what learning from games against oneself needs.

A `Search` thinks about one position and asks its network about many nodes of one tree. Here every tree asks
about one node at a time, and the questions of all trees are one batch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from agents.planning.advice import Judge
from agents.planning.compile import forest_kernels_of
from envs.engine.environment import Environment

DEEPEST = 128
"""Steps of a way down a tree, at most."""


class Looked(NamedTuple):
    """What T searches came to."""

    visits: np.ndarray
    """(T, K), how often each action was tried."""
    q_values: np.ndarray
    """(T, K), the mean return of each; 0 of one that was not tried."""
    values: np.ndarray
    """(T,), the mean return of all tries."""


class Forest:
    """Trees over the states of one environment, led by a network's values and probabilities.

    Args:
        environment: with discrete actions.
        trees: T, how many there are.
        simulations: tries of a decision; may be lowered later.
        gamma: discount of later rewards; negative where two players take turns.
        explore: how much to try what was tried little, as in `agents.planning.search.Search`.
        seed: of ties.
    """

    def __init__(
        self,
        environment: Environment,
        trees: int,
        simulations: int,
        gamma: float = -1.0,
        explore: float = 0.7,
        seed: int = 0,
    ) -> None:
        assert isinstance(environment.action_space, spaces.Discrete)
        self.environment, self.simulations = environment, simulations
        self.gamma, self.explore = gamma, explore
        self.limit = environment.max_episode_steps or 0
        self.rng = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64)
        """The state of the random generator."""
        self._kernels = forest_kernels_of(environment)
        T, M, K = trees, simulations + 2, int(environment.action_space.n)
        self._states = np.zeros((T, M + 1), environment.state_dtype)
        self._tree = (
            np.empty((T, M, K), np.int32), np.empty((T, M, K), np.int32), np.empty((T, M, K)),
            np.empty((T, M)), np.empty((T, M), bool), np.empty((T, M, K), bool), np.empty((T, M, K)),
            np.empty((T, M), np.int32), np.zeros((T, 4), np.int64), np.zeros((T, 2)),
        )  # fmt: skip
        space = environment.observation_space
        self._ways = np.empty((T, DEEPEST), np.int32), np.empty((T, DEEPEST), np.int32)
        self._places = np.empty(T, np.int64), np.empty(T, np.int64), np.empty(T, np.int64)
        self._obs = np.zeros((T, *(space.shape or ())), space.dtype)
        self._allowed = np.empty((T, K), bool)

    def look(self, states: np.ndarray, params: Any, priors: np.ndarray, judge: Judge) -> Looked:
        """Look ahead from each of T states, which are not changed.

        Args:
            states: (T,) records of the environment in which something can be played.
            params: the record of the environment's parameters.
            priors: (T, K), where to look first from there.
            judge: values further positions.
        """
        children, visits, totals, rewards, _, _, chances, _, counts, bounds = self._tree
        raw = (
            self._states.view(np.uint8).reshape(len(states), -1),
            np.frombuffer(bytearray(params.tobytes()), np.uint8),
        )
        self._states[:, 0] = states
        self._kernels.plant_each(*raw, *self._tree)
        chances[:, 0] = priors
        while count := self._kernels.gather_each(
            *raw, *self._tree, self.rng, *self._ways, *self._places, self._obs, self._allowed,
            self.simulations, self.explore, self.gamma, self.limit,
        ):  # fmt: skip
            found, likely = judge(self._obs[:count], self._allowed[:count])
            self._kernels.answer_each(
                children, visits, totals, rewards, chances, counts, bounds, *self._ways, *self._places,
                count, found, likely, self.gamma,
            )  # fmt: skip
        tries = visits[:, 0]
        q_values = totals[:, 0] / np.maximum(tries, 1)
        return Looked(tries.copy(), q_values, totals[:, 0].sum(1) / np.maximum(tries.sum(1), 1))
