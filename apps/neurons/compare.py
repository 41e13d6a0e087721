"""Compare: what a sensible person would try first, other seeds and the other network, on the same points."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from apps.neurons import race, trials
from apps.neurons.controls import PAGE, Choice, fingerprint
from apps.neurons.lab import Lab
from apps.neurons.scores import neighbours, straight
from apps.studio import background_work
from apps.studio.charts.intervals import Score, show_scores
from envs.engine import palette

NAMES = {"mlp": "perceptron", "rbfn": "radial basis network"}


def show(choice: Choice, lab: Lab) -> None:
    """Draw the tab."""
    points, kind = choice.points, fingerprint(choice.points)
    scores = [_score(f"this network, step {lab.step:,}", lab.final(), palette.MODEL)]
    for method in (neighbours, straight):
        found = background_work.ask(("neurons", method.__name__, kind), partial(method, points))
        if found is not None:
            scores.append(_score(found.name, found.metrics, palette.BASELINE))
    place, below = st.container(), st.container()
    with below:
        race.show(choice, lab)  # asked for first: the seeds take longest
    other = "rbfn" if lab.settings.network == "mlp" else "mlp"
    waiting = []
    for network in (lab.settings.network, other):
        settings = replace(lab.settings, network=network)
        interval = background_work.ask(
            ("neurons seeds", kind, settings), partial(trials.over_seeds, points, settings)
        )
        if interval is None:
            waiting.append(NAMES[network])
            continue
        light = palette.blend(palette.MODEL, "white", 0.4 if network == other else 0.2)
        scores.append(
            Score(
                name=f"{NAMES[network]}, {trials.SEEDS} seeds",
                mean=100 * interval.mean,
                low=100 * interval.low,
                high=100 * interval.high,
                color=light,
            )
        )
    unit = "right of 100 held out" if points.classes else "% of variance explained"
    with place:
        show_scores(
            scores,
            x_title=f"{unit}, with its 95 % interval",
            alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
            form=".1f",
            zero=False,
            key=f"{PAGE}:scores",
        )
        made = "The points are *synthetic*. " if points.synthetic else ""
        rest = f" {' and '.join(waiting)}: training …" if waiting else ""
        st.caption(
            f"{made}The same {int(points.held.sum())} held-out points for all. Intervals are over these; "
            f"with {trials.SEEDS} seeds they are over trainings of at most {trials.STEPS:,} steps.{rest}"
        )


def _score(name: str, figures: Mapping[str, float], color: str) -> Score:
    return Score(
        name=name,
        mean=100 * figures["test_score"],
        low=100 * figures["test_score_low"],
        high=100 * figures["test_score_high"],
        color=color,
    )
