"""Many searches at once, one in each of many games: what learning from games against oneself needs.

A `Search` thinks about one position and asks its network about many nodes of one tree. Here every tree asks
about one node at a time, and the questions of all trees are one batch. A network that is compiled needs no
batch: the trees then grow one after the other in the same memory, which stays in the processor's cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from agents.planning.advice import Judge
from agents.planning.compile import forest_kernels_of
from agents.planning.quick_network import QuickNetwork
from envs.engine.environment import Environment

DEEPEST = 128
"""Steps of a way down a tree, at most."""


class Looked(NamedTuple):
    """What T searches came to."""

    visits: np.ndarray
    """(T, K), how often each action was tried; 0 of those that are known to lose, unless all are."""
    values: np.ndarray
    """(T,), the return of the root if it is known, else of the most tried action."""
    certain: np.ndarray
    """(T,), whether it is known."""


class Forest:
    """Trees over the states of one environment, led by a network's values and probabilities.

    Args:
        environment: with discrete actions.
        trees: T, how many there are.
        simulations: tries of a decision; may be lowered later.
        gamma: discount of later rewards; negative where two players take turns.
        explore: how much to try what was tried little, as in `agents.planning.search.Search`.
        seed: of ties.
        quick: who is asked about positions, if that is compiled code.
    """

    def __init__(
        self,
        environment: Environment,
        trees: int,
        simulations: int,
        gamma: float = -1.0,
        explore: float = 0.7,
        seed: int = 0,
        quick: QuickNetwork | None = None,
    ) -> None:
        assert isinstance(environment.action_space, spaces.Discrete)
        self.environment, self.simulations = environment, simulations
        self.gamma, self.explore = gamma, explore
        self.limit = environment.max_episode_steps or 0
        self.rng = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64)
        """The state of the random generator."""
        self.quick, self._kernels = quick, None if quick else forest_kernels_of(environment)
        # Compiled searches take turns in the memory of one tree.
        T, M, K = 1 if quick else trees, simulations + 2, int(environment.action_space.n)
        self._states = np.zeros((T, M + 1), environment.state_dtype)
        self._tree = (
            np.empty((T, M, K), np.int32), np.empty((T, M, K), np.int32), np.empty((T, M, K)),
            np.empty((T, M)), np.empty((T, M)), np.empty((T, M, K), bool), np.empty((T, M, K)),
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
            judge: values further positions, unless `quick` does.
        """
        shape = priors.shape
        looked = Looked(np.empty(shape, np.int32), np.empty(len(priors)), np.empty(len(priors), bool))
        memory = self._states.view(np.uint8).reshape(len(self._states), -1)
        settings = self.simulations, self.explore, self.gamma, self.limit
        raw_params = np.frombuffer(bytearray(params.tobytes()), np.uint8)
        if self.quick is not None:
            self.quick.kernels.search_each(
                np.ascontiguousarray(states).view(np.uint8).reshape(len(states), -1), priors, memory[0],
                raw_params, *(array[0] for array in self._tree), self.rng, *(way[0] for way in self._ways),
                self._obs, *self.quick.arrays, np.empty(1), np.empty((1, shape[1])), *settings, *looked,
            )  # fmt: skip
            return looked
        assert self._kernels is not None
        children, visits, totals, rewards, known, legal, chances, _, counts, bounds = self._tree
        self._states[:, 0] = states
        self._kernels.plant_each(memory, raw_params, *self._tree)
        chances[:, 0] = priors
        while count := self._kernels.gather_each(
            memory, raw_params, *self._tree, self.rng, *self._ways, *self._places, self._obs, self._allowed,
            *settings,
        ):  # fmt: skip
            found, likely = judge(self._obs[:count], self._allowed[:count])
            self._kernels.answer_each(
                children, visits, totals, rewards, known, legal, chances, counts, bounds, *self._ways,
                *self._places, count, found, likely, self.gamma,
            )  # fmt: skip
        self._kernels.conclude_each(visits, totals, known, legal, *looked)
        return looked
