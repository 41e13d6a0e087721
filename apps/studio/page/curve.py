"""How a training went: the main figure over its steps, the baseline as a line; and the same in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.studio import wording
from apps.studio.charts.colours import hue
from apps.studio.charts.curves import Curve, Level, Style, show_curves
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.scores import Metric

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

ENDS = ("low", "high")
FLOOR, LEAST = 0.001, 1e-6
"""Least share, and least loss, on a logarithmic axis: none at all has no logarithm."""


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
        if self.metric.complement:
            return self.metric.scale * FLOOR, self.metric.scale
        return (0.0, self.metric.scale) if self.metric.unit == "%" and not self.log else None

    @property
    def floor(self) -> float | None:
        """Where the axis ends; lower values are drawn there."""
        if self.metric.log:
            return LEAST
        if self.metric.complement:
            return self.metric.scale * FLOOR
        return 0.0 if self.metric.unit == "%" else None

    @property
    def format(self) -> str:
        """Of a value at the end of a line."""
        return ".2g" if self.metric.log else f".{self.metric.digits}f"

    def value(self, figure: float) -> float:
        """What is said of a figure."""
        return self.metric.scale * (1 - figure if self.metric.complement else figure)

    def text(self, figure: float) -> str:
        """What is said of it, with its unit."""
        if self.metric.log:
            return f"{figure:.2g}"
        return self.metric.text(1 - figure if self.metric.complement else figure)


def show(shown: Shown) -> None:
    """Draw the curve: the main figure while training, training light and unseen solid."""
    view = shown.view
    baselines = dict(view.baseline_scores or {}) if view is not None else {}
    metric = Metric("loss", "loss", higher_is_better=False)
    if view is not None:
        last = shown.rows[-1]["step"] if shown.rows else 0
        metric = view.task.curve or view.task.metric_at(view.settings, last)
    axis = Axis(metric)
    levels = [
        Level(
            name=f"{name} {axis.text(figures[metric.key])}",
            y=max(-math.inf if axis.floor is None else axis.floor, axis.value(figures[metric.key])),
        )
        for name, figures in baselines.items()
        if metric.key in figures
    ]
    parts = unseen_keys(shown.rows, metric)
    curves = [_curve(shown.rows, "training", metric.name, axis, "light")] if len(parts) < 2 else []
    networks = view.task.networks if view is not None else {}
    for key, part in parts.items():
        name = networks.get(part, f"unseen, {part}" if part else "unseen")
        curves.append(_curve(shown.rows, name, key, axis, "solid", hue(part, networks)))
    drawn = [curve for curve in curves if len(curve.x)]
    show_curves(
        drawn,
        levels,
        x_title="steps of training",
        y_title=f"{axis.title}, unseen" if len(parts) > 1 else axis.title,
        alt=f"{axis.title.capitalize()} over the steps of training",
        log=axis.log,
        y_range=axis.range,
        mark=shown.age,
        key=f"{shown.page.name}:curve",
        height=250 if len(parts) > 1 else 210,
    )
    if drawn:
        both = drawn[0].style == "light" and len(drawn) > 1
        whose = "of each network" if len(parts) > 1 else "in training (light) and" if both else ""
        what = metric.complement or metric.title
        st.caption(f"{what[:1].upper()}{what[1:]} {whose} on unseen examples, step by step.")
    tell_part(shown.rows, metric.key)


def on_the_way(rows: Sequence[Mapping[str, Any]], figure: str) -> list[Mapping[str, Any]]:
    """The rows of a figure that belong on one curve: those measured in the same way, while training.

    The last row of a whole training has intervals and is about all that was held out; to be quick, the others
    may be about a part of it. Drawn together they would jump.
    """
    return [row for row in rows if figure in row and not _is_final(row)]


def tell_part(rows: Sequence[Mapping[str, Any]], figure: str) -> None:
    """Say it in a caption where a curve ends elsewhere than the figures of the whole."""
    live, final = on_the_way(rows, figure), [row for row in rows if figure in row and _is_final(row)]
    if live and final and abs(live[-1][figure] - final[-1][figure]) > 1e-6:
        st.caption(
            "To be quick, the curve is measured on a part of the unseen examples; the sentence at the top is "
            "about all of them."
        )


def _is_final(row: Mapping[str, Any]) -> bool:
    return any(name.endswith("_low") for name in row)


def unseen_keys(rows: list[dict[str, Any]], metric: Metric) -> dict[str, str]:
    """The keys of the main figure in a run's metrics: its own, or one for each network with its name."""
    begin = metric.key + "_"
    found = {key: key.removeprefix(begin) for row in rows for key in row if key.startswith(begin)}
    parts = {key: part for key, part in found.items() if part.rpartition("_")[2] not in ENDS}
    return parts or {metric.key: ""}


