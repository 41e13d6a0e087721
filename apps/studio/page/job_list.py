"""The jobs tray: what trains now and what waits, on every page, with a button to stop each."""

import streamlit as st

from apps.studio import wording
from apps.studio.plain_text import sentence
from sandbox import jobs
from sandbox.errors import UserError
from sandbox.percent import percent
from sandbox.runs import Run

WIDTH = 150
"""Pixels of what is said of a job: a longer name goes on in a second line, and the button stays beside it."""


def show() -> None:
    """Draw the tray into the current container (the sidebar)."""
    alive = jobs.list_jobs()
    if not alive:
        st.caption("No job is training.")
        return
    for run in alive:
        _entry(run)


def _entry(run: Run) -> None:
    status = run.status()
    state = wording.state_of(run, status)
    if state not in wording.ALIVE:
        return  # it ended between the two looks
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        done = wording.share(status)
        said = percent(done) if state == "running" else wording.STATES[state][0]
        text = f"{run.name} · {said}"
        if state == "queued":
            st.caption(text, width=WIDTH)
        else:
            st.progress(done, text=text, width=WIDTH)
        st.button(
            "Stop",
            key=f"tray:stop:{run.name}",
            icon=":material/stop:",
            type="tertiary",
            disabled=state == "stopping",
            help=f"Take {run.name} out of the queue" if state == "queued" else f"Save {run.name} and stop it",
            on_click=_stop,
            args=(run,),
        )


def _stop(run: Run) -> None:
    try:
        jobs.stop(run)
    except UserError as error:  # it ended by itself in the meantime
        st.toast(sentence(error))
