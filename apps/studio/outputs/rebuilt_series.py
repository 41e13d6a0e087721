"""Rebuilt series: what was read, what a network made of it, and whether the difference raises an alarm."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.curves import Curve, show_curves
from apps.studio.inputs.series import axis, past
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette

BINS = 30


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the series, the rebuilt one and the verdict."""
    output, input = view.predictor.output, view.predictor.input
    times, rebuilt = past(input), output.rebuilt(answer)
    show_curves(
        [
            Curve(
                name="read",
                x=times,
                y=input.values(given.value)[:, 0].tolist(),
                color=palette.BASELINE,
                format="",
            ),
            Curve(name="rebuilt", x=times, y=rebuilt.tolist(), format=""),
        ],
        x_title=axis(input),
        y_title=escape(input.names[0]),
        alt="A series and what the network rebuilt of it",
        height=300,
        key=f"{page}:rebuilt",
    )
    said = "**Alarm**: unusual" if output.alarm(answer) else "**No alarm**"
    st.markdown(
        f"{said}. Score {output.score(answer):.3g}; an alarm is raised from {output.threshold:.3g} on."
    )
    if given.target is not None:
        unusual = bool(np.ravel(given.target)[0] > 0)
        right = unusual == output.alarm(answer)
        st.caption(f"It is {'unusual' if unusual else 'normal'}, so this is {'right' if right else 'wrong'}.")


def grades(view: RunView) -> Grades:
    """Alarms that are right and wrong; the mistakes farthest from the threshold first."""
    scores, truth = scored(view, view.predictor)
    threshold = view.predictor.output.threshold
    correct = (scores >= threshold) == truth
    far = np.abs(np.log(np.maximum(scores, 1e-9) / max(threshold, 1e-9)))
    worst = np.flatnonzero(~correct)
    captions = ["alarm" if score >= threshold else "no alarm" for score in scores]
    summary = f"{len(worst)} of {len(scores)}, the surest first"
    return Grades(captions, worst[np.argsort(-far[worst])], summary, correct)


def compare(page: str, view: RunView) -> None:
    """Draw how the scores of normal and of unusual ones are spread."""
    histogram(page, view)


def histogram(page: str, view: RunView) -> None:
    """Draw shares of normal and unusual examples by score, with the threshold."""
    scores, truth = scored(view, view.predictor)
    told = np.log10(np.maximum(scores, 1e-9))
    edges = np.linspace(told.min(), told.max() + 1e-6, BINS + 1)
    middles = (10 ** ((edges[1:] + edges[:-1]) / 2)).tolist()
    curves = []
    for name, some, color in (("normal", ~truth, palette.TRUTH), ("unusual", truth, palette.DANGER)):
        if some.any():
            shares = 100 * np.histogram(told[some], edges)[0] / some.sum()
            curves.append(Curve(name=name, x=middles, y=shares.tolist(), color=color, format=""))
    st.markdown("**How strange each example is**: share of the normal and of the unusual ones by score")
    show_curves(
        curves,
        x_title="score",
        y_title="%",
        x_log=True,
        mark=max(view.predictor.output.threshold, 1e-9),
        alt="Scores of normal and unusual examples",
        key=f"{page}:scores-spread",
    )
    st.caption("The upright line is the threshold. No unusual example has chosen it.")


def scored(view: RunView, predictor: Any) -> tuple[Any, Any]:
    """Scores of the unseen examples, and which of them are unusual."""
    answers = view.answers if predictor is view.predictor else predictor.predict(view.test.inputs)
    targets = np.asarray(view.test.targets)
    return np.asarray(answers, float)[:, 0], targets.reshape(len(targets), -1)[:, 0] > 0
