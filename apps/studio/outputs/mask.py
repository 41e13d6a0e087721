"""Masks: outlines of the answer beside the truth, what is missed or too much, counts, and every baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.pairs import show_pairs
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.data.objects import count
from sandbox.data.overlay import COLOURS, outlined, photo_of, tinted
from sandbox.metrics.segmentation import dice, match
from sandbox.percent import percent

SIZE, SMALL = 210, 150
"""Width of a picture in the tabs Try and Compare, in pixels."""
COMPARED = 4
"""Unseen pictures that are compared, half of them the worst."""
FAINT = 0.45
"""How much of the picture is left behind the error map."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the answer over the picture, the truth beside it, and where they differ."""
    mask, truth, output = np.asarray(answer), given.target, view.predictor.output
    st.markdown(f"##### {escape(output.text(mask))}")
    pictures = [Picture(drawn(view, given.value, mask), "answer")]
    if truth is not None:
        pictures += [
            Picture(drawn(view, given.value, np.asarray(truth), true=True), "truth"),
            Picture(
                errors(given.value, np.asarray(truth), mask, objects=not output.classes), "where they differ"
            ),
        ]
    gallery(pictures, key=f"{page}:mask", size=SIZE)
    if output.classes:
        st.markdown(legend(output.classes))
    if truth is not None:
        st.caption(_said(output, np.asarray(truth), mask))


def drawn(view: RunView, picture: Any, mask: NDArray[Any], *, true: bool = False) -> NDArray[Any]:
    """A mask over its picture; outlines of the truth have its colour."""
    photo = photo_of(np.asarray(picture))
    if view.predictor.output.classes:
        return tinted(photo, mask)
    return outlined(photo, mask, palette.rgb(palette.TRUTH) if true else None)


def errors(picture: Any, truth: NDArray[Any], mask: NDArray[Any], *, objects: bool) -> NDArray[Any]:
    """The picture in pale grey; red is missed or of a wrong class, blue is too much."""
    grey = photo_of(np.asarray(picture)).mean(-1, keepdims=True).repeat(3, -1)
    shown = FAINT * grey + (1 - FAINT) * 0.85
    danger, model = (np.array(palette.rgb(colour)) / 255 for colour in (palette.DANGER, palette.MODEL))
    if not objects:
        shown[truth != mask] = danger
        return shown
    shown[(truth > 0) & (mask == 0)] = danger
    shown[(truth == 0) & (mask > 0)] = model
    return shown


def legend(classes: Any) -> str:
    """Which colour is which class, as Markdown of plain squares."""
    squares = ("🟧", "🟦", "🟩", "🟨", "🟦", "🟥", "🟪")
    assert len(squares) == len(COLOURS)
    return " · ".join(f"{squares[i % len(squares)]} {escape(str(name))}" for i, name in enumerate(classes))


def _said(output: Any, truth: NDArray[Any], mask: NDArray[Any]) -> str:
    if output.classes:
        return f"Red: another class than the truth, {percent((truth != mask).mean(), 1)} of the picture."
    pairs = match(truth, mask)
    return (
        f"Dice {percent(dice(truth, mask), 1)}. Of {count(truth)} {escape(output.things)}, {pairs.found} are "
        f"found, {len(pairs.missed)} missed, and {len(pairs.made_up)} are made up or cut wrongly. "
        "Red: missed pixels; blue: too much."
    )


def grades(view: RunView) -> Grades:
    """Every unseen picture by the task's main figure."""
    return by_metric(view, "Worst answers")


def compare(page: str, view: RunView) -> None:
    """Draw counts against the truth, and a few pictures as the network and each baseline answer them."""
    found = view.later("compared masks", lambda: _answers(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    rows, answers = found
    output, test = view.predictor.output, view.test
    if not output.classes:
        st.markdown(
            f"**How many {output.things}?** Each dot is an unseen picture; on the line the number is right."
        )
        truths = [count(mask) for mask in test.targets]
        numbers = {name: [count(mask) for mask in masks] for name, masks in answers.items()}
        show_pairs(
            truths,
            numbers,
            x_title=f"true number of {output.things}",
            y_title="counted",
            alt="; ".join(f"{name} counts {sum(each)} of {sum(truths)}" for name, each in numbers.items()),
            key=f"{page}:counts",
        )
    st.markdown("**The same pictures**: the worst answers first, then others")
    for row in rows:
        picture, truth = test.inputs[row], np.asarray(test.targets[row])
        shown = [Picture(drawn(view, picture, truth, true=True), "truth")]
        for name, masks in answers.items():
            caption = f"{name}: {_figure(view, truth, masks[row])}"
            shown.append(Picture(drawn(view, picture, masks[row]), caption))
            shown.append(
                Picture(errors(picture, truth, masks[row], objects=not output.classes), "where it is wrong")
            )
        gallery(shown, key=f"{page}:compared:{row}", size=SMALL)
    if output.classes:
        st.markdown(legend(output.classes))


def _figure(view: RunView, truth: NDArray[Any], mask: NDArray[Any]) -> str:
    """The main figure of one answer."""
    metric = view.task.metric
    return metric.text(_goal(view).scores([truth], [mask])[metric.name].mean)


def _goal(view: RunView) -> Any:
    return view.predictor.goal


def _answers(view: RunView) -> tuple[list[int], dict[str, list[NDArray[Any]]]]:
    """Places of some unseen pictures, and what the network and each baseline say of all."""
    inputs, targets = view.test.inputs, view.test.targets
    answers = {"network": view.predictor.predict(inputs)}
    answers |= {name: one.predict(inputs) for name, one in view.baselines.items()}
    metric = view.task.metric.name
    values = [
        _goal(view).scores([t], [a])[metric].mean for t, a in zip(targets, answers["network"], strict=True)
    ]
    order = np.argsort(values)
    if not view.task.metric.higher_is_better:
        order = order[::-1]
    worst = order[: COMPARED // 2].tolist()
    usual = order[len(order) // 2 :: max(1, len(order) // 4)][: COMPARED // 2].tolist()
    return list(dict.fromkeys([*worst, *usual])), answers
