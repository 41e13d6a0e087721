"""Ever less of the picture: how well each way completes it."""

import streamlit as st
import torch

from apps.energy.rbm import Machine
from apps.energy.views.completing import as_rows, size_of
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.inputs.image import shown
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.metrics.completion import explained, given
from sandbox.percent import percent

TITLE = "Less of the picture"
ORDER = 40
SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
COUNT = 200
"""Unseen pictures that are completed."""


def fits(view: RunView) -> bool:
    """Whether it is one machine that completes pictures."""
    return isinstance(view.predictor, Machine)


def show(page: str, view: RunView) -> None:
    """Draw the input with ever more of it missing, and what each way explains of that."""
    left, right = panes([1, 2], key=f"{page}-less", least=240)
    with left:
        share = st.select_slider(
            "Missing",
            SHARES,
            value=0.5,
            format_func=percent,
            key=f"{page}:share",
            help="Share of the rows that are not shown, from below.",
        )
        row, keep = as_rows(current(page, view).value), given(size_of(view), "lower", share)
        guess = view.predictor.complete(row, keep)
        hidden = torch.where(keep, row, torch.zeros(()))
        pictures = [
            Picture(shown(view, each.reshape(1, *size_of(view))), name)
            for name, each in (("given", hidden), ("completed", guess))
        ]
        gallery(pictures, key=f"{page}:less", size=96)
        st.caption(
            "The less is given, the more pictures fit it. Their mean is a blur: it has the smallest error, "
            "and looks like none of them."
        )
    with right:
        found = view.later("less", lambda: measure_less(view))
        if found is None:
            st.caption(f"Completing unseen {view.things} …")
            st.skeleton(height=300)
            return
        show_curves(
            [
                Curve(
                    name=name,
                    x=[100 * share for share in SHARES],
                    y=[100 * value for value in values],
                    color=palette.BASELINE if name in view.baselines else palette.MODEL,
                    format=".0f",
                )
                for name, values in found.items()
            ],
            x_title="missing, % of the rows",
            y_title="completion score, %",
            alt="; ".join(f"{name} from {percent(v[0])} to {percent(v[-1])}" for name, v in found.items()),
            mark=100 * share,
            key=f"{page}:less-curve",
            height=320,
        )


def measure_less(view: RunView) -> dict[str, list[float]]:
    """For each share that is missing, how much of it each way explains, on some unseen pictures."""
    rows, mean = view.split.test.some(COUNT).inputs.flatten(1), view.split.train.inputs.flatten(1).mean(0)
    found: dict[str, list[float]] = {}
    for name, each in {"the machine": view.predictor, **view.baselines}.items():
        masks = [given(size_of(view), "lower", share) for share in SHARES]
        found[name] = [float(explained(rows, each.complete(rows, keep), mean, keep).mean()) for keep in masks]
    return found
