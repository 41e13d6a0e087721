"""How much a classifier tells wrong as it learns: training light, held out solid, the baseline as a line."""

from collections.abc import Sequence
from typing import Any

from apps.studio.charts.curves import Curve, Level, on_the_way, show_curves, tell_part

FLOOR = 0.1
"""Least error on the logarithmic axis, in %: no error at all has no logarithm."""


def show_errors(
    rows: Sequence[dict[str, Any]], baseline: Any, age: int | None, *, key: str, height: int = 210
) -> None:
    """Draw the curve.

    Args:
        rows: metrics of a run with `accuracy` and `test_accuracy`, each in some of them.
        baseline: a `sandbox.task.Baseline` with `test_accuracy`; None while it is computed.
        age: step of the checkpoint that is looked at; None for the newest.
        key: name of the chart.
        height: in pixels.
    """
    levels = []
    if baseline is not None:
        error = 100 * (1 - baseline.metrics["test_accuracy"])
        levels.append(Level(name=f"{baseline.name} {error:z.1f} %", y=max(FLOOR, error)))
    learning, held_out = (
        _curve(rows, "learning from", "accuracy"),
        _curve(rows, "held out", "test_accuracy"),
    )
    show_curves(
        [learning, held_out],
        levels,
        x_title="steps of training",
        y_title="wrong, %",
        alt=f"Share told wrong, now {held_out.y[-1]:z.1f} %" if held_out.y else "Share told wrong",
        log=True,
        y_range=(FLOOR, 100.0),
        mark=age,
        key=key,
        height=height,
    )
    tell_part(rows, "test_accuracy")


def _curve(rows: Sequence[dict[str, Any]], name: str, metric: str) -> Curve:
    points = on_the_way(rows, metric)
    errors = [100 * (1 - row[metric]) for row in points]
    return Curve(
        name=name,
        x=[row["step"] for row in points],
        y=errors,
        floor=FLOOR,
        style="light" if metric == "accuracy" else "solid",
        format=".1f",
        unit=" %",
    )
