"""Layer by layer: what is left of pictures that go up through a stack and down again, as it learns."""

from collections.abc import Sequence
from typing import Any

from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette

NAME = "test_rebuilt_"


def show_rebuilding(rows: Sequence[dict[str, Any]], age: int | None, *, key: str) -> None:
    """Draw a curve for each number of layers; nothing where a run has no such figures.

    Args:
        rows: metrics of a run of `energy/dbn`.
        age: step of the checkpoint that is looked at; None for the newest.
        key: name of the chart.
    """
    names = sorted({name for row in rows for name in row if name.startswith(NAME)})
    curves = []
    for number, name in enumerate(names):
        points = [row for row in rows if name in row]
        depth = name.removeprefix(NAME)
        curves.append(
            Curve(
                name=f"through {depth} layer{'s' if depth != '1' else ''}",
                x=[row["step"] for row in points],
                # Layers that have not begun to learn make pictures worse than the mean one.
                y=[100 * row[name] for row in points],
                floor=0.0,
                color=palette.blend(palette.MODEL, "white", 0.4 * (number > 0)),
                format=".0f",
                unit=" %",
            )
        )
    if not curves:
        return
    show_curves(
        curves,
        x_title="steps of training",
        y_title="left of a held-out picture, %",
        alt="; ".join(f"{curve.name} {curve.y[-1]:z.0f} % of a picture is left" for curve in curves),
        y_range=(0.0, 100.0),
        mark=age,
        key=key,
        height=220,
    )