def _curve(
    rows: list[dict[str, Any]],
    name: str,
    key: str,
    axis: Axis,
    style: Style,
    color: str = palette.MODEL,
) -> Curve:
    points = on_the_way(rows, key)
    metric = axis.metric
    return Curve(
        name=name,
        x=[row["step"] for row in points],
        y=[axis.value(row[key]) for row in points],
        floor=axis.floor,
        format=axis.format,
        unit=f" {metric.unit}" if metric.unit and not metric.log else "",
        style=style,
        color=color,
    )


def sentence(shown: Shown) -> str:
    """What the network can do as of now, beside the strongest baseline: the line below the heading."""
    view = shown.view
    if view is None:
        if shown.run is not None and shown.state in wording.ALIVE:
            return wording.awaited(shown.run, shown.state)
        if shown.state == "failed":
            return "This training failed before there was a network to show. *Train* begins a new one."
        return "Press *Train* and watch it learn."
    metric, split = view.task.metric_at(view.settings, view.step), view.split
    kind = "synthetic " if split.about.synthetic else ""
    about = f"{len(split.test):,} unseen {kind}{escape(split.about.things)}"
    figures = view.scores or _last(shown.rows, view.step)
    steps = wording.count(view.step, "step")
    if metric.key not in figures:
        return f"Testing after {steps} on {about} …"
    mine = figures[metric.key]
    baselines = view.baseline_scores or {}
    words = {"count": f"{len(split.test):,}", "things": kind + escape(split.about.things)}
    # What a task says is about its main figure.
    says = view.task.says if metric == view.task.metric else ""
    says = says or "its {title} on {count} unseen {things} is **{value}**"
    ours = f"after {steps} " + says.format(title=metric.title, value=metric.text(mine), **words)
    several = {name: found[metric.key] for name, found in view.apart(figures, metric.key).items()}
    if several:
        sign = 1 if metric.higher_is_better else -1
        ranked = sorted(several, key=lambda name: -sign * several[name])
        mine = several[ranked[0]]
        told = ", ".join(f"{view.title(name)} **{metric.text(several[name])}**" for name in ranked)
        ours = f"{metric.title} on {about} after {steps}: {told}"
    best = max(
        (item for item in baselines.items() if metric.key in item[1]),
        key=lambda item: item[1][metric.key] * (1 if metric.higher_is_better else -1),
        default=None,
    )
    if best is None:
        return f"{_capital(ours)}."
    name, other = best[0], best[1][metric.key]
    says_other = view.task.says_other or "**{value}** by {name}"
    theirs = says_other.format(name=f"the {name}", value=metric.text(other), title=metric.title, **words)
    if metric.better(other, mine):
        return f"A simple method still does better: {theirs}; {ours}."
    return f"{_capital(ours)}; {theirs}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _last(rows: list[dict[str, Any]], step: int) -> dict[str, Any]:
    """The newest figures up to a step, until they are computed with their intervals."""
    found: dict[str, Any] = {}
    for row in rows:
        if row["step"] <= step:
            found |= row
    return found
