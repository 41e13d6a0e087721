"""Boxes: what was found, missed and wrongly found; precision and recall; counts against the truth."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.curves import Curve, readable, show_curves
from apps.studio.inputs.scene import told
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.detection import Matches, ap, curve, matched, matches
from sandbox.percent import percent
from sandbox.tasks.inputs.scene import Framed
from sandbox.tasks.outputs.boxes import Detections, Frame, drawn, hues

FEW = (palette.MODEL, palette.HUMAN, palette.hexadecimal("ink"))
"""Colours of up to three classes; truth and danger keep theirs."""
MOST_CURVES = 4
"""Classes with a curve of their own; of more only the best, the middle and the worst ones are drawn."""


def colours(count: int) -> list[str]:
    """A colour for each class."""
    return list(FEW[:count]) if count <= len(FEW) else hues(count)


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the picture with its boxes, and say what was found."""
    output = view.predictor.output
    if isinstance(given.value, Framed):  # a file: boxes are told in its own pixels
        answer = view.predictor.predict(given.value[None])[0]
    threshold = _threshold(page, view)
    found: Detections = answer.told(threshold)
    counts = output.counts(answer, threshold)
    st.markdown(f"##### It finds {escape(output.said(counts))}")
    frames, right, wrong, missed = _frames(view, found, given.target)
    st.image(drawn(answer.picture, frames, 560), output_format="JPEG")
    if given.target is not None:
        st.caption(
            f"True: {escape(told(view, given.target))}. Correct boxes {right}, false ones {wrong} (red, "
            f"dashed), missed objects {missed} (green, dashed)."
        )
    else:
        st.caption("Nobody has marked the truth in this picture.")
        text = json.dumps(output.to_json(answer), indent=2)
        st.download_button(
            "Boxes as JSON", text, "boxes.json", "application/json", key=f"{page}:json", on_click="ignore"
        )


def grades(view: RunView) -> Grades:
    """Every unseen picture by how many objects were missed or wrongly found."""
    threshold = view.predictor.output.threshold
    errors, captions = [], []
    for answer, truth in zip(view.answers, np.asarray(view.test.targets), strict=True):
        found = answer.told(threshold)
        right = int((matched(found.boxes, found.kinds, found.scores, truth) >= 0).sum())
        missed, wrong = int((truth[:, 4] >= 0).sum()) - right, len(found.kinds) - right
        errors.append(missed + wrong)
        parts = [f"{missed} missed"] * (missed > 0) + [f"{wrong} false"] * (wrong > 0)
        captions.append(", ".join(parts) or "all found")
    each = np.array(errors)
    worst = np.argsort(-each, kind="stable")[: int((each > 0).sum())]
    summary = f"on {len(worst)} of {len(each):,} {view.things}, the most first"
    return Grades(captions, worst, summary, each == 0)


def compare(page: str, view: RunView) -> None:
    """Draw precision and recall of each class, counts against the truth, and each method's answer."""
    classes = list(view.predictor.output.classes)
    found = matches(view.answers, view.test.targets, len(classes))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Precision and recall** as the least score falls")
        _precision(page, view, found)
    with right:
        st.markdown(
            "**Counts against the truth**, one point for each picture and class",
            help="Only what has at least the score from which an object is told.",
        )
        _counts(page, view, found)
    _side_by_side(page, view)


def _threshold(page: str, view: RunView) -> float:
    return st.slider(
        "Least score",
        0.05,
        0.95,
        float(np.clip(view.predictor.output.threshold, 0.05, 0.95)),
        0.05,
        key=f"{page}:threshold",
        help="Boxes with a lower score are not shown. Lower it to miss less, raise it to be wrong less.",
    )


def _frames(view: RunView, found: Detections, target: Any) -> tuple[list[Frame], int, int, int]:
    """What to draw, and how many boxes are correct, false, and missing."""
    classes, hue = list(view.predictor.output.classes), colours(len(view.predictor.output.classes))
    smaller = found.picture.shape[1] / float(found.sides[1])
    truth = None if target is None else np.asarray(target)
    places = (
        np.zeros(len(found.kinds), int)
        if truth is None
        else matched(found.boxes, found.kinds, found.scores, truth)
    )
    frames = []
    for box, kind, score, place in zip(found.boxes, found.kinds, found.scores, places, strict=True):
        label = f"{classes[int(kind)]} {score:z.2f}"
        corners = (box * smaller).tolist()
        good = place >= 0
        frames.append(Frame(corners, hue[int(kind)] if good else palette.DANGER, label, dashed=not good))
    right = int((places >= 0).sum())
    missed = 0
    if truth is not None:
        for number, row in enumerate(truth):
            if row[4] >= 0 and number not in places:
                missed += 1
                frames.append(Frame(row[:4].tolist(), palette.TRUTH, f"missed {classes[int(row[4])]}", True))
    return frames, right, len(places) - right, missed


