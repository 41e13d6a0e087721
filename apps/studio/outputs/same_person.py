"""Same person or not: the distance and the threshold, mistakes, and what each threshold would cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.charts.curves import Curve, show_curves
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.verification import STRICT, Rates, rates

GRID = np.concatenate([np.linspace(0, 0.05, 51), np.linspace(0.055, 0.2, 30)])
"""Shares of false accepts at which a curve is drawn; who would accept more?"""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the verdict, the distance beside the threshold, the truth and what the baselines say."""
    output = view.predictor.output
    same = output.same(answer)
    st.markdown(f"##### {'The same person' if same else 'Different people'}, it says")
    if given.target is not None:
        truth = is_same(given.target)
        st.badge("correct" if truth == same else "wrong", color="green" if truth == same else "red")
    distance = float(np.ravel(answer)[0])
    st.markdown(
        f"Distance **{distance:z.3f}**, threshold **{output.threshold:z.3f}**: what is nearer counts as the "
        "same person."
    )
    st.progress(min(1.0, max(0.0, distance / (2 * max(output.threshold, 1e-6)))))
    st.caption("The middle of the bar is the threshold.")
    for name, one in view.baselines.items():
        said = one.output.text(one.predict(np.asarray(given.value)[None])[0])
        st.caption(f"{name[:1].upper()}{name[1:]}: {escape(said)}")


def grades(view: RunView) -> Grades:
    """Grade the answers to all of `view.test`; the mistakes farthest from the threshold come first."""
    distances, same = found_of(view)
    threshold = view.predictor.output.threshold
    correct = (distances <= threshold) == same
    wrong = np.flatnonzero(~correct)
    worst = wrong[np.argsort(-np.abs(distances[wrong] - threshold))]
    summary = f"{len(wrong)} of {len(same):,}, the surest first" if len(wrong) else f"none of {len(same):,}"
    captions = [
        f"{'same' if truth else 'two'} {distance:z.2f}"
        for truth, distance in zip(same, distances, strict=True)
    ]
    return Grades(captions, worst, summary, correct)


def compare(page: str, view: RunView) -> None:
    """Draw true accepts over false accepts, and say what the threshold that is set costs."""
    distances, same = found_of(view)
    if same.all() or not same.any():
        return
    found = {"network": rates(distances, same)}
    for name, one in view.baselines.items():
        other = view.later(f"distances {name}", lambda one=one: np.asarray(one.predict(view.test.inputs)))
        if other is not None:
            found[name] = rates(other[:, 0].astype(float), same)
    st.markdown("**True accepts against false accepts**, one point for each threshold")
    show_curves(
        [_curve(name, one) for name, one in found.items()],
        x_title="strangers taken for one person, %",
        y_title="people recognised, %",
        y_range=(0.0, 100.0),
        alt="; ".join(
            f"{name}: equal error rate {100 * one.equal_error:z.1f} %" for name, one in found.items()
        ),
        key=f"{page}:rates",
        height=300,
    )
    accepted = distances <= view.predictor.output.threshold
    strict = 100 * found["network"].true_accepts_at(STRICT)
    st.caption(
        "At the threshold that was set on other people it takes "
        f"**{100 * accepted[~same].mean():z.1f} %** of the strangers for one person, and "
        f"**{100 * (~accepted[same]).mean():z.1f} %** of the people for strangers. With "
        f"{100 * STRICT:z.0f} % false accepts it recognises {strict:z.1f} %."
    )


def is_same(target: Any) -> bool:
    """Whether a target says that both are one person."""
    return int(target[0]) == int(target[1])


def found_of(view: RunView) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Distances of the unseen pairs, and whether each is one person."""
    targets = np.asarray(view.test.targets)
    return np.asarray(view.answers, np.float64)[:, 0], targets[:, 0] == targets[:, 1]


def _curve(name: str, found: Rates) -> Curve:
    return Curve(
        name=name,
        x=(100 * GRID).tolist(),
        y=[100 * found.true_accepts_at(share) for share in GRID],
        color=palette.MODEL if name == "network" else palette.BASELINE,
        format="",
    )
