"""What a player chose, and what it thought about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

PLAYERS = {
    "agent": "agent",
    "search": "tree search",
    "baseline": "hand-written player",
    "random": "random actions",
}
"""What who plays is called."""


@dataclass(frozen=True)
class Decision:
    """One choice. Needs no torch, so that people can play without loading it."""

    action: Any
    """An int for `Discrete`, else an array of the action space's shape."""

    probabilities: np.ndarray | None = None
    """Of each action of a `Discrete` space, summing to 1; None where there are none."""

    value: float | None = None
    """The return the player expects from here on, or None if it does not say."""

    allowed: np.ndarray | None = None
    """Which actions the environment allows, (K,) bool; None where all always are."""

    q_values: np.ndarray | None = None
    """The forecast future reward of each action of a `Discrete` space; None of a player that has none."""

    quantiles: np.ndarray | None = None
    """Quantiles of the forecast return, ascending, of a player that forecasts how it is spread; else None."""

    memory: Any = None
    """What the player remembers from here on, to be given back to it; None if it has no memory."""

    overlay: Callable[[Any], None] | None = None
    """Draws what the player saw on a canvas with the environment's picture; None if it shows nothing."""
