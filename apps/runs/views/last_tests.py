"""The last test of a run beside those of other runs that trained the same, each with its interval."""

import streamlit as st

from apps.runs.compare import title_of
from apps.runs.record import RecordView
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import control_values, run_selection
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.runs import Run

TITLE = "Last tests"
MOST = 6
"""Runs that are drawn."""
LOW = "_low"


def fits(view: RecordView) -> bool:
    """Whether the run has a figure with an interval."""
    return bool(_last(view.run))


def picture(page: str, view: RecordView) -> None:
    """Draw the scores of the first figure with an interval."""
    name = next(iter(_last(view.run)))
    scores = []
    for run in [view.run, *_others(view.run)]:
        found = _last(run)
        if name not in found or len(scores) == MOST:
            continue
        mean, low, high = found[name]
        scores.append(
            Score(
                name=f"{run.name}, seed {escape(str(run.config.get('seed') or 0))}",
                mean=mean,
                low=low,
                high=high,
                color=palette.MODEL if run == view.run else palette.BASELINE,
            )
        )
    show_scores(
        scores,
        x_title=f"{title_of(name)}, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:.4g}" for score in scores),
        form=".4g",
        zero=False,
        key=f"{page}:last tests",
    )
    if len(scores) < 2:
        st.caption("Train the same again with another seed, and it appears here.")


def _others(run: Run) -> list[Run]:
    runs = run_selection.runs_of([run.config["target"]])
    return [other for other in runs if other != run and control_values.same_training(other, run)]


def _last(run: Run) -> dict[str, tuple[float, float, float]]:
    """Figures with their intervals of the last row that has some."""
    for row in reversed(run.metrics()):
        ends = {name.removesuffix(LOW): name for name in row if name.endswith(LOW)}
        names = {end: base if base in row else f"{base}_return" for base, end in ends.items()}
        found = {
            base: (row[base], row[end], row[end.removesuffix(LOW) + "_high"])
            for end, base in names.items()
            if base in row and end.removesuffix(LOW) + "_high" in row
        }
        if found:
            return found
    return {}
