"""A game of two players as the world of one of them: somebody else answers within the same step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.environments import find_target
from agents.pqn.self_play import OPPONENT
from agents.viewing.racer import run_at
from agents.viewing.viewed_environment import OurWorld, Outcome
from envs.engine.environment import Environment
from sandbox.errors import UserError
from sandbox.runs import Run

SEARCH = "search"
"""Name of the opponent that looks ahead without an agent."""


class VersusWorld(OurWorld):
    """An environment of two players in which another player answers; they take turns at beginning.

    Args:
        environment: with a parameter `opponent`.
        opponent: has `act(obs, state=, mask=) -> Decision`.
        params: parameters that differ from their defaults; `opponent` is not heeded.

    Attributes:
        opponent: as given.

    Raises:
        UserError: the environment is not for two players.
    """

    def __init__(self, environment: Environment, opponent: Any, params: Mapping[str, Any] | None = None):
        if OPPONENT not in environment.params:
            raise UserError(f"{environment.name} is no game of two players, so nobody can play against you.")
        super().__init__(environment, {**(params or {}), OPPONENT: 0})
        self.opponent = opponent
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
        return self.opponent.act(obs, state=self.state, mask=self.mask()).action


class RunOpponent:
    """The agent of a run as an opponent, at any of its ages; alone, or leading a search.

    Args:
        run: whose agent.
        environment: of two players; the run must have learned it.
        step: age, the nearest checkpoint; None for the newest.
        searches: whether it leads a tree search.
        params: parameters that differ from their defaults.

    Attributes:
        run: whose agent.
        step: of the checkpoint that plays.

    Raises:
        UserError: a run of something else, or without a checkpoint.
    """

    def __init__(
        self,
        run: Run,
        environment: Environment,
        step: int | None = None,
        *,
        searches: bool = False,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.run, self._environment, self._searches, self._params = run, environment, searches, params
        self.step = -1
        self.turn(step)

    @property
    def steps(self) -> list[int]:
        """Its ages."""
        return self.run.checkpoints()

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.run.name} at step {self.step:,}" + (" and a tree search" if self._searches else "")

    def turn(self, step: int | None) -> None:
        """Play at another age from the present moment on.

        Raises:
            UserError: its checkpoint is gone or corrupt; then all stays as it was.
        """
        from agents.planning import SearchPlayer  # with torch, which other games do not wait for
        from agents.player import Player

        steps = self.steps
        if step is not None and steps:
            step = steps[int(np.abs(np.array(steps) - step).argmin())]
        if step is not None and step == self.step:
            return
        player = Player.load(self.run, step)
        if find_target(player.target).environment is not self._environment:
            raise UserError(
                f"The agent of {self.run.name} plays {player.target}, not {self._environment.name}."
            )
        self.step = player.step or 0
        self._player: Any = player
        if self._searches:
            self._player = SearchPlayer(self._environment.name, self._params, player)

    def act(self, obs: Any, *, state: np.void | None, mask: np.ndarray | None) -> Any:
        """Decide; alone it sees what there is to be seen."""
        if self._searches:
            return self._player.act(obs, state=state, mask=mask)
        return self._player.act(obs, mask=mask)


def open_versus(target: str, against: str, params: Mapping[str, Any] | None = None) -> VersusWorld:
    """Open a game against a named player.

    Args:
        target: an environment of two players.
        against: `search`, or a run whose agent plays, `RUN@STEP` for one of its ages; `RUN+search` for a
            search that it leads.
        params: parameters that differ from their defaults.

    Raises:
        UserError: no game of two players, or no such run.
    """
    environment = find_target(target).environment
    if environment is None or OPPONENT not in environment.params:
        raise UserError(f"{target} is no game of two players, so nobody can play against you.")
    if against == SEARCH:
        from agents.planning import SearchPlayer

        return VersusWorld(environment, SearchPlayer(environment.name, params), params)
    searches = against.endswith(f"+{SEARCH}")
    run, step = run_at(against.removesuffix(f"+{SEARCH}"))
    return VersusWorld(
        environment, RunOpponent(run, environment, step, searches=searches, params=params), params
    )
