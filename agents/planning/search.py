"""Monte Carlo tree search over compiled states: look ahead by trying, most where it looks best.

    search = Search(envs.find("connect_four"), seconds=0.1)
    found = search.find(env.unwrapped.state)    # Found(action=3, visits=..., q_values=..., value=0.12)

Each new node is valued by a random game from there, UCT: Kocsis & Szepesvari 2006. An agent with Q-values is
asked about nodes that were visited some times: each of their actions then counts as tried a few times with
that return (Gelly & Silver 2007). Of any other agent the probabilities say where to look first, PUCT, and its
value is averaged with the random game's (Silver et al. 2016, "Mastering the game of Go with deep neural
networks and tree search"). Agents are asked about many nodes at a time.

The search looks at the true state, also where the observation hides a part of it, but never at random numbers
to come: each node is one draw of them. In a game of two players it moves for both.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from jaxtyping import Float, Int

from agents.planning.advice import forecast_of, judge_of
from agents.planning.compile import tree_kernels_of
from agents.planning.quick_network import QuickNetwork
from agents.player import Player
from agents.pqn.policy import QPolicy
from agents.pqn.self_play import OPPONENT
from envs.engine.environment import Environment
from sandbox.errors import UserError

MOST_NODES = 400_000
MOST_BYTES = 2**28
"""Memory for the states of a tree."""
AT_ONCE = 64
"""Nodes that an agent values together, at most."""
FEWEST = 8
"""The same at first: in a small tree many at once would have to be bad ones."""
SLICE = 500
"""Simulations with random games between two looks at the clock, and between two questions to an agent."""
HORIZON = 200
"""Steps of a random game, at most."""
DEEPEST = 512


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    action: int
    visits: Int[np.ndarray, " K"]
    """How often each action was tried; 0 of one that is known to lose, unless all are."""
    q_values: Float[np.ndarray, " K"]
    """Mean return of each action; NaN of one that was not tried."""
    value: float
    """Return that the best action is expected to bring."""
    simulations: int
    depth: int
    """Length of the longest way that was looked at."""


class Search:
    """A tree search in one environment.

    What the tree holds of a state that follows from the last one is kept, if decisions are given time.

    Args:
        environment: with discrete actions.
        params: parameters that differ from their defaults.
        seconds: time for a decision; None for `simulations`.
        simulations: tries of a decision, where `seconds` is None.
        player: an agent that knows the environment; None for random games.
        gamma: discount of later rewards.
        explore: how much to try what was tried little; None for 1.4 with an agent that learned from search,
            0.7 with any other that leads by PUCT, else 1.0.
        trust_games: how far the agent's value gives way to a random game's, from 0 to 1, with PUCT; None for
            0 with an agent that learned from search, else 0.5.
        weight: how many tries a Q-value of the agent stands for.
        threshold: visits of a node before the agent's Q-values are asked for.
        seed: of random games and ties.

    Raises:
        UserError: actions that are not discrete.
    """

    def __init__(
        self,
        environment: Environment,
        params: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = 0.1,
        simulations: int = 1000,
        player: Player | None = None,
        gamma: float = 1.0,
        explore: float | None = None,
        trust_games: float | None = None,
        weight: int = 5,
        threshold: int = 15,
        seed: int = 0,
    ) -> None:
        if not isinstance(environment.action_space, spaces.Discrete):
            raise UserError(f"A tree search needs discrete actions, which {environment.name} has not.")
        self.environment, self.seconds, self.simulations = environment, seconds, simulations
        self.player = player
        own = dict(params or {})
        if self.takes_turns(environment):
            own[OPPONENT] = 0
        self.gamma = -gamma if self.takes_turns(environment) else gamma
        led = player is not None and not isinstance(player.policy, QPolicy)
        self._searched = player is not None and player.searched
        usual = 1.4 if self._searched else 0.7 if led else 1.0
        self.explore = usual if explore is None else explore
        self.trust_games = (0.0 if self._searched else 0.5) if trust_games is None else trust_games
        self.weight, self.threshold = weight, threshold
        self.limit = environment.max_episode_steps or 0
        self._params = environment.param_values(**own)
        self._kernels = tree_kernels_of(environment)
        self._rng = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64)
        size = environment.state_dtype.itemsize
        most = MOST_NODES if seconds is not None else simulations + AT_ONCE + 2
        M, K = max(2, min(most, MOST_BYTES // size)), int(environment.action_space.n)
        self._states = np.zeros(M + 1, environment.state_dtype)
        self._memory = np.empty(M, np.int32), np.empty(M, np.int32)
        # Bytes that tell states apart: no way down knows what random numbers an episode has in store.
        self._told = np.zeros(size, bool)
        for name, (dtype, start, *_) in (environment.state_dtype.fields or {}).items():
            self._told[start : start + dtype.itemsize] = name != "rng"
        self._tree = (
            np.empty((M, K), np.int32), np.empty((M, K), np.int32), np.empty((M, K)), np.empty(M),
            np.empty(M), np.empty((M, K), bool), np.empty((M, K)), np.empty(M, np.int32),
            np.zeros(4, np.int64), np.zeros(2),
        )  # fmt: skip
        space = environment.observation_space
        self._ways = np.empty((AT_ONCE, DEEPEST), np.int32), np.empty((AT_ONCE, DEEPEST), np.int32)
        self._leaves = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.int64)
        self._obs = np.zeros((AT_ONCE, *(space.shape or ())), space.dtype)
        self._row, self._games, self._chances = np.empty(K, bool), np.empty(AT_ONCE), np.empty((1, K))
        self._judge = None if player is None else judge_of(player, environment)
        self._forecast = None if player is None else forecast_of(player)

    @staticmethod
    def takes_turns(environment: Environment) -> bool:
        """Tell whether it is a game of two players; see `agents.pqn.self_play`."""
        return OPPONENT in environment.params

    def find(self, state: np.void) -> Found:
        """Look ahead from a state, which is not changed.

        Args:
            state: a record of the environment, such as `env.unwrapped.state`.

        Raises:
            UserError: nothing can be played there.
        """
        _, visits, totals, _, known, legal, _, _, counts, bounds = self._tree
        raw = self._states.view(np.uint8), self._params.view(np.uint8)
        end = None if self.seconds is None else time.perf_counter() + self.seconds
        if not self._keep(state):
            self._states[0] = state
            self._kernels.plant(*raw, *self._tree)
            if self._searched:
                bounds[:] = -1.0, 1.0  # as it learned
            if not legal[0].any():
                raise UserError("The episode is over: there is nothing to look ahead to.")
        if legal[0].sum() == 1:
            end, least = 0.0, 1  # nothing to choose
        else:
            least = self.simulations if end is None else 1
        grow = self._play if self._judge is None else self._ask
        if isinstance(self._judge, QuickNetwork) and not self.trust_games:
            grow = self._play_with_network
        if self._forecast is not None:
            grow = self._play_advised
        while grow(raw, least - int(counts[1]) if end is None else SLICE):
            done = int(counts[1])
            if done >= least and (end is None or time.perf_counter() >= end):
                break
        with np.errstate(invalid="ignore"):
            q_values = totals[0] / visits[0]
        left = np.empty_like(visits[0])
        value = float(self._kernels.conclude(visits, totals, known, legal, left))
        return Found(int(left.argmax()), left, q_values, value, int(counts[1]), int(counts[2]))

    def _keep(self, state: np.void) -> bool:
        """Keep what the tree holds of a state one or two actions below its root; says whether it does."""
        children, visits, pending, counts = (self._tree[k] for k in (0, 1, 7, 8))
        if self.seconds is None or not counts[0]:
            return False
        below = children[0][children[0] >= 0]
        below = np.append(below, children[below][children[below] >= 0])
        rows = self._states.view(np.uint8).reshape(len(self._states), -1)[below]
        alike = (rows == np.frombuffer(state.tobytes(), np.uint8))[:, self._told].all(1)
        for node in below[alike]:
            if visits[node].any():
                pending[self._leaves[1][: counts[3]]] = 0  # what they asked for has not come
                self._kernels.keep_below(
                    self._states.view(np.uint8), *self._tree[:9], int(node), *self._memory
                )
                self._states[0] = state
                return True
        return False

    def _play(self, raw: tuple[np.ndarray, np.ndarray], simulations: int) -> bool:
        """Make simulations with random games; False once there is no more room."""
        simulations = min(SLICE, simulations)
        made = self._kernels.search_with_games(
            *raw, *self._tree, self._rng, *self._ways, self._row, self._leaves[1], self._obs, simulations,
            0 if self._forecast is None else self.threshold, self.explore, self.gamma, HORIZON, self.limit,
        )  # fmt: skip
        return made == simulations

    def _play_with_network(self, raw: tuple[np.ndarray, np.ndarray], simulations: int) -> bool:
        """Make simulations that a network inside the loop values; False once there is no more room."""
        quick, counts = self._judge, self._tree[8]
        assert isinstance(quick, QuickNetwork)
        if counts[1] == 0 and counts[0] == 1:
            self._ask_about_root()
        simulations = min(AT_ONCE, simulations)
        made = quick.kernels.search_with_network(
            *raw, *self._tree, self._rng, self._ways[0][0], self._ways[1][0], self._obs[:1], *quick.arrays,
            self._games[:1], self._chances, simulations, self.explore, self.gamma, self.limit,
        )  # fmt: skip
        return made == simulations

    def _play_advised(self, raw: tuple[np.ndarray, np.ndarray], simulations: int) -> bool:
        """Make simulations with random games in a tree where the agent's Q-values are known in advance."""
        _, visits, totals, _, _, legal, _, pending, counts, bounds = self._tree
        if counts[1] == 0 and pending[0] == 0:
            pending[0], self._leaves[1][0], counts[3] = 1, 0, 1
            self._observe_root()
        count = int(counts[3])
        if count:
            assert self._forecast is not None
            q_values = self._forecast(self._obs[:count])
            leaves = self._leaves[1]
            self._kernels.advise(visits, totals, legal, counts, bounds, leaves, q_values, self.weight)
        return self._play(raw, simulations)

    def _observe_root(self) -> None:
        self._obs[0] = 0
        # Plain Python, once a decision.
        self.environment.observe(self._states[0], self._params[0], self._obs[0])

    def _ask(self, raw: tuple[np.ndarray, np.ndarray], simulations: int) -> bool:
        """Make simulations that the agent values; False once there is no more room."""
        assert self._judge is not None
        children, visits, totals, rewards, known, legal, priors, pending, counts, bounds = self._tree
        before = int(counts[1])
        if before == 0 and counts[0] == 1:  # where to look first is the agent's word, too
            self._ask_about_root()
        count = self._kernels.gather(
            *raw, *self._tree, self._rng, *self._ways, self._row, *self._leaves, self._games,
            self._obs[: min(AT_ONCE, FEWEST + before // 8)], self.explore, self.gamma,
            HORIZON if self.trust_games else 0, self.limit,
        )  # fmt: skip
        if count:
            values, chances = self._judge(self._obs[:count], legal[self._leaves[1][:count]])
            values += self.trust_games * (self._games[:count] - values)
            self._kernels.answer(
                children, visits, totals, rewards, known, legal, priors, pending, counts, bounds, *self._ways,
                *self._leaves, count, values, chances, self.gamma,
            )  # fmt: skip
        return int(counts[1]) > before

    def _ask_about_root(self) -> None:
        """Let the agent say where to look first."""
        assert self._judge is not None
        legal, priors = self._tree[5], self._tree[6]
        self._observe_root()
        priors[0] = self._judge(self._obs[:1], legal[:1])[1][0]
