"""Curves that name themselves: the last value stands at a line's end, a baseline is grey with a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Required, TypedDict, Unpack

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from apps.studio.charts.labels import spread
from envs.engine import palette

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

HEIGHT = 260
"""Pixels of a chart, if it does not say otherwise."""
USUAL_WIDTH = 520
"""Pixels a chart usually has across; what the room for labels is reckoned with."""
NARROW = 420
"""Below so many pixels, as on a phone, there is no room beside the lines: their labels stand above them."""
ROW, CLEAR = 16, 6
"""Height of a label above the lines, and between the last one and the axis, in pixels."""
MOST_POINTS = 400
"""Drawn per line; a longer one is thinned evenly, its last point kept."""

Style = Literal["solid", "light", "thin"]
_OPACITY: dict[Style, float] = {"solid": 1.0, "light": 0.5, "thin": 0.35}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line. Curves of the same thing share a hue: training light, held out solid."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    color: str = palette.MODEL
    style: Style = "solid"
    low: Sequence[float] | None = None
    """Lower ends of an interval around each point, drawn as a band; with `high`."""
    high: Sequence[float] | None = None
    format: str = ".3g"
    """Of the last value, at the end of the line; empty for the name alone."""
    unit: str = ""
    """Written behind the last value."""
    floor: float | None = None
    """Where the axis ends, as a logarithmic one must: lower values are drawn there, and said as they are."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A figure to compare with, which does not change: a grey line with its name at its end."""

    name: str
    y: float
    low: float | None = None
    high: float | None = None
    color: str = palette.BASELINE


class Axes(TypedDict, total=False):
    """What a chart of curves is drawn on.

    Attributes:
        x_title: name and unit of what is counted.
        y_title: name and unit of what is measured.
        height: of the chart, in pixels; 260 by default.
        y_range: fixed ends of the axis; else they follow the data.
        zero: whether the axis includes 0.
        log: a logarithmic axis, for errors and losses.
        x_log: the same for what is counted; every x is above 0 then.
        mark: x of a thin upright line: the age that is being looked at.
    """

    x_title: Required[str]
    y_title: Required[str]
    height: int
    y_range: tuple[float, float] | None
    zero: bool
    log: bool
    x_log: bool
    mark: float | None


def readable(color: str) -> str:
    """The hue as text: lightened where the page is dark, so that letters keep a contrast of 4.5 to 1."""
    on_page = get_script_run_ctx(suppress_warning=True) is not None  # else nobody sees it
    return palette.blend(color, "white", 0.4) if on_page and st.context.theme.type == "dark" else color


