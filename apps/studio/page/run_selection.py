"""Which run a page looks at.

It is kept in the address, so that a reload and a shared link find it, and in the session, because a click in
the sidebar drops the address' parameters.
"""

import time
from collections.abc import Sequence

import streamlit as st

from apps.studio import wording
from apps.studio.page import control_values
from apps.studio.plain_text import sentence
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs
from sandbox.runs.schema import check_name

PARAMETER = "run"
FOLLOWS = 3.0
"""Seconds for which a page that has turned to another run may read what it wrote into the address itself."""
NONE = ""
"""Kept instead of a name: no run was chosen, on purpose."""


def runs_of(targets: Sequence[str]) -> list[Run]:
    """Runs that can be read and train one of these targets, the newest first."""
    return [run for run in list_runs() if run.config["target"] in targets]


def usual_time(shown: Run | None) -> str:
    """How long the last training like this one took that came to its end; empty if none did.

    Args:
        shown: the run on the page; with other data or another network a training takes another time.
    """
    if shown is None:
        return ""
    training = control_values.training_of(shown)
    for run in runs_of([shown.config["target"]]):
        if control_values.training_of(run) != training:
            continue
        status = run.status()
        if status["state"] == "done":
            return wording.duration(float(status.get("seconds") or 0.0))
    return ""


def chosen(page: str, targets: Sequence[str]) -> Run | None:
    """The run this page looks at: from the address, else from the session, else the newest; None without any.

    A name in the address that is no run any more is told once and forgotten; so is one that the page has just
    replaced, and that a browser which is busy drawing still says.
    """
    key = f"{page}:run"
    named = st.query_params.get(PARAMETER)
    kept = st.session_state.get(key)
    left = _just_left(page, named)
    if named and not left:
        try:
            run = Run.open(_plain(named))
        except UserError as error:
            st.toast(sentence(error))
        else:
            if run.config["target"] in targets:
                st.session_state[key] = run.name
                return run
        del st.query_params[PARAMETER]
    if kept == NONE:
        return None
    if kept:
        try:
            run = Run.open(kept)
        except UserError:
            del st.session_state[key]
        else:
            st.query_params[PARAMETER] = run.name
            return run
    found = runs_of(targets)
    return choose(page, found[0]) if found else None


def choose(page: str, run: Run) -> Run:
    """Make the page look at a run from now on."""
    _leave(page, run.name)
    st.session_state[f"{page}:run"] = run.name
    st.query_params[PARAMETER] = run.name
    return run


def forget(page: str) -> None:
    """Make the page look at no run, until one is chosen or begun."""
    _leave(page, NONE)
    st.session_state[f"{page}:run"] = NONE
    st.query_params.pop(PARAMETER, None)


def _leave(page: str, name: str) -> None:
    """Remember what the address shall say no more: the browser may ask once more before it follows."""
    left = st.session_state.setdefault(f"{page}:left", {})
    left.pop(name, None)
    named = st.query_params.get(PARAMETER)
    if named and named != name:
        left[named] = time.monotonic()


def _just_left(page: str, named: str | None) -> bool:
    """Whether the address still says what the page has replaced.

    However long a busy browser takes, what was left stays left until the browser has said something else:
    only then can it be a link.
    """
    left = st.session_state.setdefault(f"{page}:left", {})
    now = time.monotonic()
    for name in [each for each, since in left.items() if each != named and now - since >= FOLLOWS]:
        del left[name]
    return named in left


def _plain(name: str) -> str:
    """A run's name and never a path: the address bar may say anything."""
    check_name(name)
    return name
