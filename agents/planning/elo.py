"""Elo numbers of players who played each other, with intervals: the model of Bradley and Terry (1952).

A player with r points more is expected to score 1 / (1 + 10^(-r / 400)) of a point in a game (Elo 1978); a
draw is half a point. The numbers are those that make the scores most likely, with a weak normal prior
(deviation 800 points around the mean of all), so that somebody who lost every game has a number, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

UNIT = 400 / np.log(10)
"""Elo points of a logit."""
PRIOR = 800 / UNIT
"""Deviation of the prior, in logits."""
ROUNDS = 30
"""Newton steps, at most."""
RESAMPLES = 200


@dataclass(frozen=True)
class Rating:
    """The number of one player, with the 95 % bootstrap interval of its distance from the anchor."""

    elo: float
    low: float
    high: float
    games: int


def fit_elo(points: np.ndarray, games: np.ndarray, anchor: int = 0) -> np.ndarray:
    """Fit the numbers of P players.

    Args:
        points: (P, P), how many points the row's player made against the column's; a draw is half of one.
        games: (P, P) symmetric, how many they played; `points + points.T` is the same.
        anchor: the player whose number is 0.

    Returns:
        Elo numbers, (P,).
    """
    P = len(points)
    ratings, made = np.zeros(P), points.sum(1)
    pull = (np.eye(P) - 1 / P) / PRIOR**2
    for _ in range(ROUNDS):
        expected = 1 / (1 + np.exp(ratings[None, :] - ratings[:, None]))
        gradient = made - (games * expected).sum(1) - pull @ ratings
        weight = games * expected * (1 - expected)
        curvature = np.diag(weight.sum(1)) - weight + pull
        # Only differences count; fixing their sum makes the system regular.
        step = np.linalg.solve(curvature + 1 / P, gradient)
        # A step of Newton's may jump too far where almost everything was won.
        ratings += step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    return UNIT * (ratings - ratings[anchor])


def rate(
    scores: Sequence[tuple[int, int, Sequence[float]]], players: int, anchor: int = 0, seed: int = 0
) -> list[Rating]:
    """Rate players; openings are drawn with replacement within each pairing for the intervals.

    Args:
        scores: for each pairing both players, and for each opening the mean score from 0 to 1 of the first in
            the two games that began with it.
        players: how many there are.
        anchor: the player whose number is 0.
        seed: of the draws.
    """
    played = [(i, j, np.asarray(each, np.float64)) for i, j, each in scores if len(each)]
    games = np.zeros((players, players))
    for i, j, each in played:
        games[i, j] += 2 * len(each)
        games[j, i] += 2 * len(each)

    def fitted(draw: np.random.Generator | None) -> np.ndarray:
        points = np.zeros((players, players))
        for i, j, each in played:
            n = len(each)
            won = 2 * (each if draw is None else each[draw.integers(0, n, n)]).sum()
            points[i, j] += won
            points[j, i] += 2 * n - won
        return fit_elo(points, games, anchor)

    numbers = fitted(None)
    generator = np.random.default_rng(seed)
    draws = np.array([fitted(generator) for _ in range(RESAMPLES)])
    low, high = np.quantile(draws, [0.025, 0.975], 0)
    rows = zip(numbers.tolist(), low.tolist(), high.tolist(), games.sum(1).tolist(), strict=True)
    return [Rating(elo, least, most, int(count)) for elo, least, most, count in rows]
