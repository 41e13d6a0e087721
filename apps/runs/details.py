"""One run in full: its settings, log and checkpoints, and what can be done with it."""

import json
import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from apps.runs import archive
from apps.runs.page import PAGE
from apps.runs.record import RecordView
from apps.runs.table import Entry
from apps.studio import navigation, wording
from apps.studio.page import downloads, layout
from apps.studio.page.learn import lesson_of
from apps.studio.page.learn_tab import show_lesson
from apps.studio.plain_text import escape, sentence
from sandbox import jobs
from sandbox.errors import UserError
from sandbox.files import open_to_read
from sandbox.runs import LOG, Run

TABS = ("Settings", "Log", "Checkpoints", "Learn")
TAIL = 40
"""Lines of the log that are shown."""
TAIL_BYTES = 64_000


def show(chosen: Sequence[Entry]) -> None:
    """Draw the details of one of the chosen runs."""
    names = [entry.run.name for entry in chosen]
    name = names[0]
    if len(names) > 1:
        name = st.selectbox("Details of", names, key="runs:details") or names[0]
    entry = next(entry for entry in chosen if entry.run.name == name)
    with st.container(border=True):
        _head(entry)
        layout.message_of(entry.run, entry.status)
        if entry.state == "stopped" and entry.status.get("message"):
            st.caption(sentence(entry.status["message"]))
        _actions(entry)
        bodies = (_settings, _log, _checkpoints, _learn)
        layout.tabs(
            "runs",
            {name: partial(body, entry.run) for name, body in zip(TABS, bodies, strict=True)},
        )


def _head(entry: Entry) -> None:
    status, config = entry.status, entry.run.config
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(entry.run.name, anchor=False, width="content")
        st.markdown(wording.badge(entry.state), width="content")
    of = f" of {wording.count(status['total'])}" if status.get("total") else ""
    facts = [
        escape(config["target"]),
        f"seed {config.get('seed', 0)}",
        f"{status.get('unit', 'step')} {wording.count(status.get('step') or 0)}{of}",
        wording.duration(float(status.get("seconds") or 0.0)),
    ]
    if entry.state == "running" and (left := wording.time_left(status)):
        facts.append(left)
    st.caption(" · ".join(facts))


def _actions(entry: Entry) -> None:
    run, state = entry.run, entry.state
    alive = state in wording.ALIVE
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Stop",
            icon=":material/stop:",
            key="runs:stop",
            disabled=state not in ("running", "queued"),
            on_click=_try,
            args=(jobs.stop, run),
            help="Save and stop. It can be resumed where it stopped.",
        )
        resumable = state in ("stopped", "failed", "interrupted")
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            key="runs:resume",
            disabled=not resumable,
            on_click=_try,
            args=(jobs.resume, run),
            help="Continue from the newest checkpoint. Without one, begin again.",
        )
        agent = run.config["kind"] == "agent"
        if (page := "arena/page.py" if agent else navigation.file_of(run.config["target"])) is not None:
            st.page_link(page, label="Open", icon=":material/visibility:", query_params={"run": run.name})
        st.download_button(
            "Download",
            data=lambda: archive.zip_run(run),
            file_name=f"{run.name}.zip",
            mime="application/zip",
            icon=":material/download:",
            key="runs:download",
            on_click="ignore",
            help="The whole folder as a zip file. Nothing in it runs code when it is opened.",
        )
        st.download_button(
            "CSV",
            data=lambda: run.to_pandas().to_csv(),
            file_name=f"{run.name}.csv",
            mime="text/csv",
            icon=":material/table:",
            key="runs:csv",
            on_click="ignore",
            help="All figures of the training, a row for each step at which they were noted.",
        )
        with st.popover("Delete", icon=":material/delete:", disabled=alive):
            st.markdown(f"Delete **{run.name}** and all its checkpoints?")
            st.button("Delete", key="runs:delete", type="primary", on_click=_delete, args=(run,))


def _try(action: Any, run: Run) -> None:
    try:
        action(run)
    except UserError as error:
        st.toast(sentence(error), icon=":material/error:")


def _delete(run: Run) -> None:
    try:
        archive.throw_away(run)
    except UserError as error:
        st.toast(sentence(error), icon=":material/error:")
    else:
        st.session_state["runs:deleted"] = run.name


def _settings(run: Run) -> None:
    config = run.config
    asked = config.get("settings")
    if isinstance(asked, dict) and asked:
        with st.grid("auto", min_column_width=220, gap="xsmall"):
            for name, value in asked.items():
                st.markdown(f"{escape(name.replace('_', ' '))} **{escape(_shown(value))}**")
    st.caption("Command")
    st.code("sandbox " + shlex.join(downloads.command(run)), language="bash", wrap_lines=True)
    with st.expander("Versions and everything else"):
        rest = {name: value for name, value in config.items() if name != "settings"}
        st.code(json.dumps(rest, indent=2), language="json")


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"
    if isinstance(value, (list, dict)):
        pairs = value.items() if isinstance(value, dict) else value
        return ", ".join(" ".join(map(str, p)) if isinstance(p, tuple) else str(p) for p in pairs) or "none"
    return str(value) or "none"


def _log(run: Run) -> None:
    path = run.path / LOG
    try:
        with open_to_read(path) as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            lines = file.read(TAIL_BYTES).decode(errors="replace").splitlines()
    except OSError:
        lines = []
    error = run.path / "error.txt"
    if error.is_file():
        with open_to_read(error) as file:
            file.seek(max(0, error.stat().st_size - TAIL_BYTES))
            trace = file.read(TAIL_BYTES).decode(errors="replace")
        st.code(trace[-8000:], language="text", height=260)
    if lines:
        # A progress bar redraws its line: what follows the last carriage return is what a terminal shows.
        st.code("\n".join(line.rsplit("\r", 1)[-1] for line in lines[-TAIL:]), language="text", height=260)
    elif not error.exists():
        st.caption("It has printed nothing so far.")


def _checkpoints(run: Run) -> None:
    steps = run.checkpoints()
    if not steps:
        st.caption("No checkpoint yet.")
        return
    unit = str(run.status().get("unit", "step"))
    text = ", ".join(f"{step:,}" for step in steps)
    st.markdown(f"{wording.count(len(steps), 'checkpoint')}, at {unit} {text}.")
    st.caption(f"The run's folder is {escape(run.path)}.")
    if (resumable := run.resumable_step()) is not None:
        st.caption(f"It resumes from {unit} {resumable:,}.")


def _learn(run: Run) -> None:
    view = RecordView.at(run, None)
    if view is None:
        layout.waiting(run, "It appears here in a moment.", "This run has no checkpoint to look at.", 240)
    else:
        show_lesson(PAGE, view, lesson_of(PAGE.name))