def _precision(page: str, view: RunView, found: Matches) -> None:
    classes = list(view.predictor.output.classes)
    scores = {kind: ap(found, kind) for kind in range(len(classes)) if found.objects[:, kind].any()}
    kinds = sorted(scores, key=lambda kind: -scores[kind])
    if len(kinds) > MOST_CURVES:
        kinds = [kinds[round(i * (len(kinds) - 1) / (MOST_CURVES - 1))] for i in range(MOST_CURVES)]
    hue = colours(len(classes))
    lines = []
    for kind in kinds:
        recall, precision = curve(found, kind)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        name = f"{classes[kind]} (AP {100 * scores[kind]:z.0f} %)"
        x, y = (100 * np.append([first], each) for first, each in ((0.0, recall), (best[:1].sum(), best)))
        lines.append(Curve(name=name, x=x.tolist(), y=y.tolist(), color=hue[kind], format=""))
    show_curves(
        lines,
        x_title="recall: objects that are found, %",
        y_title="precision: boxes that are correct, %",
        y_range=(0.0, 100.0),
        alt="; ".join(
            f"{classes[kind]} has an average precision of {percent(scores[kind])}" for kind in kinds
        ),
        key=f"{page}:precision",
        height=320,
    )


def _counts(page: str, view: RunView, found: Matches) -> None:
    import altair as alt
    import pandas as pd

    output = view.predictor.output
    classes = list(output.classes)
    counted = np.array([list(output.counts(answer).values()) for answer in view.answers])
    jitter = np.random.default_rng(0).uniform(-0.18, 0.18, (2, *counted.shape))
    table = pd.DataFrame(
        {
            "class": np.tile(classes, len(counted)),
            "true": (found.objects + jitter[0]).ravel(),
            "counted": (counted + jitter[1]).ravel(),
        }
    )
    most = float(max(1, found.objects.max(), counted.max()))
    scale = alt.Scale(domain=[-0.5, most + 0.5], nice=False)
    line = (
        alt.Chart(pd.DataFrame({"true": [0.0, most], "counted": [0.0, most]}))
        .mark_line(color=palette.BASELINE, opacity=0.5)
        .encode(x="true:Q", y="counted:Q")
    )
    points = (
        alt.Chart(table)
        .mark_circle(opacity=0.6, size=36)
        .encode(
            x=alt.X("true:Q", scale=scale, title="true number"),
            y=alt.Y("counted:Q", scale=scale, title="counted"),
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=classes, range=[readable(each) for each in colours(len(classes))]),
                legend=alt.Legend(orient="top", title=None),
            ),
        )
    )
    off = np.abs(counted - found.objects).mean()
    st.altair_chart((line + points).properties(height=320), width="stretch", key=f"{page}:counts")
    st.caption(f"A count is off by **{off:z.2f}** on average. On the grey line it is exact.")


def _side_by_side(page: str, view: RunView) -> None:
    """Draw one unseen picture with the boxes of the network and of each baseline."""
    given = current(page, view)
    if given.target is None:
        return
    value = np.asarray(given.value)[None]

    def work() -> dict[str, tuple[Detections, float]]:
        return {
            name: (one.predict(value)[0], _told_from(one))
            for name, one in {"network": view.predictor, **view.baselines}.items()
        }

    found = view.later(f"boxes of every method {given.index}", work)
    if found is None:
        st.caption("The baselines are at work …")
        return
    st.markdown("**The same picture**, by each method: false boxes red, missed objects green, both dashed")
    for column, (name, (answer, threshold)) in zip(st.columns(len(found)), found.items(), strict=True):
        with column:
            frames, right, wrong, missed = _frames(view, answer.told(threshold), given.target)
            plain = [Frame(frame.box, frame.colour, "", frame.dashed) for frame in frames]
            st.image(drawn(answer.picture, plain, 480), output_format="JPEG")
            st.caption(f"{escape(name)}: {right} correct, {wrong} false, {missed} missed")


def _told_from(predictor: Any) -> float:
    return float(predictor.output.threshold)
