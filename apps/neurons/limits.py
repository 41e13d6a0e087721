"""Limits: one slider at a time makes it harder, and the score falls as you drag."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from apps.neurons import plane, trials
from apps.neurons.controls import PAGE, Choice, fingerprint
from apps.neurons.lab import Lab
from apps.neurons.points import Points
from apps.neurons.scores import neighbours
from apps.neurons.views import picture
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette
from sandbox.statistics import Interval, bootstrap_interval

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
    """What the first of the networks makes of the plane."""


def show(choice: Choice, lab: Lab) -> None:
    """Draw the tab."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        kinds = trials.kinds(choice.points)
        kind = st.selectbox("Make it hard by", kinds, key=f"{PAGE}:limit", help="What is changed, alone.")
        limit = trials.LIMITS[kind]
        amount = st.select_slider(
            kind,
            list(limit.amounts),
            limit.amounts[len(limit.amounts) // 2],
            key=f"{PAGE}:limit:{kind}",
            help=f"{limit.unit}, {limit.amounts[0]:g} to {limit.amounts[-1]:g}.",
        )
        st.caption(limit.why)
    measured: dict[float, Found] = {}
    # The chosen amount first: it is the one that somebody waits for.
    for each in (amount, *(each for each in limit.amounts if each != amount)):
        key = ("neurons limit", fingerprint(choice.points), lab.settings, kind, each)
        found = background_work.ask(key, partial(measure, choice.points, lab.settings, kind, each))
        if found is not None:
            measured[each] = found
    with left:
        if amount in measured:
            _here(choice, measured[amount])
        else:
            st.caption("It is being trained at this amount …")
            st.skeleton(height=160)
    with right:
        _curves(choice, kind, amount, measured)


def measure(points: Points, settings: plane.Settings, kind: str, amount: float) -> Found:
    """Scores of the network over seeds and of the neighbours at one amount."""
    points = trials.damaged(points, kind, amount)
    if kind == "Learning rate":
        settings = replace(settings, learning_rate=amount)
    outcomes = [trials.train(points, settings, seed) for seed in range(SEEDS)]
    scores = [score for score, *_ in outcomes]
    return Found(
        # A network whose weights are no numbers knows nothing.
        network=bootstrap_interval([max(0.0, score) for score in scores]),
        diverged=sum(score == float("-inf") for score in scores),
        neighbours=neighbours(points).metrics["test_score"],
        picture=picture(outcomes[0][2], points),
    )


def _here(choice: Choice, found: Found) -> None:
    what = "of 100 held-out points" if choice.points.classes else "% of the variance"
    st.markdown(f"**{100 * found.network.mean:z.0f}** {what}, the neighbours {100 * found.neighbours:z.0f}.")
    if found.diverged:
        st.caption(f"{found.diverged} of {SEEDS} trainings ended with a loss that is no number.")
    alt = "What the first of these networks makes of the plane"
    gallery([Picture(found.picture, "", alt=alt)], key=f"{PAGE}:limit:map", size=200)


def _curves(choice: Choice, kind: str, amount: float, measured: dict[float, Found]) -> None:
    limit = trials.LIMITS[kind]
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
                name="neighbours",
                x=at,
                y=[100 * measured[each].neighbours for each in at],
                color=palette.BASELINE,
                format=".0f",
            ),
        ],
        x_title=f"{kind.lower()}: {limit.unit}",
        y_title="right of 100" if choice.points.classes else "variance explained, %",
        alt=f"Score as {kind.lower()} goes from {limit.amounts[0]:g} to {limit.amounts[-1]:g}",
        x_log=limit.log,
        mark=amount,
        key=f"{PAGE}:limits:{kind}",
        height=300,
    )
    missing = len(limit.amounts) - len(at)
    rest = f" {len(at)} of {len(limit.amounts)} amounts measured …" if missing else ""
    st.caption(
        f"Mean of {SEEDS} trainings of at most {trials.STEPS:,} steps from different weights, with its 95 % "
        f"interval.{rest}"
    )
