"""Other seeds: how far trainings from other first weights differ, and the other network beside them."""

from dataclasses import replace
from functools import partial

import streamlit as st

from apps.neurons import retraining
from apps.neurons.live_view import WORDS, LiveView
from apps.studio import background_work
from apps.studio.charts.intervals import Score, show_scores
from envs.engine import palette

TITLE = "Other seeds"
ORDER = 60


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw the mean of both networks over seeds, with its interval."""
    points, settings = view.training.points, view.settings
    other = "rbfn" if settings.network == "mlp" else "mlp"
    scores, waiting = [], []
    for network, color in (
        (settings.network, palette.MODEL),
        (other, palette.blend(palette.MODEL, "white", 0.4)),
    ):
        trained = replace(settings, network=network)
        interval = background_work.ask(
            ("neurons seeds", points.fingerprint, trained), partial(retraining.over_seeds, points, trained)
        )
        if interval is None:
            waiting.append(WORDS[network])
            continue
        mean, low, high = (100 * value for value in (interval.mean, interval.low, interval.high))
        scores.append(Score(name=WORDS[network], mean=mean, low=low, high=high, color=color))
    if scores:
        show_scores(
            scores,
            x_title=f"{view.task.metric.title}, %, mean over {retraining.SEEDS} seeds with its 95 % interval",
            alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
            form=".1f",
            zero=False,
            key=f"{page}:seeds",
        )
    rest = f" Training: {' and '.join(waiting)} …" if waiting else ""
    st.caption(
        f"{retraining.SEEDS} trainings of each network from different first weights, at most "
        f"{retraining.STEPS:,} steps each.{rest}"
    )
