"""Answers over time: beside the truth, step by step or on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.sequence_strip import Row, strip
from apps.studio.charts.colours import hue
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from envs.engine import palette

TOGETHER = True
"""The answers of several networks are one answer, and drawn together."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the answers of all networks to an input."""
    output = view.predictor.output
    rows = dict(zip(output.names, output.values(answer), strict=True))
    if output.what == "number":
        _numbers(page, view, given, rows)
    else:
        _steps(page, view, given, rows)


def compare(page: str, view: RunView) -> None:
    """Nothing but the figures that every task has."""


def _numbers(page: str, view: RunView, given: ChosenInput, rows: dict[str, list[float]]) -> None:
    output = view.predictor.output
    scores = [
        Score(name=view.title(name), mean=values[-1], color=hue(name, view.task.networks))
        for name, values in rows.items()
    ]
    truth = None
    if given.target is not None:
        mean, std = output.scale
        truth = mean + std * float(given.target[-1, 0])
        scores.append(Score(name="truth", mean=truth, color=palette.TRUTH))
    told = "; ".join(f"{score.name} {score.mean:z.2f}" for score in scores)
    show_scores(
        scores,
        x_title=output.title,
        alt=f"{output.title}: {told}",
        form=".2f",
        best_of=truth,
        zero=view.predictor.input.endless,
        key=f"{page}:answers",
    )
    if truth is None:
        st.caption("Nobody knows what would follow a series that was changed.")


def _steps(page: str, view: RunView, given: ChosenInput, rows: dict[str, list[float]]) -> None:
    """The truth and each network's answers, under the steps at which they stand."""
    output = view.predictor.output
    kind: Any = output.what
    length = len(given.value)
    truth = [] if given.target is None else np.ravel(given.target).tolist()
    every = [
        ("truth", truth, []),
        *((view.title(name), row, _wrong(row, truth)) for name, row in rows.items()),
    ]
    strip(
        [
            Row(
                name=name,
                kind=kind,
                values=[int(value) for value in values],
                offset=length - len(values),
                choices=tuple(output.symbols),
                wrong=wrong,
            )
            for name, values, wrong in every
        ],
        key=f"{page}:answers:{length}",
    )
    told = []
    for name, row in rows.items():
        wrong = sum(_wrong(row, truth))
        told.append(f"**{view.title(name)}** {f'{wrong} of {len(row)} wrong' if wrong else 'all correct'}")
    st.markdown(" · ".join(told))


def _wrong(row: Sequence[float], truth: Sequence[float]) -> list[bool]:
    return [a != b for a, b in zip(row, truth, strict=True)]