def thin(count: int, most: int = MOST_POINTS) -> list[int]:
    """At most `most` indices below `count`, evenly spread, the first and the last always among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)})


def show_curves(
    curves: Sequence[Curve],
    levels: Sequence[Level] = (),
    *,
    alt: str,
    key: str | None = None,
    **axes: Unpack[Axes],
) -> None:
    """Draw curves and levels in one chart.

    Args:
        curves: lines; empty ones are left out.
        levels: horizontal lines to compare with.
        alt: what a screen reader says: the point of the chart, not its kind.
        key: a stable key lets the chart change in place instead of being redrawn.
        axes: see `Axes`.
    """
    drawn = [curve for curve in curves if len(curve.y)]
    if drawn:
        st.altair_chart(chart(drawn, levels, **axes), width="stretch", alt=alt, key=key)
        return
    with st.container(
        height=axes.get("height", HEIGHT),
        border=True,
        vertical_alignment="center",
        horizontal_alignment="center",
    ):
        st.caption("The curve begins with the first figures.", width="content")


def chart(curves: Sequence[Curve], levels: Sequence[Level] = (), **axes: Unpack[Axes]) -> "alt.LayerChart":
    """The chart of `show_curves` as an Altair object.

    Everything that changes from second to second is data, also labels and the room for them, so that the
    browser updates the chart in place.
    """
    import altair as alt

    points, ends = _tables(curves, levels, axes)
    low, high = axes.get("y_range") or (None, None)
    log, x_title, y_title = axes.get("log", False), axes["x_title"], axes["y_title"]
    # Where labels stand above the lines, the axis ends below them.
    top = alt.ExprRef(f"width > {NARROW} ? 0 : {ROW * len(ends) + CLEAR}")
    scale: Any = {"rangeMax": top}
    if low is not None:
        scale |= {"domain": [low, high], "type": "log" if log else "linear"}
    else:
        scale |= {"type": "log"} if log else {"zero": False, "nice": True}
    scale = alt.Scale(**scale)
    # Without minor lines: a logarithmic axis is readable by its powers of ten.
    powers = [10.0**power for power in range(-6, 7)]
    x_axis = alt.Axis(grid=False, tickCount=5, labelFlush=False)
    x_scale = alt.Scale(nice=False, zero=True)
    if axes.get("x_log"):
        x_axis = alt.Axis(grid=False, values=powers, format="~g")
        x_scale = alt.Scale(type="log", nice=False)
    x = alt.X("x:Q", title=x_title, scale=x_scale, axis=x_axis)
    y_axis = alt.Axis(values=powers, format="~g") if log else alt.Axis(tickCount=5, format=",.6~g")
    y = alt.Y("y:Q", title=y_title, scale=scale, axis=y_axis)
    color = alt.Color("color:N", scale=None, legend=None)
    base = alt.Chart(points)
    layers: list[alt.Chart] = [
        base.transform_filter("datum.kind == 'curve' && isValid(datum.low)")
        .mark_area(opacity=0.18)
        .encode(x=x, y=alt.Y("low:Q", title=y_title), y2="high:Q", detail="name:N", color=color),
        base.transform_filter("datum.kind == 'level' && isValid(datum.low)")
        .mark_area(opacity=0.14)
        .encode(x=x, y=alt.Y("low:Q", title=y_title), y2="high:Q", detail="name:N", color=color),
        base.transform_filter("datum.kind == 'level'")
        .mark_line(strokeDash=[5, 4], strokeWidth=1.5)
        .encode(x=x, y=y, detail="name:N", color=color),
        base.transform_filter("datum.kind == 'curve'")
        .mark_line(strokeWidth=2.2, interpolate="linear")
        .encode(
            x=x,
            y=y,
            detail="name:N",
            color=color,
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="curve"),
                alt.Tooltip("x:Q", title=x_title, format=",.4~g"),
                alt.Tooltip("value:Q", title=y_title, format=".4~g"),
            ],
        ),
        base.transform_filter("datum.kind == 'mark'")
        .mark_line(strokeWidth=1, color=palette.NEUTRALS["grey"])
        .encode(x=x, y=alt.Y("y:Q", title=y_title), detail="name:N"),
        base.transform_filter(f"datum.kind == 'room' && width > {NARROW}").mark_point(opacity=0).encode(x=x),
        base.transform_filter("datum.kind == 'zero'").mark_point(opacity=0).encode(x=x, y=y),
        alt.Chart(ends)
        .transform_filter(f"width > {NARROW}")
        .mark_text(align="left", dx=7, fontSize=12.5, fontWeight=600)
        .encode(x="x:Q", y="at:Q", text="label:N", color=color),
        alt.Chart(ends)
        .transform_filter(f"width <= {NARROW}")
        .mark_text(align="left", x=0, y=alt.ExprRef("datum.row"), fontSize=12.5, fontWeight=600)
        .encode(text="label:N", color=color),
    ]
    return alt.LayerChart(layer=layers).properties(height=axes.get("height", HEIGHT))


def _drawn(curve: Curve, y: float) -> float:
    return float(y) if curve.floor is None else max(curve.floor, float(y))


def _tables(
    curves: Sequence[Curve], levels: Sequence[Level], axes: Axes
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    import pandas as pd

    log, x_log, mark = axes.get("log"), axes.get("x_log"), axes.get("mark")
    last_x = max((float(curve.x[-1]) for curve in curves), default=1.0) or 1.0
    first_x = min((float(curve.x[0]) for curve in curves), default=1.0) if x_log else 0.0
    rows: list[dict[str, object]] = []
    ends: list[dict[str, object]] = []
    seen: list[float] = []
    for curve in curves:
        for i in thin(len(curve.y)):
            row: dict[str, object] = {
                "kind": "curve",
                "name": curve.name,
                "x": float(curve.x[i]),
                "y": _drawn(curve, curve.y[i]),
                "value": float(curve.y[i]),
                "color": curve.color,
                "opacity": _OPACITY[curve.style],
            }
            if curve.low is not None and curve.high is not None:
                row |= {"low": float(curve.low[i]), "high": float(curve.high[i])}
                seen += [float(curve.low[i]), float(curve.high[i])]
            rows.append(row)
            seen.append(_drawn(curve, curve.y[i]))
        value = f" {float(curve.y[-1]):z{curve.format}}{curve.unit}" if curve.format else ""
        label = curve.name + value
        ends.append(
            {
                "x": float(curve.x[-1]),
                "y": _drawn(curve, curve.y[-1]),
                "label": label,
                "color": readable(curve.color),
            }
        )
    for level in levels:
        for x in (first_x, last_x):
            row = {"kind": "level", "name": level.name, "x": x, "y": level.y, "color": level.color}
            if level.low is not None and level.high is not None:
                row |= {"low": level.low, "high": level.high}
                seen += [level.low, level.high]
            rows.append(row)
        seen.append(level.y)
        ends.append({"x": last_x, "y": level.y, "label": level.name, "color": readable(level.color)})
    if axes.get("zero"):
        rows.append({"kind": "zero", "name": "", "x": first_x, "y": 0.0})
        seen.append(0.0)
    low, high = axes.get("y_range") or (min(seen), max(seen))
    _place_labels(ends, low, high, log=bool(log), height=axes.get("height", HEIGHT))
    room = max(len(str(end["label"])) for end in ends) * 7.0 / USUAL_WIDTH
    share = min(0.45, room + 0.03)
    far = last_x * (last_x / first_x) ** (share / (1 - share)) if x_log else last_x / (1 - share)
    rows.append({"kind": "room", "name": "", "x": far})
    if mark is not None:
        rows += [{"kind": "mark", "name": "age", "x": float(mark), "y": y} for y in (low, high)]
    columns = ["kind", "name", "x", "y", "value", "color", "opacity", "low", "high"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(
        ends, columns=["x", "y", "at", "row", "label", "color"]
    )


def _place_labels(
    ends: list[dict[str, object]], low: float, high: float, *, log: bool, height: float
) -> None:
    """Write where each label at the end of a line stands, so that none covers another, and in which row."""
    import numpy as np

    values = [float(str(end["y"])) for end in ends]
    span = high - low
    if log:
        values = [float(np.log10(max(value, 1e-12))) for value in values]
        span = np.log10(max(high, 1e-12)) - np.log10(max(low, 1e-12))
    gap = float(span or 1.0) * 16 / max(60, height - 80)
    # Of several at the bottom none stands below the axis.
    apart = spread(values, gap, min(values) if log else min(*values, low))
    for end, at in zip(ends, apart, strict=True):
        end["at"] = 10.0**at if log else at
        end["row"] = ROW * (0.5 + sum(other > at for other in apart))
