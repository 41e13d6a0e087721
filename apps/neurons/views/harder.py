"""Harder problems: one slider at a time, each amount trained anew; the score falls as you drag."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from apps.neurons import retraining
from apps.neurons.activation_maps import picture
from apps.neurons.live_view import LiveView
from apps.neurons.plane import TASK, Settings, split_of
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette
from sandbox.data.plane_points import Points
from sandbox.statistics import Interval, bootstrap_interval

TITLE = "Harder problems"
ORDER = 10
SEEDS = 3


@dataclass(frozen=True)
class Found:
    """What was measured at one amount."""

    network: Interval
    """Score over seeds."""
    diverged: int
    """Trainings whose loss ended as no number."""
    neighbours: float
    picture: NDArray[Any]
    """What the first of the networks answers everywhere."""


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw a slider, the network at its amount, and the curve over all amounts."""
    points, settings = view.training.points, view.settings
    left, right = st.columns([1, 2], gap="large")
    with left:
        kinds = retraining.kinds(points)
        kind = st.selectbox(
            "Make it harder by", kinds, key=f"{page}:limit", help="What is changed; everything else stays."
        )
        limit = retraining.LIMITS[kind]
        amount = st.select_slider(
            kind,
            list(limit.amounts),
            limit.amounts[len(limit.amounts) // 2],
            key=f"{page}:limit:{kind}",
            help=f"{limit.unit}, {limit.amounts[0]:g} to {limit.amounts[-1]:g}.",
        )
        st.caption(limit.why)
    measured: dict[float, Found] = {}
    # The chosen amount first: it is the one that somebody waits for.
    for each in (amount, *(each for each in limit.amounts if each != amount)):
        key = ("neurons limit", points.fingerprint, settings, kind, each)
        found = background_work.ask(key, partial(measure, points, settings, kind, each))
        if found is not None:
            measured[each] = found
    with left:
        if amount in measured:
            _here(page, view, measured[amount])
        else:
            st.caption("Training at this amount …")
            st.skeleton(height=160)
    with right:
        _curves(page, view, kind, amount, measured)


def measure(points: Points, settings: Settings, kind: str, amount: float) -> Found:
    """Scores of the network over seeds and of the neighbours at one amount."""
    points = retraining.harder(points, kind, amount)
    if kind == "Learning rate":
        settings = replace(settings, learning_rate=amount)
    outcomes = [retraining.train(points, settings, seed) for seed in range(SEEDS)]
    scores = [score for score, *_ in outcomes]
    return Found(
        # A diverged network has learned nothing.
        network=bootstrap_interval([max(0.0, score) for score in scores]),
        diverged=sum(score == float("-inf") for score in scores),
        neighbours=_neighbours(points, settings),
        picture=picture(outcomes[0][2], points),
    )


def _neighbours(points: Points, settings: Settings) -> float:
    split = split_of(points)
    nearest = next(iter(TASK.baselines(settings, split).values()))
    return TASK.measure(nearest, split.test)["score"].mean


def _here(page: str, view: LiveView, found: Found) -> None:
    title = view.task.metric.title if not view.split.classes else "correct"
    st.markdown(
        f"{title.capitalize()}: network **{100 * found.network.mean:z.0f} %**, nearest neighbours "
        f"{100 * found.neighbours:z.0f} %."
    )
    if found.diverged:
        st.caption(f"{found.diverged} of {SEEDS} trainings diverged: their loss is no longer a number.")
    alt = "What the first of these networks answers everywhere"
    gallery([Picture(found.picture, "", alt=alt)], key=f"{page}:limit:map", size=200)


def _curves(page: str, view: LiveView, kind: str, amount: float, measured: dict[float, Found]) -> None:
    limit = retraining.LIMITS[kind]
    at = sorted(measured)
    networks = [measured[each].network for each in at]
    show_curves(
        [
            Curve(
                name="network",
                x=at,
                y=[100 * each.mean for each in networks],
                low=[100 * each.low for each in networks],
                high=[100 * each.high for each in networks],
                format=".0f",
            ),
            Curve(
                name="nearest neighbours",
                x=at,
                y=[100 * measured[each].neighbours for each in at],
                color=palette.BASELINE,
                format=".0f",
            ),
        ],
        x_title=f"{kind.lower()}: {limit.unit}",
        y_title="correct, %" if view.split.classes else "variance explained, %",
        alt=f"Score as {kind.lower()} goes from {limit.amounts[0]:g} to {limit.amounts[-1]:g}",
        x_log=limit.log,
        mark=amount,
        key=f"{page}:limits:{kind}",
        height=300,
    )
    missing = len(limit.amounts) - len(at)
    rest = f" {len(at)} of {len(limit.amounts)} amounts measured …" if missing else ""
    st.caption(
        f"Mean of {SEEDS} trainings of at most {retraining.STEPS:,} steps from different first weights, with "
        f"its 95 % interval.{rest}"
    )
