"""The table of all runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from apps.studio import wording
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs

EARLY = ("failed", "interrupted", "stopped")
"""States of a run that ended before its time, and says why."""
MOST = 50
"""Runs in the table, unless a person wants all."""


@dataclass(frozen=True)
class Entry:
    """A run with how it stood when the page was drawn."""

    run: Run
    status: Mapping[str, Any]
    state: str


def entries() -> list[Entry]:
    """All readable runs, the newest first."""
    found = []
    for run in list_runs():
        try:
            status = run.listed_status()
        except UserError:
            continue  # deleted between the two looks
        state = str(status["state"]) if run.is_settled() else wording.state_of(run, status)
        found.append(Entry(run, status, state))
    return found


def newest(found: Sequence[Entry]) -> Sequence[Entry]:
    """The entries of the table: the newest `MOST`, or all if a person wants so."""
    if len(found) <= MOST:
        return found
    every = st.toggle(
        f"Show all {len(found):,} runs", key="runs:all", help=f"Otherwise the newest {MOST} are shown."
    )
    return found if every else found[:MOST]


def choose_rows(shown: Sequence[Entry]) -> list[Entry]:
    """Draw the table and return the rows that are ticked, the newest run if none is."""
    names = [entry.run.name for entry in shown]
    kept = [name for name in st.session_state.get("runs:chosen", []) if name in names]
    # Rows are known to the browser by number, so a new or a deleted run makes it a new table, ticked anew.
    key = f"runs:table:{hash(tuple(names))}"
    event = st.dataframe(
        rows(shown),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [names.index(name) for name in kept], "columns": [], "cells": []}
        },
        height=min(320, 38 + 35 * max(2, len(shown))),
        column_config={
            "Run": st.column_config.TextColumn(width="medium"),
            "Learns": st.column_config.TextColumn(help="The environment or the task, and the agent."),
            "State": st.column_config.TextColumn(width="small"),
            "Done": st.column_config.ProgressColumn(
                format="percent", min_value=0.0, max_value=1.0, width="small"
            ),
            "Step": st.column_config.NumberColumn(format="localized", width="small"),
            "Time": st.column_config.TextColumn(
                help="Time of the training, before and after it was resumed.", width="small"
            ),
            "Seed": st.column_config.NumberColumn(width="small"),
            "Started": st.column_config.DatetimeColumn(format="distance", width=120),
            "Says": st.column_config.TextColumn(help="Why it failed, crashed or was stopped.", width="large"),
        },
        alt="Runs with their state, progress, time and seed",
    )
    ticked = event["selection"]["rows"]
    chosen = [names[index] for index in ticked if index < len(names)]
    st.session_state["runs:chosen"] = chosen
    return [entry for entry in shown if entry.run.name in chosen] or list(shown[:1])


def rows(shown: Sequence[Entry]) -> list[dict[str, Any]]:
    """The rows of the table; what runs that ended early say has a column where there is one of them."""
    said = [str(entry.status.get("message") or "") if entry.state in EARLY else "" for entry in shown]
    column = [{"Says": text} for text in said] if any(said) else [{}] * len(said)
    return [_row(entry) | says for entry, says in zip(shown, column, strict=True)]


def _row(entry: Entry) -> dict[str, Any]:
    config = entry.run.config
    learner = config.get("agent")
    return {
        "Run": entry.run.name,
        "Learns": config["target"] + (f" ({learner})" if learner else ""),
        "State": wording.STATES[entry.state][0],
        "Done": 1.0 if entry.state == "done" else wording.share(entry.status),
        "Step": entry.status.get("step"),
        "Time": wording.duration(float(entry.status.get("seconds") or 0.0)),
        "Seed": config.get("seed"),
        "Started": _started(config["created"]),
    }


def _started(created: str) -> datetime | None:
    try:
        return datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        return None
