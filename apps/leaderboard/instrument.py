"""The leaderboard as a table; the row that is ticked stands below it with its sources and its command."""

import shlex
from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.studio import navigation
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import layout
from apps.studio.page.polling import live
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.bench import leaderboard
from sandbox.bench.leaderboard import Row

TABS = ()
KINDS = {"task": "Tasks", "environment": "Agents in environments"}


def main() -> None:
    """Draw the page."""
    live(body)


def body() -> None:
    """The table, and one row in full."""
    heading = layout.Heading("What can minutes of a processor learn?")
    rows = leaderboard.read()
    if not rows:
        heading.answer("Nothing has been measured yet.")
        st.code("sandbox bench leaderboard --write", language="bash")
        return
    ahead = sum(row.figure.better(row.interval.mean, row.baseline_reached) for row in rows if row.baseline)
    heading.answer(
        f"{len(rows)} networks, each trained from scratch, most of them with five seeds. {ahead} of them do "
        "better than the best simple method. *Synthetic* data are made by a program."
    )
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in rows)]
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            "Show", kinds, format_func=KINDS.__getitem__, default=kind, required=True, key="leaderboard:kind"
        )
    row = _choose([row for row in rows if row.kind == kind], kind)
    with st.container(border=True):
        _show(row)


def _choose(rows: Sequence[Row], kind: str) -> Row:
    """Draw the table; the row that is ticked, the first if none is."""
    event = st.dataframe(
        [_cells(row) for row in rows],
        key=f"leaderboard:table:{kind}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(640, 38 + 35 * len(rows)),
        column_config={
            "Reached": st.column_config.TextColumn(
                help="Mean over training seeds on unseen examples, with its 95 % interval over the seeds, or "
                "what one seed reached."
            ),
            "Seconds": st.column_config.NumberColumn(
                format="%.1f", help="Of training; the median over seeds."
            ),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Simple method": st.column_config.TextColumn(
                help="What a sensible person would try first, on the same data."
            ),
            "Public figure": st.column_config.TextColumn(
                help="The best that others have published on the same data."
            ),
        },
        alt=f"{KINDS[kind]} with what was reached, a simple method and public figures",
    )
    ticked = event["selection"]["rows"]
    return rows[ticked[0]] if ticked and ticked[0] < len(rows) else rows[0]


def _cells(row: Row) -> dict[str, Any]:
    first = {"Environment": row.task, "Trained by": row.about}
    if row.kind == "task":
        mark = " (synthetic)" if row.synthetic and "synthetic" not in row.about else ""
        first = {"Task": row.task, "Data": f"{row.about}{mark}"}
    return {
        **first,
        "Figure": row.figure.title,
        "Reached": row.said,
        "Simple method": row.simple,
        "Public figure": row.public[0].partition(" (")[0] if row.public else "",
        "Seconds": row.seconds,
        "Parameters": row.parameters,
    }


def _show(row: Row) -> None:
    """One row: its question, the figures on one scale, sources, and how to measure it again."""
    figure, found = row.figure, row.interval
    st.subheader(row.question, anchor=False)
    synthetic = " These data are synthetic: the figure says nothing about real ones." if row.synthetic else ""
    joint = "on" if row.kind == "task" else "by"
    st.caption(
        f"{escape(row.task)}, preset {escape(row.preset)}, {joint} {escape(row.about)}."
        f" Measured {escape(row.measured)}.{synthetic}"
    )
    mean, low, high = (figure.scale * value for value in (found.mean, found.low, found.high))
    scores = [
        Score(
            name="this network" if row.kind == "task" else "this agent",
            mean=mean,
            low=low,
            high=high,
            color=palette.MODEL,
        )
    ]
    if row.baseline:
        scores.append(Score(name=row.baseline, mean=figure.scale * row.baseline_reached))
    show_scores(
        scores,
        x_title=f"{figure.title}{', ' + figure.unit if figure.unit else ''}",
        alt="; ".join(f"{score.name} {score.mean:.{figure.digits}f}" for score in scores),
        form=f",.{figure.digits}f",
        zero=False,
        least_first=not figure.higher_is_better,
        key="leaderboard:scores",
    )
    for said in row.public:
        st.markdown(f"Published: {escape(said)}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.code("sandbox " + shlex.join(row.train), language="bash")
        if row.kind == "environment":
            st.page_link("arena/page.py", label="Open the Arena", icon=":material/open_in_new:")
        elif (page := navigation.file_of(row.task)) is not None:
            st.page_link(page, label="Open its page", icon=":material/open_in_new:")
    st.caption(f"The figures again, with all seeds: `sandbox {shlex.join(row.words)}`")
