"""Many games of two players at once: every pairing in one compiled batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from agents.evaluate import Policy
from agents.pqn.self_play import OPPONENT
from envs.engine.core.batch import Batch
from envs.engine.environment import Environment
from sandbox.errors import UserError

OPENING = 2
"""Random moves before the players take over: two that never draw would else play one game again and again."""


def play_games(
    environment: Environment,
    players: Sequence[Callable[[], Policy]],
    pairings: Sequence[tuple[int, int]],
    seed: int = 0,
    opening: int = OPENING,
    params: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """Let each pairing play two games from the same random opening; each player begins one of them.

    Args:
        environment: of two players, with a parameter `opponent`.
        players: each makes a policy, which is asked about all its games at once.
        pairings: who plays whom, as indices of `players`.
        seed: of the openings. A pairing's opening depends on its place; see `opening_moves`.
        opening: random moves.
        params: parameters that differ from their defaults.

    Returns:
        What the two games brought the first of each pairing, 1, 0 or -1, shape (pairings, 2).

    Raises:
        UserError: an environment that is not for two players.
    """
    if OPPONENT not in environment.params:
        raise UserError(f"{environment.name} is no game of two players.")
    M = len(pairings)
    # Game g belongs to pairing g // 2; in even ones its first player begins.
    begins = np.array(pairings, np.int64).reshape(M, 2)
    turns = np.stack([begins, begins[:, ::-1]], 1).reshape(2 * M, 2)
    table = _Table(environment, 2 * M, params, seed)
    random = np.random.default_rng(seed)
    deciders: dict[tuple[int, int], _Seat] = {}
    outcome, going, move = np.zeros(2 * M), np.arange(2 * M), 0
    while len(going):
        masks = table.allowed()
        if move < opening:
            # The same draws for both games of a pairing, in which all is still the same.
            drawn = np.repeat(random.random((M, masks.shape[1])), 2, 0)
            table.actions[going] = np.where(masks, drawn, -1.0).argmax(1)[going]
        else:
            mover = turns[going, move % 2]
            for player in np.unique(mover):
                games = going[mover == player]
                # Of each player one for the games it began, one for the others: those are asked in turns.
                seat = deciders.setdefault((int(player), move % 2), _Seat(players[player]()))
                table.actions[games] = seat.decide(games, table.obs[games], masks[games])
        rewards, over = table.step()
        ended = going[over[going]]
        outcome[ended] = rewards[ended] * (1 if move % 2 == 0 else -1)
        going, move = going[~over[going]], move + 1
    outcome[1::2] *= -1
    return np.sign(outcome).reshape(M, 2)


class _Table:
    """The boards of all games; games that are over begin anew, and nobody looks."""

    def __init__(
        self, environment: Environment, games: int, params: Mapping[str, Any] | None, seed: int
    ) -> None:
        self._batch = Batch(environment, games, params={**(params or {}), OPPONENT: 0})
        space = environment.observation_space
        self.obs = np.zeros((games, *(space.shape or ())), space.dtype)
        self.actions = np.zeros(games, np.int64)
        self._final = np.zeros_like(self.obs)
        self._rewards = np.zeros(games)
        self._over, self._cut = np.zeros(games, bool), np.zeros(games, bool)
        self._masks = np.ones((games, int(environment.action_space.n)), bool)  # type: ignore[attr-defined]
        self._masked = environment.mask is not None
        self._batch.seed(seed)
        self._batch.reset(self.obs)

    def allowed(self) -> np.ndarray:
        if self._masked:
            self._batch.action_masks(self._masks)
        return self._masks

    def step(self) -> tuple[np.ndarray, np.ndarray]:
        self._batch.step(self.actions, self.obs, self._rewards, self._over, self._cut, self._final)
        return self._rewards, self._over | self._cut


class _Seat:
    """One player in those of its games in which it is asked at the same moves."""

    def __init__(self, policy: Any) -> None:
        self._policy, self._games = policy, np.zeros(0, np.int64)
        self._keeps, self._heeds = hasattr(policy, "keep"), getattr(policy, "heeds_masks", False)

    def decide(self, games: np.ndarray, obs: np.ndarray, masks: np.ndarray) -> np.ndarray:
        if self._keeps and len(self._games) > len(games):
            self._policy.keep(np.isin(self._games, games))
        self._games = games
        return self._policy(obs, masks) if self._heeds else self._policy(obs)
