"""What a player is about to do and what it expects, in the column of text beside the picture."""

from collections.abc import Sequence

import numpy as np
from gymnasium import spaces

from agents.viewing.decision import Decision
from agents.viewing.panel import Column, short
from agents.viewing.viewed_environment import World


def draw_thought(
    column: Column, world: World, decision: Decision | None, values: Sequence[float], hue: str
) -> None:
    """Draws the probabilities of the actions, or the action itself, the value with its course, and quantiles.

    Args:
        column: written to.
        world: whose actions they are.
        decision: nothing is drawn without one.
        values: the latest ones, oldest first.
        hue: of who decides.
    """
    if decision is None:
        return
    space = world.action_space
    if isinstance(space, spaces.Discrete):
        chosen = int(decision.action) - int(space.start)
        shares = decision.probabilities
        if shares is None:
            shares = np.eye(int(space.n))[chosen]
        actions = world.action_names or tuple(str(i) for i in range(int(space.n)))
        allowed = np.ones(len(actions), bool) if decision.allowed is None else decision.allowed
        named = enumerate(zip(actions, shares, allowed, strict=True))
        rows = [(name, float(share) if may else None, i == chosen) for i, (name, share, may) in named]
        if len(rows) > 10:
            rows = sorted(rows, key=lambda row: 1.0 if row[1] is None else -row[1])[:10]
        if decision.q_values is not None:
            _draw_q_values(column, actions, decision.q_values, allowed, chosen, hue)
        else:
            column.heading("Next action")
            column.bars(rows, hue)
    elif isinstance(space, spaces.Box):
        low, high = np.maximum(space.low, -10.0).ravel(), np.minimum(space.high, 10.0).ravel()
        action = np.asarray(decision.action, np.float64).ravel()[:8]
        ends = enumerate(zip(action, low, high, strict=False))
        column.heading("Next action")
        column.levels([(str(i), float(a), float(lo), float(hi)) for i, (a, lo, hi) in ends], hue)
    if decision.value is not None:
        column.heading("Value (discounted return)", short(decision.value))
        column.curve(list(values), hue)
    if decision.quantiles is not None:
        column.heading("Quantiles of the return", str(len(decision.quantiles)))
        column.ticks(decision.quantiles.tolist(), hue)


def _draw_q_values(
    column: Column,
    actions: Sequence[str],
    q_values: np.ndarray,
    allowed: np.ndarray,
    chosen: int,
    hue: str,
) -> None:
    """Draws Q-values, the largest ten if there are more, with what is going to be played in its colour."""
    order = range(len(actions)) if len(actions) <= 10 else np.argsort(-q_values)[:10]
    column.heading("Q-values:")
    column.heading("forecast future reward of each action")
    column.scale(
        [
            (actions[i], float(q_values[i]) if allowed[i] else None, hue if i == chosen else "baseline")
            for i in order
        ]
    )
