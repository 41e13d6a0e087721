"""Pictures as answers: beside the input, and which of them turned out worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import shown
from apps.studio.page.given import Given
from apps.studio.page.run_view import RunView
from sandbox.metrics.scores import PerExample

SHOWN = 8
"""Answers of a row under *Compare*."""


def show(page: str, view: RunView, given: Given, answer: Any) -> None:
    """Draw the answer to an input."""
    gallery([Picture(shown(view, given.value), "input")], key=f"{page}:asked", size=96)
    gallery([Picture(shown(view, answer), "answer")], key=f"{page}:answer", size=192)


@dataclass(frozen=True)
class Grades:
    """How the answers to a view's unseen examples turned out.

    Attributes:
        captions: what to write below each.
        worst: places of the examples, the worst first.
        summary: what the order is.
        correct: None: a picture is more or less good, not correct or wrong.
        title: what the worst are called.
    """

    captions: list[str]
    worst: NDArray[np.integer]
    summary: str
    correct: None = None
    title: str = "Hardest"


def grades(view: RunView) -> Grades:
    """Grade the answers to all of `view.test` by the main figure of each, once that is there."""
    values, metric = values_of(view), view.task.metric
    if values is None:
        return Grades([""] * len(view.test), np.zeros(0, int), "testing …")
    order = np.argsort(values if metric.higher_is_better else -values)
    return Grades([f"{metric.scale * each:.0f}" for each in values], order, f"the worst {metric.title} first")


def compare(page: str, view: RunView) -> None:
    """Draw the best and the worst answers, each below its input."""
    values = values_of(view)
    if values is None:
        return
    order = np.argsort(-values if view.task.metric.higher_is_better else values)
    for title, rows in (("Best answers", order[:SHOWN]), ("Worst answers", order[::-1][:SHOWN])):
        inputs = view.test.inputs[[int(row) for row in rows]]
        answers = view.predictor.predict(inputs)
        captions = [view.task.metric.text(float(values[row])) for row in rows]
        st.markdown(f"**{title}**, each below its input")
        gallery([Picture(shown(view, each)) for each in inputs], key=f"{page}:{title}:inputs", size=64)
        pictures = [Picture(shown(view, each), text) for each, text in zip(answers, captions, strict=True)]
        gallery(pictures, key=f"{page}:{title}", size=64)


def values_of(view: RunView) -> NDArray[np.floating] | None:
    """The main figure of each of `view.test`; None while it is computed, or where it is one of the whole."""
    found = (view.measured or {}).get(view.task.metric.name)
    if not isinstance(found, PerExample):
        return None
    # As `RunView.test` takes some of all unseen examples.
    return np.asarray(found.values)[:: -(-len(found.values) // len(view.test))]
