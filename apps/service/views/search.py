"""Compare: how often search finds the passage that an unseen sentence was taken out of, beside BM25."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.intervals import score_of, show_scores
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.retrieval import RECIPROCAL_RANK, ranks
from sandbox.metrics.scores import Metric

TITLE = "Search"
FIGURES = (
    RECIPROCAL_RANK,
    Metric("recall_at_1", "the right passage comes first", "%", digits=1),
    Metric("recall_at_5", "it is among the first five", "%", digits=1),
)
SHOWN = 6


def fits(view: RunView) -> bool:
    """Whether there are documents, and unseen sentences of them."""
    return getattr(view.split.test, "queries", None) is not None


def show(page: str, view: RunView) -> None:
    """Draw the figures of both, and sentences with which only one of them finds the passage."""
    mine, others = view.scores, view.baseline_scores
    if mine is None or others is None:
        st.caption("Searching with all unseen sentences …")
        return
    figures = next(iter(others.values()))
    for metric in FIGURES:
        scores = [
            score_of("network", mine, metric, palette.MODEL),
            score_of("BM25", figures, metric),
        ]
        show_scores(
            scores,
            x_title=f"{metric.title}{', %' if metric.unit else ''}, with its 95 % interval",
            alt="; ".join(f"{score.name} {score.mean:.3g}" for score in scores),
            form=f".{metric.digits}f",
            zero=True,
            key=f"{page}:search:{metric.name}",
        )
    queries: Any = getattr(view.split.test, "queries", None)
    st.caption(
        f"{len(queries):,} sentences were taken out of their passages before anything was learned. Each "
        f"searches for its own among {len(view.split.sayings.passages):,}. {RECIPROCAL_RANK.help}"
    )
    found = view.later("ranks of passages", lambda: _ranks(view))
    if found is None:
        return
    ours, theirs = found
    cases = (
        ("Only the network finds it among the first five", (ours <= 5) & (theirs > 5)),
        ("Only BM25 does", (ours > 5) & (theirs <= 5)),
    )
    for column, (title, where) in zip(st.columns(2, gap="large"), cases, strict=True):
        with column:
            rows = np.flatnonzero(where)
            st.markdown(f"**{title}**: {len(rows)} of {len(where):,}")
            for row in rows[:SHOWN]:
                title = view.split.sayings.passages[queries.passages[row]].title
                st.markdown(f":small[{escape(queries.texts[row])}]  \n:small[*{escape(title)}*]")


def _ranks(view: RunView) -> tuple[Any, Any]:
    """The rank of each sentence's passage for the network, and for BM25."""
    queries: Any = getattr(view.split.test, "queries", None)
    wanted = np.asarray(queries.passages)
    simple: Any = next(iter(view.baselines.values()))
    agent: Any = view.predictor
    ours, theirs = (one.rank(queries.texts) for one in (agent, simple))
    return ranks(ours, wanted), ranks(theirs, wanted)
