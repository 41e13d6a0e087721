"""How far everybody drives: the network at this age, lines without learning, the driver told all."""

from __future__ import annotations

import streamlit as st

from agents.loops.scores import TRUE_STATE, Driven, compare
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.tasks.families.steering import Steerer

TITLE = "On the road"
ORDER = 10
ROADS = 8
"""Roads that everybody drives here; `sandbox evaluate` has more."""


def fits(view: RunView) -> bool:
    """Whether it drives."""
    return isinstance(view.predictor, Steerer)


def show(page: str, view: RunView) -> None:
    """Draw metres, returns and accidents on unseen roads; they are driven in the background."""
    st.caption(f"{ROADS} unseen roads of 1,000 m, with traffic")
    found = view.later("driven", lambda: compare(view.run, view.step, episodes=ROADS))
    if found is None:
        st.caption("Everybody is driving: about half a minute …")
        return
    scores = []
    for name, driven in found.items():
        metres = driven.count("progress")
        color = palette.MODEL if name == view.run.name else palette.TRUTH if name == TRUE_STATE else None
        scores.append(
            Score(
                name="network" if name == view.run.name else name,
                mean=metres.mean,
                low=metres.low,
                high=metres.high,
                color=color or palette.BASELINE,
            )
        )
    told = "; ".join(f"{score.name} {score.mean:z.0f} m" for score in scores)
    show_scores(scores, x_title="metres driven", alt=told, form=".0f", zero=True, key=f"{page}:metres")
    st.caption(" · ".join(_said(name, driven) for name, driven in found.items()))


def _said(name: str, driven: Driven) -> str:
    ended = {which: int((driven.counts[which] > 0).sum()) for which in ("collisions", "off_road")}
    return (
        f"{name}: return {driven.interval.mean:z.1f}, {ended['collisions']} collisions, "
        f"{ended['off_road']} times off the road"
    )
