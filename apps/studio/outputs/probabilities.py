"""Class probabilities: bars, what is correct, the surest mistakes, confusion matrix and reliability."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.charts.bars import show_bars
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.charts.matrix import show_matrix
from apps.studio.outputs import temperature, threshold
from apps.studio.outputs.grades import Grades
from apps.studio.outputs.verdict import verdict
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import thumbnails
from envs.engine import palette
from sandbox.metrics.calibration import reliability, tempered
from sandbox.metrics.classification import confusion_matrix, per_class

SHOWN = 12
"""Examples that are shown of those on which network and baseline differ."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the answer to an input."""
    classes, values = list(view.predictor.output.classes), np.asarray(answer)
    truth = None if given.target is None else int(given.target)
    verb = "hears" if view.predictor.input.kind == "sound" else "reads"
    st.markdown(f"##### {verdict(classes, values.tolist(), truth, verb=verb)}")
    show_bars(classes, values.tolist(), key=f"{page}:bars")


def grades(view: RunView) -> Grades:
    """Grade the answers to all of `view.test`."""
    values, labels = np.asarray(view.answers), np.asarray(view.test.targets)
    classes = view.predictor.output.classes
    said = values.argmax(1)
    correct = said == labels
    captions = [
        str(classes[one]) if good else f"{classes[one]}, is {classes[other]}"
        for one, other, good in zip(said, labels, correct, strict=True)
    ]
    wrong = np.flatnonzero(~correct)
    worst = wrong[np.argsort(-values[wrong, said[wrong]])]
    summary = (
        f"{len(wrong)} of {len(labels):,}, the surest first" if len(wrong) else f"none of {len(labels):,}"
    )
    return Grades(captions, worst, summary, correct)


def compare(page: str, view: RunView) -> None:
    """Draw which classes are taken for which, and how far its confidence can be trusted."""
    values, labels = np.asarray(view.answers), np.asarray(view.test.targets)
    classes = list(view.predictor.output.classes)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Confusion matrix**: true class in rows, answer in columns")
        show_matrix(
            confusion_matrix(labels, values.argmax(1), len(classes)), classes, key=f"{page}:confusion"
        )
    with right:
        st.markdown("**Reliability**: how often answers of a given confidence are correct")
        found = reliability(values, labels)
        low, high = found.interval
        fitted = temperature.fitted(view)
        mended = [] if fitted is None or not fitted[1] else [_mended(values, labels, fitted[0])]
        show_curves(
            [
                Curve(
                    name="network",
                    x=(100 * found.confidence).tolist(),
                    y=(100 * found.accuracy).tolist(),
                    low=(100 * low).tolist(),
                    high=(100 * high).tolist(),
                    format=".0f",
                    unit=" %",
                ),
                *mended,
                # It ends where the network's label has room above it.
                Curve(
                    name="as sure as correct",
                    x=[0.0, 90.0],
                    y=[0.0, 90.0],
                    color=palette.BASELINE,
                    style="light",
                    format="",
                ),
            ],
            x_title="confidence, %",
            y_title="correct, %",
            y_range=(0.0, 100.0),
            alt="Share of correct answers by confidence",
            key=f"{page}:reliability",
            height=300,
        )
        st.caption(
            "Above the grey line it is more often correct than it says, below it less often. "
            "The band is the 95 % interval: wide where few answers are that sure."
        )
        temperature.show(view, values, labels)
    _each_class(page, values, labels, classes)
    if len(classes) == 2:
        threshold.show(page, view, values, labels)
    _disagreements(page, view, values.argmax(1), labels)


def _mended(values: NDArray[Any], labels: NDArray[Any], degrees: float) -> Curve:
    """The reliability curve after temperature scaling."""
    found = reliability(tempered(values, degrees), labels)
    return Curve(
        name="after scaling",
        x=(100 * found.confidence).tolist(),
        y=(100 * found.accuracy).tolist(),
        color=palette.HUMAN,
        style="light",
        format="",
    )


def _each_class(page: str, values: NDArray[Any], labels: NDArray[Any], classes: list[str]) -> None:
    """Draw a table: how much of each class is found, and how often an answer with it is correct."""
    found = per_class(confusion_matrix(labels, values.argmax(1), len(classes)))
    with st.expander("Each class by itself"):
        rows = [
            {
                "class": str(classes[one]),
                "unseen": its.count,
                "found, %": f"{100 * its.recall:z.1f} [{100 * its.low:z.1f}, {100 * its.high:z.1f}]",
                "correct where it says so, %": "" if its.precision is None else f"{100 * its.precision:z.1f}",
            }
            for one, its in sorted(found.items(), key=lambda item: item[1].recall)
        ]
        st.dataframe(rows, hide_index=True, key=f"{page}:classes:each")
        st.caption("The class that is found least often comes first; intervals are 95 % ones.")


def _disagreements(page: str, view: RunView, said: NDArray[Any], labels: NDArray[Any]) -> None:
    """Draw the unseen examples that only the network, or only the first baseline, answers correctly."""
    name, predictor = next(iter(view.baselines.items()), ("", None))
    if predictor is None:
        return
    other = view.later("first baseline", lambda: np.asarray(predictor.predict(view.test.inputs)).argmax(1))
    if other is None:
        st.caption(f"Asking the {name}, too …")
        return
    cases = (
        ("Only the network is correct", (said == labels) & (other != labels), other, "ours"),
        (f"Correct only with the {name}", (said != labels) & (other == labels), said, "theirs"),
    )
    for column, (title, where, wrong, key) in zip(st.columns(2, gap="large"), cases, strict=True):
        with column:
            rows = np.flatnonzero(where)
            st.markdown(f"**{title}**: {len(rows)} of {len(labels):,} unseen {view.things}")
            if len(rows):
                captions = [
                    f"{_name(view, int(labels[i]))}, not {_name(view, int(wrong[i]))}" for i in rows[:SHOWN]
                ]
                thumbnails(page, view, rows[:SHOWN].tolist(), captions, [""] * len(captions), key=key)


def _name(view: RunView, label: int) -> str:
    return str(view.predictor.output.classes[label])
