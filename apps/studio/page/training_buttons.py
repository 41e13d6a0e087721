"""Train, Stop and Reset: the row every page that trains begins with."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from apps.studio import wording
from apps.studio.page import control_values, layout, run_selection
from apps.studio.plain_text import sentence
from sandbox import jobs
from sandbox.errors import UserError, is_user_error
from sandbox.runs import Run

REFUSED = 15.0
"""Seconds for which a refusal is shown."""


def fresh(page: str) -> bool:
    """Whether *Reset* was pressed: the page shows an untrained network until the next *Train*."""
    return bool(st.session_state.get(f"{page}:fresh"))


def buttons(
    page: str, run: Run | None, state: str | None, argv: Callable[[], list[str]], *, help: str
) -> None:
    """Draw the three buttons into the current (horizontal) container.

    A stopped run is resumed by *Resume* in the place of *Train*; *Reset* makes *Train* begin a new one.

    Args:
        page: name of the page.
        run: the run that is shown.
        state: of this run.
        argv: what to train, as `sandbox.jobs.start` takes it; called when *Train* is pressed.
        help: what *Train* does, and how long it takes.
    """
    alive = state in wording.ALIVE
    resumable = (
        run is not None
        and state in ("stopped", "interrupted")
        and not fresh(page)
        and run.resumable_step() is not None
    )
    if resumable and run is not None:
        st.button(
            "Resume",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{page}:resume",
            on_click=_resume,
            args=(run,),
            help=f"Go on with {run.name} where it stopped.",
        )
    else:
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{page}:train",
            disabled=alive,
            on_click=start,
            args=(page, argv),
            help=help,
        )
    st.button(
        "Stopping …" if state == "stopping" else "Stop",
        icon=":material/stop:",
        key=f"{page}:stop",
        disabled=state not in ("running", "queued"),
        on_click=_stop,
        args=(run,),
        help="Save and stop; it can be resumed.",
    )
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"{page}:reset",
        disabled=run is None or fresh(page),
        on_click=_reset,
        args=(page, run, state),
        help="Back to an untrained network. The run that was shown stays in Runs.",
    )


def start(page: str, argv: Callable[[], list[str]], *, by_itself: bool = False) -> None:
    """Start a job and make the page look at it; a refusal becomes a sentence on the page.

    Args:
        page: name of the page.
        argv: what to train, as `sandbox.jobs.start` takes it.
        by_itself: nobody pressed *Train*: it gives way to what is asked for later.
    """
    try:
        # A core is left to the page that shows it: with the browser on the same cores both would stutter.
        threads = str(max(1, (os.cpu_count() or 1) - 1))
        run = jobs.start([*argv(), "--threads", threads], gives_way=by_itself)
    except Exception as error:
        if not is_user_error(error):
            raise
        st.session_state[f"{page}:refused"] = (str(error), time.monotonic())
        return
    for name in (f"{page}:refused", f"{page}:fresh", f"{page}-age"):
        st.session_state.pop(name, None)
    run_selection.choose(page, run)


def age(page: str, run: Run | None) -> int | None:
    """Draw the age slider of a run; after *Reset* there is none, and its first checkpoint is looked at.

    Returns:
        The step of the checkpoint to look at; None for the newest.
    """
    if run is None:
        return None
    if fresh(page):
        return next(iter(run.checkpoints()), None)
    return layout.age_slider(page, run, run.checkpoints(), "step")


def run_of_menu(
    page: str,
    menu: str,
    targets: Sequence[str],
    first: Callable[[str], list[str]],
    says: Callable[[Run], Mapping[str, Any]],
) -> Run | None:
    """The run of the target that a menu has chosen; a target that nobody has trained begins to learn.

    The menu follows a run that a link or another page has chosen.

    Args:
        page: name of the page.
        menu: key of the menu, whose values are targets.
        targets: what the page can train, the default one first.
        first: what `sandbox.jobs.start` takes to train a target for the first time.
        says: what the page's other controls say of a run, see `follow`.

    Returns:
        The run; None if it could not be begun.
    """
    run = _run_of_menu(page, menu, targets, first)
    control_values.follow(page, run, says)
    return run


def _run_of_menu(
    page: str, menu: str, targets: Sequence[str], first: Callable[[str], list[str]]
) -> Run | None:
    shown, tried = f"{page}:shown", f"{page}:tried"
    chosen = run_selection.chosen(page, targets)
    if chosen is not None and st.session_state.get(shown) != chosen.name:
        st.session_state[shown] = chosen.name
        st.session_state[menu] = chosen.config["target"]
    target = str(st.session_state.setdefault(menu, targets[0]))
    if chosen is not None and chosen.config["target"] == target:
        return chosen
    if found := run_selection.runs_of([target]):
        st.session_state[shown] = found[0].name
        return run_selection.choose(page, found[0])
    if target not in st.session_state.setdefault(tried, []):
        st.session_state[tried] = [*st.session_state[tried], target]
        start(page, lambda: first(target), by_itself=True)
    chosen = run_selection.chosen(page, [target])
    if chosen is None:
        run_selection.forget(page)
        st.session_state.pop(shown, None)
    else:
        st.session_state[shown] = chosen.name
    return chosen


def show_refusal(page: str) -> None:
    """The sentence of the last refusal, long enough to be read: the page may be drawn anew every second."""
    refusal, when = st.session_state.get(f"{page}:refused", ("", 0.0))
    if refusal and time.monotonic() - when < REFUSED:
        st.error(sentence(refusal), icon=":material/error:")


def _resume(run: Run) -> None:
    try:
        jobs.resume(run)
    except UserError as error:
        st.toast(sentence(error), icon=":material/error:")


def _stop(run: Run | None) -> None:
    if run is None:
        return
    try:
        jobs.stop(run)
    except UserError as error:
        st.toast(sentence(error), icon=":material/error:")


def _reset(page: str, run: Run | None, state: str | None) -> None:
    if state in ("running", "queued"):
        _stop(run)
    st.session_state[f"{page}:fresh"] = True
