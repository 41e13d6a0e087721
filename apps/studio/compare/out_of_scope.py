"""Texts of no class: how many are taken back at each threshold of confidence, and what that costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio import background_work
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.out_of_scope import OutOfScope, curve
from sandbox.percent import percent

TITLE = "Out of scope"


def fits(view: RunView) -> bool:
    """Whether there are unseen texts that belong to no class."""
    return bool(getattr(view.split.test, "outside", ()))


def show(page: str, view: RunView) -> None:
    """Draw recall out of scope over accuracy in scope, of the network and of the baselines."""
    found = background_work.ask(("out of scope", *view.key), lambda: curves(view))
    if found is None:
        st.caption("Asking about texts of no class …")
        return
    hues = [palette.MODEL, palette.BASELINE]
    show_curves(
        [
            Curve(
                name=name,
                x=(100 * one.accuracy[::-1]).tolist(),
                y=(100 * one.recall[::-1]).tolist(),
                color=hues[min(number, 1)],
                format=".0f",
                unit=" %",
            )
            for number, (name, one) in enumerate(found.items())
        ],
        x_title="answered correctly, % of texts in scope",
        y_title="taken back, % of texts out of scope",
        alt="; ".join(f"{name}: {_at(one)}" for name, one in found.items()),
        y_range=(0.0, 100.0),
        key=f"{page}:out-of-scope",
        height=320,
    )
    said = "; ".join(f"{escape(name)} {_at(one)}" for name, one in found.items())
    st.caption(
        "An answer is taken back if it is less sure than a threshold. Each point of a curve is one; "
        "the nearer to the upper right corner, the better. With a threshold that costs two correct answers "
        f"in a hundred: {said}."
    )
    if (chosen := getattr(view.predictor, "threshold", None)) is not None:
        one = found["network"]
        place = int(np.searchsorted(one.thresholds, chosen))
        place = min(place, len(one.thresholds) - 1)
        st.caption(
            f"The network's own threshold, {percent(chosen)}, was chosen on texts kept aside, all of them in "
            f"scope. It takes back about {percent(one.recall[place])} of the texts out of scope, with "
            f"{percent(one.accuracy[place], 1)} of those in scope answered correctly."
        )


def curves(view: RunView) -> dict[str, OutOfScope]:
    """The curve of the network and of each baseline, by name."""
    test: Any = view.split.test
    found = {}
    for name, one in {"network": view.predictor, **view.baselines}.items():
        inside, outside = (np.asarray(one.predict(texts)) for texts in (test.inputs, test.outside))
        found[name] = curve(inside, np.asarray(test.targets), outside)
    return found


def _at(one: OutOfScope) -> str:
    """What is taken back where two correct answers in a hundred are lost."""
    enough = np.flatnonzero(one.accuracy >= one.accuracy[0] - 0.02)
    last = enough[-1]
    return f"{percent(float(one.recall[last]))} at {percent(float(one.accuracy[last]), 1)} correct"
