"""Maps of strangeness: the verdict, what is tinted beside the truth, and how much of each kind is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.data.good_parts import GOOD, Part
from sandbox.data.overlay import outlined, photo_of

SIZE, SMALL = 210, 110
"""Width of a picture in the tabs Try and Compare, in pixels."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the verdict, the picture tinted where it is strange, and the true defect beside it."""
    output, part = view.predictor.output, given.target
    said = output.text(answer)
    st.markdown(f"##### {said[:1].upper()}{said[1:]}")
    pictures = [Picture(output.drawn(given.value, answer), "where it is strange")]
    if isinstance(part, Part) and part.where is not None:
        pictures.append(Picture(_marked(given.value, part), "truth"))
    gallery(pictures, key=f"{page}:anomaly", size=SIZE)
    if isinstance(part, Part):
        st.caption(f"In truth: {escape(part.kind)}.")
    else:
        st.caption("Nobody has said whether this part is good.")


def _marked(picture: Any, part: Part) -> NDArray[Any]:
    """The picture with the outline of its defect."""
    assert part.where is not None
    return outlined(photo_of(np.asarray(picture)), part.where.astype(np.int32), palette.rgb(palette.TRUTH))


def grades(view: RunView) -> Grades:
    """Every unseen picture with its score; misses and false alarms, those farthest off first."""
    parts = view.test.targets
    maps = view.later("maps of unseen pictures", lambda: view.predictor.predict(view.test.inputs))
    if maps is None:
        return Grades([part.kind for part in parts], np.zeros(0, int), "")
    scores = np.array([view.predictor.output.score(one) for one in maps])
    bad = np.array([part.kind != GOOD for part in parts])
    correct = (scores >= 1) == bad
    wrong = np.flatnonzero(~correct)
    worst = wrong[np.argsort(-np.abs(np.log(np.maximum(scores[wrong], 1e-6))))]
    misses = int((~correct & bad).sum())
    summary = f"{misses} of {int(bad.sum())} bad ones missed, {int((~correct & ~bad).sum())} false alarms"
    captions = [f"{part.kind} {score:z.2f}" for part, score in zip(parts, scores, strict=True)]
    return Grades(captions, worst, summary, correct)


def compare(page: str, view: RunView) -> None:
    """Draw what share of each kind of defect is found, and one picture of each kind as everyone sees it."""
    found = view.later("compared maps", lambda: _answers(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    rates, rows, maps = found
    st.markdown("**Found at the threshold**, at which 5 % of the good parts kept aside raise an alarm")
    st.table(rates)
    st.markdown("**One of each kind**, tinted where it is strange")
    for row, answers in zip(rows, maps, strict=True):
        part, picture = view.test.targets[row], view.test.inputs[row]
        shown = [Picture(_marked(picture, part) if part.where is not None else photo_of(picture), part.kind)]
        shown += [
            Picture(
                view.predictor.output.drawn(picture, one), f"{name} {view.predictor.output.score(one):z.2f}"
            )
            for name, one in answers.items()
        ]
        gallery(shown, key=f"{page}:kind:{row}", size=SMALL)


def _answers(view: RunView) -> tuple[dict[str, Any], list[int], list[dict[str, Any]]]:
    """Shares found by kind and predictor, a row of each kind, and everyone's maps of these."""
    inputs, parts = view.test.inputs, view.test.targets
    kinds = sorted({part.kind for part in parts}, key=lambda kind: (kind != GOOD, kind))
    rows = [next(i for i, part in enumerate(parts) if part.kind == kind) for kind in kinds]
    predictors = {"network": view.predictor, **view.baselines}
    every = {name: one.predict(inputs) for name, one in predictors.items()}
    names = [f"{kind} (false alarms)" if kind == GOOD else kind for kind in kinds]
    rates: dict[str, Any] = {"kind": names}
    for name, maps in every.items():
        alarms = np.array([one.max() >= 1 for one in maps])
        rates[name] = [
            f"{100 * alarms[[part.kind == kind for part in parts]].mean():z.0f} %" for kind in kinds
        ]
    return rates, rows, [{name: maps[row] for name, maps in every.items()} for row in rows]
