"""How much a classifier tells wrong as it learns: training light, held out solid, the baseline as a line."""

from collections.abc import Sequence
from typing import Any

from apps.components.curves import Curve, Level, show_curves

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
        levels.append(Level(name=f"{baseline.name} {error:.1f} %", y=max(FLOOR, error)))
    learning, held_out = (
        _curve(rows, "learning from", "accuracy"),
        _curve(rows, "held out", "test_accuracy"),
    )
    show_curves(
        [learning, held_out],
        levels,
        x_title="steps of training",
        y_title="wrong, %",
        alt=f"Share told wrong, now {held_out.said:.1f} %" if held_out.y else "Share told wrong",
        log=True,
        y_range=(FLOOR, 100.0),
        mark=age,
        key=key,
        height=height,
    )


def _curve(rows: Sequence[dict[str, Any]], name: str, metric: str) -> Curve:
    points = [row for row in rows if metric in row]
    errors = [100 * (1 - row[metric]) for row in points]
    return Curve(
        name=name,
        x=[row["step"] for row in points],
        y=[max(FLOOR, error) for error in errors],
        said=errors[-1] if errors else None,
        style="light" if metric == "accuracy" else "solid",
        format=".1f",
        unit=" %",
    )
