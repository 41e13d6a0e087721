"""A game of two players as the world of one of them: somebody else answers within the same step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.environments import find_target
from agents.pqn.self_play import OPPONENT
from agents.viewing.viewed_environment import OurWorld, Outcome
from envs.engine.environment import Environment
from sandbox.errors import UserError

SEARCH = "search"
"""Name of the opponent that looks ahead without an agent."""


class VersusWorld(OurWorld):
    """An environment of two players in which another player answers; they take turns at beginning.

    Args:
        environment: with a parameter `opponent`.
        opponent: has `act(obs, state=, mask=) -> Decision`.
        params: parameters that differ from their defaults; `opponent` is not heeded.

    Raises:
        UserError: the environment is not for two players.
    """

    def __init__(self, environment: Environment, opponent: Any, params: Mapping[str, Any] | None = None):
        if OPPONENT not in environment.params:
            raise UserError(f"{environment.name} is no game of two players, so nobody can play against you.")
        super().__init__(environment, {**(params or {}), OPPONENT: 0})
        self._opponent = opponent
        self._games = 0

    def set_params(self, **values: Any) -> None:
        """Turns parameters, but the opponent stays."""
        super().set_params(**{name: value for name, value in values.items() if name != OPPONENT})

    def reset(self, seed: int | None) -> tuple[Any, dict[str, Any]]:
        """Begins a game; the opponent begins every second one."""
        obs, info = super().reset(seed)
        self._games += 1
        if self._games % 2 == 0:
            obs, _, _, _, info = super().step(self._answer(obs))
            if "me" in (self._batch.states.dtype.names or ()):
                self._batch.states["me"] = self._batch.states["turn"]
        return obs, info

    def step(self, action: Any) -> Outcome:
        """Plays one action and the answer to it; the reward is that of the one who called."""
        obs, reward, terminated, truncated, info = super().step(action)
        if terminated or truncated:
            return obs, reward, terminated, truncated, info
        obs, other, terminated, truncated, info = super().step(self._answer(obs))
        return obs, reward - other, terminated, truncated, info

    def _answer(self, obs: Any) -> Any:
        return self._opponent.act(obs, state=self.state, mask=self.mask()).action


class _WithoutState:
    """An agent as an opponent: it sees what there is to be seen."""

    def __init__(self, player: Any) -> None:
        self._player = player

    def act(self, obs: Any, *, state: np.void | None, mask: np.ndarray | None) -> Any:
        """Decide, without the state."""
        return self._player.act(obs, mask=mask)


def open_versus(target: str, against: str, params: Mapping[str, Any] | None = None) -> VersusWorld:
    """Open a game against a named player.

    Args:
        target: an environment of two players.
        against: `search`, or a run whose agent plays; `RUN+search` for a search that it leads.
        params: parameters that differ from their defaults.

    Raises:
        UserError: no game of two players, or no such run.
    """
    environment = find_target(target).environment
    if environment is None or OPPONENT not in environment.params:
        raise UserError(f"{target} is no game of two players, so nobody can play against you.")
    from agents.planning import SearchPlayer  # with torch, which other games do not wait for
    from agents.player import Player

    run = against.removesuffix(f"+{SEARCH}")
    player = None if against == SEARCH else Player.load(run)
    if player is not None and find_target(player.target).environment is not environment:
        raise UserError(f"The agent of {run} plays {player.target}, not {environment.name}.")
    if player is not None and run == against:
        return VersusWorld(environment, _WithoutState(player), params)
    return VersusWorld(environment, SearchPlayer(environment.name, params, player), params)
