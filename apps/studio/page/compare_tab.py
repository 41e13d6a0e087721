"""Compare: the baselines, other ages and other trainings, on the same unseen examples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.studio.charts.colours import hue
from apps.studio.charts.intervals import Score, score_of, show_scores
from apps.studio.page import run_selection
from apps.studio.page.inside_tab import fitting
from apps.studio.page.kinds import output_of
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.bench import results
from sandbox.errors import UserError
from sandbox.metrics.scores import Metric
from sandbox.settings import as_words

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

OTHERS = 4
"""Earlier trainings that are shown beside this one."""
WORDS = 6
"""Of what they were told otherwise, in their names."""


def show(shown: Shown) -> None:
    """Draw the tab."""
    view, page = shown.view, shown.page.name
    assert view is not None
    metric, mine, others = view.task.metric, view.scores, view.baseline_scores
    apart = view.apart(mine or {}, metric.key)
    scores = _scores(view, metric)
    if not apart:
        scores += _other_runs(view, metric)
    if mine is None:
        st.caption(f"Testing on {len(view.split.test):,} unseen {view.things} …")
    synthetic = "synthetic " if view.split.about.synthetic else ""
    if scores:
        _draw(page, metric, scores)
        sign = 1 if metric.higher_is_better else -1
        best = max(apart.values(), key=lambda found: sign * found[metric.key], default=mine)
        verdict = _verdict(metric, best, others) if best and others else ""
        st.caption(
            f"All were tested on the same {len(view.split.test):,} unseen {synthetic}{view.things}. {verdict}"
            f" {metric.help}"
        )
    if mine is not None and view.task.curve is not None:
        _draw(page, view.task.curve, _scores(view, view.task.curve))
        if view.task.curve.help:
            st.caption(view.task.curve.help)
    if mine is not None:
        _figures(mine, others or {})
    output_of(view).compare(page, view)
    for module in fitting(shown.page, shown.page.compare, view).values():
        st.markdown(f"##### {module.TITLE}")
        module.show(page, view)
    for table in results.tables(f"`{view.run.config['target']}`"):
        with st.expander(f"Measured beforehand: {table.title.rpartition(',')[0]}", expanded=True):
            st.table([dict(zip(table.columns, row, strict=True)) for row in table.rows], hide_index=True)
            st.caption(f"{table.note} Again with `sandbox bench {table.subject}`.")


def _scores(view: RunView, metric: Metric) -> list[Score]:
    """A figure of the network, or of each of several, and of the baselines."""
    mine, networks = view.scores, view.task.networks
    apart = view.apart(mine or {}, metric.key)
    scores = [score_of(view.title(name), found, metric, hue(name, networks)) for name, found in apart.items()]
    if mine is not None and not apart:
        scores = [score_of(f"this network, step {view.step:,}", mine, metric, palette.MODEL)]
    others = view.baseline_scores or {}
    return scores + [
        score_of(name, found, metric) for name, found in others.items() if math.isfinite(found[metric.key])
    ]


def _draw(page: str, metric: Metric, scores: list[Score]) -> None:
    show_scores(
        scores,
        x_title=f"{metric.title}{', ' + metric.unit if metric.unit else ''}, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:.{metric.digits}f}" for score in scores),
        form=".3g" if metric.log else f".{metric.digits}f",
        zero=metric.log,
        least_first=not metric.higher_is_better,
        key=f"{page}:scores:{metric.name}",
    )


def _verdict(metric: Metric, mine: Any, others: Any) -> str:
    """What the scale means, and whether the strongest baseline is ahead."""
    sign = 1 if metric.higher_is_better else -1
    name, best = max(others.items(), key=lambda item: sign * item[1][metric.key])
    (low, high), (other_low, other_high) = (
        (figures[f"{metric.key}_low"], figures[f"{metric.key}_high"]) for figures in (mine, best)
    )
    if low <= other_high and other_low <= high:
        return f"The intervals of the network and {name} overlap: this test cannot tell which is better."
    ahead = metric.better(mine[metric.key], best[metric.key])
    return f"The network does {'better' if ahead else 'worse'} than the best simple method, {name}."


def _other_runs(view: RunView, metric: Metric) -> list[Score]:
    """The newest other runs that were tested on the same unseen examples."""
    from apps.studio.page.run_view import RunView as View

    found, light = [], palette.blend(palette.MODEL, "white", 0.4)
    for run in run_selection.runs_of([view.run.config["target"]]):
        if run == view.run or len(found) == OTHERS:
            continue
        rows = [row for row in run.metrics() if f"{metric.key}_low" in row]
        other = View(run, 0, 0.0, view.predictor)
        try:
            same = bool(rows) and other.data_key == view.data_key
            changed = " ".join(as_words(other.settings, view.settings)[:WORDS]).replace("--", "")
        except UserError:  # its settings are another version's
            continue
        if same:
            what = f", {changed}" if changed else ""
            name = f"{run.name}{what}, seed {escape(str(run.config.get('seed', 0)))}"
            found.append(score_of(name, rows[-1], metric, light))
    return found


def _figures(mine: Any, others: Any) -> None:
    """Every figure with its interval, the baselines beside it."""
    import pandas as pd

    names = [name for name in mine if not name.endswith(("_low", "_high"))]
    columns = {"network": mine, **others}
    table = pd.DataFrame(
        {who: [_text(figures, name) for name in names] for who, figures in columns.items()},
        index=pd.Index([name.removeprefix("test_").replace("_", " ") for name in names], name="figure"),
    )
    with st.expander("All figures"):
        st.table(table)


def _text(figures: Any, name: str) -> str:
    if name not in figures:
        return ""
    low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
    return f"{figures[name]:.4g}" + (
        f" [{low:.4g}, {high:.4g}]" if low is not None and high is not None else ""
    )
