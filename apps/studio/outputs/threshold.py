"""Two classes: the ROC curve, and what misses and false alarms cost at each threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.charts.curves import Curve, show_curves
from apps.studio.charts.matrix import show_matrix
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.roc import Auc, Decisions, cheapest, decisions, roc, roc_band

GRID = np.linspace(0.0, 1.0, 101)
"""Shares of false alarms, in %, at which the band is drawn."""
COSTS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
THRESHOLD, COST, FOUND = "threshold", "cost", "found"


def show(page: str, view: RunView, answers: NDArray[Any], labels: NDArray[Any]) -> None:
    """Draw the curve with the chosen threshold on it, the counts and the cost.

    Args:
        page: the page's name.
        view: whose answers these are.
        answers: probabilities (N, 2) of unseen examples.
        labels: (N,) their classes.
    """
    classes = [str(one) for one in view.predictor.output.classes]
    if not 0 < np.count_nonzero(labels == 1) < len(labels):
        return
    st.markdown("##### Misses against false alarms")
    left, right = st.columns(2, gap="large")
    with left:
        which = classes.index(
            st.segmented_control(
                "What is looked for",
                classes,
                default=classes[1],
                required=True,
                key=f"{page}:{FOUND}",
                help="A miss: it is there and was overlooked. A false alarm: it was seen and is not there.",
            )
        )
        scores, positive = answers[:, which].astype(float), labels == which
        miss = st.select_slider(
            "A miss costs as much as so many false alarms",
            COSTS,
            10.0,
            format_func=lambda value: f"{value:g}",
            key=f"{page}:{COST}",
            help="Who decides that knows what happens after a miss and after a false alarm.",
        )
        aside = view.later(f"cheapest {which} {miss}", lambda: _by_aside(view, which, miss))
        threshold = st.slider(
            f"It says {escape(classes[which])} from this probability on",
            0.0,
            1.0,
            0.5,
            0.01,
            key=f"{page}:{THRESHOLD}",
            help="0.5 is the more probable of the two classes.",
        )
        now = decisions(scores, positive, threshold)
        usual = decisions(scores, positive, 0.5)
        st.markdown(_sentence(view, classes, which, now, threshold))
        st.markdown(
            f"Cost: **{now.cost(miss):,.4g} false alarms**, {now.cost(miss) / len(labels):z.3f} for "
            f"each of the "
            f"{view.things}; at 0.5 it is {usual.cost(miss):,.4g}."
        )
        if aside:
            best = decisions(scores, positive, aside)
            st.caption(
                f"The cheapest threshold on the examples kept aside from training is {aside:z.2f}; "
                f"on the unseen "
                f"ones it costs {best.cost(miss):,.4g}. It was not chosen by the unseen ones."
            )
    with right:
        _curve(page, view, scores, positive, now)
        order = [1 - which, which]
        counts = np.array([[now.passed, now.alarms], [now.missed, now.found]])
        show_matrix(counts, [classes[i] for i in order], key=f"{page}:decided", height=190)


def _by_aside(view: RunView, which: int, miss: float) -> float | None:
    """The cheapest threshold on examples kept aside; 0 for none. In the background."""
    aside = view.task.aside(view.settings, view.split)
    if aside is None:
        return 0.0
    answers, labels = np.asarray(view.predictor.predict(aside.inputs)), np.asarray(aside.targets)
    positive = labels == which
    if positive.all() or not positive.any():
        return 0.0
    return cheapest(answers[:, which].astype(float), positive, miss)


def _sentence(view: RunView, classes: list[str], which: int, now: Decisions, threshold: float) -> str:
    name = escape(classes[which])
    return (
        f"At {threshold:z.2f} it finds **{now.found} of {now.found + now.missed}** {name} (sensitivity "
        f"{100 * now.sensitivity:z.1f} %) and misses {now.missed}. It raises **{now.alarms} false "
        f"alarms** among "
        f"{now.alarms + now.passed} others (specificity {100 * now.specificity:z.1f} %)."
    )


def _curve(
    page: str, view: RunView, scores: NDArray[Any], positive: NDArray[np.bool_], now: Decisions
) -> None:
    area = Auc(scores, positive).interval()
    found = roc(scores, positive)
    band = view.later(f"roc band {positive.sum()}", lambda: roc_band(scores, positive, GRID))
    low, high = band if band is not None else (None, None)
    line = np.interp(GRID, found.false_alarms, found.sensitivity)
    show_curves(
        [
            Curve(
                name="network",
                x=(100 * GRID).tolist(),
                y=(100 * line).tolist(),
                low=None if low is None else (100 * low).tolist(),
                high=None if high is None else (100 * high).tolist(),
                format="",
            ),
            Curve(
                name="chance",
                x=[0.0, 100.0],
                y=[0.0, 100.0],
                color=palette.BASELINE,
                style="light",
                format="",
            ),
        ],
        x_title="false alarms, % of the others",
        y_title="found, %",
        y_range=(0.0, 100.0),
        mark=100 * (1 - now.specificity),
        alt=f"ROC curve, area {area.mean:z.3f}",
        key=f"{page}:roc",
        height=260,
    )
    at = found.at_specificity(0.9)
    st.caption(
        f"ROC curve with its 95 % band: area under it (AUC) **{area.mean:z.3f}** [{area.low:z.3f}, "
        f"{area.high:z.3f}]; 0.5 is chance. With 10 % false alarms it finds {100 * at:z.1f} %. The upright "
        "line is the threshold."
    )
