"""Games of two players against each other in an environment of two players: matches, and Elo numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from agents.pqn.self_play import OPPONENT
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.engine.environment import Environment
from sandbox.errors import UserError

Chooser = Callable[[np.ndarray, np.void, np.ndarray], int]
"""An observation, the record of the state, and what is allowed (K,), to an action."""


def play_match(
    environment: Environment,
    first: Chooser,
    second: Chooser,
    games: int,
    seed: int = 0,
    opening: int = 2,
    params: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """Let two play; they take turns at beginning, and two games in a row begin with the same random moves.

    Args:
        environment: of two players, with a parameter `opponent`.
        first: one player.
        second: the other.
        games: how many.
        seed: of the opening moves.
        opening: random moves before the players take over, so that no two pairs of games are the same.
        params: parameters that differ from their defaults.

    Returns:
        What each game brought the first player: 1, 0 or -1.

    Raises:
        UserError: an environment that is not for two players.
    """
    if OPPONENT not in environment.params:
        raise UserError(f"{environment.name} is no game of two players.")
    batch = Batch(environment, 1, params={**(params or {}), OPPONENT: 0})
    return np.array(
        [
            _game(batch, (first, second) if game % 2 == 0 else (second, first), seed + game // 2, opening)
            * (1 if game % 2 == 0 else -1)
            for game in range(games)
        ]
    )


def _game(batch: Batch, players: tuple[Chooser, Chooser], seed: int, opening: int) -> float:
    """Play one game; returns what it brought the player who began."""
    environment, random = batch.environment, np.random.default_rng(seed)
    space = environment.observation_space
    obs = np.zeros((1, *(space.shape or ())), space.dtype)
    reward, over, cut = np.zeros(1), np.zeros(1, bool), np.zeros(1, bool)
    allowed = np.ones((1, int(environment.action_space.n)), bool)  # type: ignore[attr-defined]
    batch.seed(seed)
    batch.reset(obs)
    move = 0
    while True:
        if environment.mask is not None:
            batch.action_masks(allowed)
        if move < opening:
            action = int(random.choice(np.flatnonzero(allowed[0])))
        else:
            action = players[move % 2](obs[0], batch.states[0], allowed[0])
        batch.step(np.array([action]), obs, reward, over, cut, None, DISABLED)
        if over[0] or cut[0]:
            return float(reward[0]) * (1 if move % 2 == 0 else -1)
        move += 1


def elo_difference(results: np.ndarray) -> float:
    """Return how many Elo points the first player is ahead; a win or loss of all counts as half a game less.

    Args:
        results: of its games, 1, 0 or -1.
    """
    share = np.clip((results.mean() + 1) / 2, 0.5 / len(results), 1 - 0.5 / len(results))
    return float(400 * np.log10(share / (1 - share)))
