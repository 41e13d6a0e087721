"""Fewer or more calls of the network on the way from noise to an example: the same network, other figures."""

import copy

import streamlit as st

from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.run_view import RunView
from sandbox.tasks.families.diffusion import Denoiser

TITLE = "Fewer calls"
CALLS = (1, 2, 4, 8, 16, 32, 64)


def fits(view: RunView) -> bool:
    """Whether it takes noise away."""
    return isinstance(view.predictor, Denoiser)


def show(page: str, view: RunView) -> None:
    """Draw the main figure for each number of calls."""
    metric = view.task.metric
    st.markdown("The network takes all noise away in one call, or a little in each of many.")
    found = view.later("figures by calls", lambda: [measured(view, calls) for calls in CALLS])
    if found is None:
        st.caption("The network is being asked with 1 to 64 calls …")
        return
    show_curves(
        [Curve(name="this network", x=CALLS, y=[metric.scale * value for value in found])],
        x_title="calls of the network for one example",
        y_title=f"{metric.title}{', ' + metric.unit if metric.unit else ''}",
        alt=f"With one call {metric.text(found[0])}, with {CALLS[-1]} {metric.text(found[-1])}",
        x_log=True,
        log=metric.log,
        mark=float(view.predictor.calls),
        key=f"{page}:calls",
    )
    st.caption(
        f"{metric.help} The thin line marks the {view.predictor.calls} calls that this run makes. "
        "With one call the network answers with the mean of everything that the noise could hide, and such a "
        "mean is like no example."
    )


def measured(view: RunView, calls: int) -> float:
    """The main figure with so many calls."""
    other = copy.copy(view.predictor)
    other.calls = calls
    scores = view.task.measure(other, view.split.test.some(view.task.live))
    return scores[view.task.metric.name].mean
