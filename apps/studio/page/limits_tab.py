"""Limits: one slider spoils the input, and the score falls as you drag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from apps.studio.charts.colours import hue
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.columns import panes
from apps.studio.page.inside_tab import fitting
from apps.studio.page.kinds import input_of
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import show_answers
from apps.studio.plain_text import sentence
from envs.engine import palette
from sandbox.corruptions.corruption import Corruption
from sandbox.corruptions.found import corruptions_of, every_corruption
from sandbox.corruptions.measure import Fall, fall
from sandbox.errors import UserError
from sandbox.tasks.split import Examples

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

SPOIL = "spoil the input"


def show(shown: Shown) -> None:
    """Draw the tab: a slider that spoils the input, and the page's own views if it has some."""
    view, page = shown.view, shown.page
    assert view is not None
    offered = corruptions_of(view.predictor.input)
    chosen = [name for name in page.limits if name in offered] if page.limits else list(offered)
    own = [name for name in page.limits if name not in offered and name not in every_corruption()]
    views = fitting(page, own, view)
    order = [SPOIL if name in offered else name for name in page.limits or offered]
    ways = [name for name in dict.fromkeys(order) if name == SPOIL or name in views]
    if not ways:
        st.caption("Nobody has found a way yet to spoil inputs of this kind.")
        return
    way = ways[0]
    if len(ways) > 1:
        way = st.segmented_control(
            "What is tried",
            ways,
            default=way,
            required=True,
            format_func=lambda name: views[name].TITLE if name in views else name.capitalize(),
            key=f"{page.name}:limit",
            label_visibility="collapsed",
        )
    if way in views:
        views[str(way)].show(page.name, view)
    else:
        _spoil(page, view, {name: offered[name] for name in chosen})


def _spoil(page: Page, view: RunView, offered: Mapping[str, Corruption]) -> None:
    wide = getattr(input_of(view), "WIDE", False)
    left, right = panes([1, 2], key=f"{page.name}-limits", least=240)
    with left:
        name = st.selectbox(
            "Spoil it by",
            list(offered),
            format_func=lambda name: offered[name].title,
            key=f"{page.name}:corruption",
            help="What is done to every input.",
        )
        corruption = offered[name]
        amount = st.slider(
            corruption.title,
            0.0,
            corruption.most,
            corruption.most / 4,
            step=corruption.most / 100,
            key=f"{page.name}:corruption:{name}",
            help=f"In {corruption.unit}, 0 to {corruption.most:g}.",
        )
        if not wide:
            _one(page.name, view, corruption, amount)
    with right:
        found = view.later(f"limits {name}", lambda: _measured(view, corruption))
        if found is None:
            st.caption(f"Testing on spoilt {view.things} …")
            st.skeleton(height=300)
        else:
            _curve(page.name, view, corruption, amount, found)
    if wide:
        _one(page.name, view, corruption, amount)


def _one(page: str, view: RunView, corruption: Corruption, amount: float) -> None:
    given = current(page, view)
    before = np.asarray(given.value)
    alone = given.target[None] if hasattr(given.target, "shape") else [given.target]
    targets = None if given.target is None else alone
    found = corruption.spoil(view.task, view.settings, Examples(_batch(view, given), targets), amount)
    after = np.asarray(found.inputs)[0]
    wide = getattr(input_of(view), "WIDE", False)
    one, two = (st.container(), st.container()) if wide else st.columns(2)
    with one:
        input_of(view).show(page, view, before, key="before", caption="before")
    with two:
        input_of(view).show(page, view, after, key="after", caption="after")
    spoilt = ChosenInput(after, None if found.targets is None else found.targets[0])
    try:
        show_answers(f"{page}:limits", view, spoilt)
    except UserError as error:
        st.caption(sentence(error))


def _batch(view: RunView, given: ChosenInput) -> object:
    import torch

    if isinstance(view.test.inputs, list):  # each of a size of its own
        return [np.asarray(given.value)]
    value = np.asarray(given.value)[None]
    return torch.from_numpy(value.copy()) if isinstance(view.test.inputs, torch.Tensor) else value


def _measured(view: RunView, corruption: Corruption) -> Fall:
    predictors = {**(view.members or {"network": view.predictor}), **view.baselines}
    return fall(view.task, predictors, view.split.test.some(view.task.spoilt), corruption, view.settings)


def _curve(page: str, view: RunView, corruption: Corruption, amount: float, found: Fall) -> None:
    metric = view.task.metric
    hues = {name: hue(name, view.task.networks) for name in view.members} or {"network": palette.MODEL}
    show_curves(
        [
            Curve(
                name=view.title(name),
                x=found.amounts[: len(values)],
                y=[metric.scale * value for value in values],
                color=hues.get(name, palette.BASELINE),
                format=f".{metric.digits}f",
                floor=0.0 if metric.unit == "%" else None,
            )
            for name, values in found.figures.items()
        ],
        x_title=f"{corruption.title.lower()}, {corruption.unit}",
        y_title=f"{metric.title}{', ' + metric.unit if metric.unit else ''}",
        alt=f"As {corruption.title.lower()} grows, "
        + ", ".join(
            f"{view.title(name)} falls to {metric.text(values[-1])}" for name, values in found.figures.items()
        ),
        y_range=(0.0, 100.0) if metric.unit == "%" else None,
        log=metric.log,
        mark=amount,
        key=f"{page}:fall",
        height=300,
    )
    at = {name: float(np.interp(amount, found.amounts[: len(y)], y)) for name, y in found.figures.items()}
    here = ", ".join(
        f"{view.title(name)} **{metric.text(at[name])}**"
        for name, values in found.figures.items()
        if amount <= found.amounts[len(values) - 1]
    )
    st.markdown(f"{metric.title.capitalize()} at this amount: {here}.")
    st.caption(corruption.why)
