"""The learning curve of an agent, with what it should beat."""

from collections.abc import Sequence
from typing import Any

from apps.studio.charts.curves import Curve, Level, show_curves
from apps.studio.charts.intervals import Score
from envs.engine import palette


def show(
    rows: Sequence[dict[str, Any]],
    scores: Sequence[Score],
    threshold: float | None,
    age: int | None,
    caption: str,
) -> None:
    """Draw the mean return over the steps of training, of training episodes and of evaluations."""
    training = [row for row in rows if "return" in row]
    held_out = [row for row in rows if "eval_return" in row]
    curves = [
        Curve(
            name="training",
            x=[row["step"] for row in training],
            y=[row["return"] for row in training],
            style="light",
            format=",.1f",
        ),
        Curve(
            name="evaluation",
            x=[row["step"] for row in held_out],
            y=[row["eval_return"] for row in held_out],
            low=[row.get("eval_low", row["eval_return"]) for row in held_out],
            high=[row.get("eval_high", row["eval_return"]) for row in held_out],
            format=",.1f",
        ),
    ]
    levels = [Level(name=score.name, y=score.mean, low=score.low, high=score.high) for score in scores]
    if threshold is not None:
        levels.append(Level(name=f"solved: {threshold:g}", y=threshold, color=palette.TRUTH))
    show_curves(
        curves,
        levels,
        x_title="steps in the environment",
        y_title="mean return of an episode",
        alt=caption,
        mark=age,
        zero=True,
        key="arena:curve",
        height=230,
    )
