"""How a training went: the main figure over its steps, the baseline as a line; and the same in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.studio import wording
from apps.studio.charts.curves import Curve, Level, Style, on_the_way, show_curves, tell_part
from apps.studio.plain_text import escape
from sandbox.metrics.scores import Metric

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

ENDS = ("low", "high")
FLOOR = 0.001
"""Least share on a logarithmic axis: none at all has no logarithm."""


@dataclass(frozen=True)
class Axis:
    """How a figure is drawn: as it is, or what is left to 1; on a linear axis, or a logarithmic one.

    Attributes:
        metric: the figure.
    """

    metric: Metric

    @property
    def log(self) -> bool:
        """Whether the axis is logarithmic."""
        return bool(self.metric.complement) or self.metric.log

    @property
    def title(self) -> str:
        """What stands beside the axis."""
        unit = f", {self.metric.unit}" if self.metric.unit else ""
        return (self.metric.complement or self.metric.title) + unit

    @property
    def range(self) -> tuple[float, float] | None:
        """Ends of the axis; None to follow the data."""
        if self.metric.unit != "%" and not self.metric.complement:
            return None
        return (self.metric.scale * FLOOR if self.log else 0.0, self.metric.scale)

    @property
    def floor(self) -> float | None:
        """Where the axis ends; lower values are drawn there."""
        return self.metric.scale * FLOOR if self.log else 0.0 if self.metric.unit == "%" else None

    def value(self, figure: float) -> float:
        """What is said of a figure."""
        return self.metric.scale * (1 - figure if self.metric.complement else figure)

    def text(self, figure: float) -> str:
        """What is said of it, with its unit."""
        return self.metric.text(1 - figure if self.metric.complement else figure)


def show(shown: Shown) -> None:
    """Draw the curve: the main figure while training, training light and unseen solid."""
    view = shown.view
    baselines = dict(view.baseline_scores or {}) if view is not None else {}
    metric = view.task.metric if view is not None else Metric("loss", "loss", higher_is_better=False)
    axis = Axis(metric)
    levels = [
        Level(
            name=f"{name} {axis.text(figures[metric.key])}",
            y=max(-math.inf if axis.floor is None else axis.floor, axis.value(figures[metric.key])),
        )
        for name, figures in baselines.items()
        if metric.key in figures
    ]
    curves = [_curve(shown.rows, "training", metric.name, axis, "light")]
    for key, part in unseen_keys(shown.rows, metric).items():
        curves.append(_curve(shown.rows, f"unseen, {part}" if part else "unseen", key, axis, "solid"))
    show_curves(
        [curve for curve in curves if len(curve.x)],
        levels,
        x_title="steps of training",
        y_title=axis.title,
        alt=f"{axis.title.capitalize()} over the steps of training",
        log=axis.log,
        y_range=axis.range,
        mark=shown.age,
        key=f"{shown.page.name}:curve",
        height=210,
    )
    tell_part(shown.rows, metric.key)


def unseen_keys(rows: list[dict[str, Any]], metric: Metric) -> dict[str, str]:
    """The keys of the main figure in a run's metrics: its own, or one for each network with its name."""
    begin = metric.key + "_"
    found = {key: key.removeprefix(begin) for row in rows for key in row if key.startswith(begin)}
    parts = {key: part for key, part in found.items() if part.rpartition("_")[2] not in ENDS}
    return parts or {metric.key: ""}


def _curve(rows: list[dict[str, Any]], name: str, key: str, axis: Axis, style: Style) -> Curve:
    points = on_the_way(rows, key)
    metric = axis.metric
    return Curve(
        name=name,
        x=[row["step"] for row in points],
        y=[axis.value(row[key]) for row in points],
        floor=axis.floor,
        format=f".{metric.digits}f",
        unit=f" {metric.unit}" if metric.unit else "",
        style=style,
    )


def sentence(shown: Shown) -> str:
    """What the network can do as of now, beside the strongest baseline: the line below the heading."""
    view = shown.view
    if view is None:
        if shown.run is not None and shown.state in wording.ALIVE:
            return wording.awaited(shown.run, shown.state)
        return "Press *Train* and watch it learn."
    metric, split = view.task.metric, view.split
    about = f"{len(split.test):,} unseen {escape(split.about.things)}"
    kind = "synthetic " if split.about.synthetic else ""
    figures = view.scores or _last(shown.rows, view.step)
    steps = wording.count(view.step, "step")
    if metric.key not in figures:
        return f"Testing after {steps} on {kind}{about} …"
    mine = figures[metric.key]
    baselines = view.baseline_scores or {}
    ours = f"After {steps} its {metric.title} on {kind}{about} is **{metric.text(mine)}**"
    best = max(
        (item for item in baselines.items() if metric.key in item[1]),
        key=lambda item: item[1][metric.key] * (1 if metric.higher_is_better else -1),
        default=None,
    )
    if best is None:
        return f"{ours}."
    name, other = best[0], best[1][metric.key]
    if metric.better(other, mine):
        return f"A simple method still does better: {name} **{metric.text(other)}**. {ours}."
    return f"{ours}; {name} reaches {metric.text(other)}."


def _last(rows: list[dict[str, Any]], step: int) -> dict[str, Any]:
    """The newest figures up to a step, until they are computed with their intervals."""
    found: dict[str, Any] = {}
    for row in rows:
        if row["step"] <= step:
            found |= row
    return found
