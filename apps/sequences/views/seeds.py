"""The spread between trainings: runs of this machine with the same settings and other seeds."""

import streamlit as st

from apps.studio.charts.colours import hue
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import run_selection
from apps.studio.page.run_view import RunView
from sandbox.data.fingerprint import source_of
from sandbox.errors import UserError
from sandbox.statistics import bootstrap_interval
from sandbox.tasks.loading import settings_from

TITLE = "Other seeds"
ORDER = 60


def fits(view: RunView) -> bool:
    """Whether the task names several networks."""
    return bool(view.task.networks)


def show(page: str, view: RunView) -> None:
    """Draw the mean of each network over seeds, with its interval."""
    metric = view.task.metric
    seeds, values = gathered(view)
    if seeds < 2:
        st.caption(
            "Train again with another seed (under *More*), and the spread between trainings appears here."
        )
        return
    st.markdown(f"**{seeds} seeds on this machine**, the same settings")
    scores = []
    for name, found in values.items():
        interval = bootstrap_interval(found)
        scores.append(
            Score(
                name=f"{view.title(name)}, {len(found)} run{'s' * (len(found) > 1)}",
                mean=interval.mean,
                low=interval.low,
                high=interval.high,
                color=hue(name, view.task.networks),
            )
        )
    show_scores(
        scores,
        x_title=f"{metric.title}, {metric.unit}, mean over seeds with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:z.0f}" for score in scores),
        key=f"{page}:seeds",
    )


def gathered(view: RunView) -> tuple[int, dict[str, list[float]]]:
    """How many seeds there are, and the main figure of each network in each run."""
    metric = view.task.metric
    same = {name: value for name, value in vars(view.settings).items() if name != "block"}
    values: dict[str, list[float]] = {}
    seeds = set()
    for run in run_selection.runs_of([view.run.config["target"]]):
        if source_of("", run.config).key != view.source.key:
            continue
        try:
            settings = vars(settings_from(view.task, run.config.get("settings") or {}))
        except UserError:  # of another version
            continue
        rows = [row for row in run.metrics() if f"{metric.key}_low" in row]
        if not rows or any(settings[name] != value for name, value in same.items()):
            continue
        seeds.add(run.config.get("seed"))
        for name in view.task.networks:
            if f"{metric.key}_{name}" in rows[-1]:
                values.setdefault(name, []).append(metric.scale * rows[-1][f"{metric.key}_{name}"])
    return len(seeds), values
