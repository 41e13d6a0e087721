"""Forecasts: what was read, what came, and the band in which eight of ten truths should lie."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import streamlit as st

from apps.studio import background_work
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.inputs.series import axis, past, shown_series
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.tasks.outputs.forecast import MIDDLE

SHOWN = 4
"""Times as many steps as are forecast that are drawn of the past, at most."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the past and the forecast with its band; the truth and the first baseline, where known."""
    output, input = view.predictor.output, view.predictor.input
    which = shown_series(page, view)
    before = input.values(given.value)[:, which]
    values = output.values(answer)[:, which]
    ahead = ((np.arange(output.horizon) + 1) / input.rate).tolist()
    some = slice(max(0, len(before) - SHOWN * output.horizon), None)
    now, last = [0.0], [float(before[-1])]
    curves = [
        Curve(name="read", x=past(input)[some], y=before[some].tolist(), color=palette.BASELINE, format=""),
        Curve(
            name="forecast",
            x=now + ahead,
            y=last + values[:, MIDDLE].tolist(),
            low=last + values[:, 0].tolist(),
            high=last + values[:, -1].tolist(),
        ),
    ]
    name, other = _baseline(view, given)
    if other is not None:
        curves.append(
            Curve(
                name=name,
                x=now + ahead,
                y=last + output.values(other)[:, which, MIDDLE].tolist(),
                color=palette.HUMAN,
                style="light",
                format="",
            )
        )
    said = f"The band holds 8 of 10 truths if it is honest. Orange: {name}, a simple method."
    if given.target is not None:
        truth = input.values(given.target)[:, which]
        curves.append(
            Curve(name="what came", x=now + ahead, y=last + truth.tolist(), color=palette.TRUTH, format="")
        )
        inside = int(((values[:, 0] <= truth) & (truth <= values[:, -1])).sum())
        said = f"**{inside} of {len(truth)}** steps lie in the band of this forecast. {said}"
    show_curves(
        curves,
        x_title=f"{axis(input)} from now",
        y_title=escape(input.names[which]),
        log=input.logarithm and bool(before[some].min() > 0 and values.min() > 0),
        mark=0.0,
        alt=f"Forecast of {input.names[which]}",
        height=320,
        key=f"{page}:forecast",
    )
    st.caption(said)


def grades(view: RunView) -> Grades:
    """Every forecast by the task's main figure."""
    return by_metric(view, "Furthest off")


def compare(page: str, view: RunView) -> None:
    """Draw the error by step ahead, and how often the truth lies in the band."""
    found = view.later("errors ahead", lambda: errors_ahead(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    draw_errors(page, view, found)


def errors_ahead(view: RunView) -> dict[str, tuple[list[float], list[float]]]:
    """Mean absolute errors, and shares of the truth in the band in %, by step ahead, of each method."""
    some = view.test.some(300)
    truth = np.asarray(some.targets)
    unit = np.asarray(view.predictor.input.deviation)
    found = {}
    for name, one in {"network": view.predictor, **view.baselines}.items():
        said = np.asarray(one.predict(some.inputs))
        error = (np.abs(said[..., MIDDLE] - truth) * (unit if len(unit) == 1 else 1)).mean((0, 2))
        inside = ((said[..., 0] <= truth) & (truth <= said[..., -1])).mean((0, 2))
        found[name] = error.tolist(), (100 * inside).tolist()
    return found


def draw_errors(page: str, view: RunView, found: dict[str, tuple[list[float], list[float]]]) -> None:
    """Draw `errors_ahead` as two charts."""
    input = view.predictor.input
    titles = (
        "mean absolute error" + (" of the logarithm" if input.logarithm else ""),
        "of 100 truths in the band",
    )
    for place, (column, title) in enumerate(zip(st.columns(2, gap="medium"), titles, strict=True)):
        with column:
            st.markdown(f"**{title[0].upper()}{title[1:]}**, by step ahead")
            show_curves(
                [
                    Curve(
                        name=name,
                        x=[(i + 1) / input.rate for i in range(len(rows[place]))],
                        y=rows[place],
                        color=palette.MODEL if name == "network" else palette.BASELINE,
                        style="solid" if name == "network" else "light",
                    )
                    for name, rows in found.items()
                ],
                x_title=f"{axis(input)} ahead",
                y_title=title,
                zero=True,
                alt=f"{title} by step ahead",
                key=f"{page}:ahead:{place}",
            )


def _baseline(view: RunView, given: ChosenInput) -> tuple[str, Any]:
    """The first baseline's answer; None while it is at work, which is the same at every age."""
    value = np.ascontiguousarray(np.asarray(given.value))
    mark = hashlib.sha256(value.tobytes()).hexdigest()[:16]

    def answer() -> tuple[str, Any]:
        name, one = next(iter(view.baselines.items()))
        return name, one.predict(value[None])[0]

    return background_work.ask(("first baseline", *view.data_key, mark), answer) or ("", None)
