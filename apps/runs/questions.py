"""What answers the questions of the lesson on runs; see `apps.studio.page.questions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.runs.compare import figures
from apps.runs.record import RecordView
from sandbox.errors import UserError

if TYPE_CHECKING:
    from sandbox.statistics import Interval

EPISODES = 100
"""Episodes that an agent plays when it is tested."""


def youth(view: RecordView) -> float:
    """How much of the training, in per cent, was over when half of the kept checkpoints had been saved."""
    steps = view.run.checkpoints()
    return 100 * steps[(len(steps) - 1) // 2] / max(1, steps[-1])


def gained(view: RecordView, share: float) -> float:
    """How much of what the training brought was there after a share (0 to 1) of it, in per cent."""
    rows = view.rows
    name = next(iter(figures(rows)), None)
    if name is None:
        raise UserError(f"{view.run.name} has no figure that was measured twice.")
    steps, values = zip(*((row["step"], row[name]) for row in rows if name in row), strict=True)
    young = values[int(np.argmin(np.abs(np.array(steps) - share * steps[-1])))]
    change = values[-1] - values[0]
    return 100 * (young - values[0]) / change if change else 100.0


def fewer(view: RecordView, share: float) -> float:
    """How many times as wide the interval of a test is with a share (0 to 1) of its examples or episodes.

    Raises:
        UserError: every test gives the same, so that the interval has no width.
    """
    whole, part = _of_task(view, share) if view.run.config["kind"] == "task" else _of_agent(view, share)
    if whole.high <= whole.low:
        raise UserError("Every test has the same result here, so the interval has no width.")
    return (part.high - part.low) / (whole.high - whole.low)


def _of_task(view: RecordView, share: float) -> tuple[Interval, Interval]:
    from apps.studio.page.run_view import RunView

    network = RunView.at(view.run, view.step)
    assert network is not None
    test, name = network.split.test, network.task.metric.name
    whole, part = (
        network.task.measure(network.predictor, examples)[name].interval()
        for examples in (test, test.some(max(1, round(share * len(test)))))
    )
    return whole, part


def _of_agent(view: RecordView, share: float) -> tuple[Interval, Interval]:
    from agents.evaluate import evaluate
    from agents.player import Player
    from sandbox.statistics import bootstrap_interval

    returns = evaluate(Player.load(view.run, view.step), EPISODES)["returns"]
    return bootstrap_interval(returns), bootstrap_interval(returns[: round(share * EPISODES)])
