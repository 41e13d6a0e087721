"""Train an agent, watch it play while it learns, play yourself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.environments import find_target
from apps.arena import answer, code, compare, controls, curve, imitate, limits, players, rules, scores
from apps.arena.agent_view import AgentView
from apps.studio import background_imports
from apps.studio.charts.intervals import Score
from apps.studio.page import downloads, layout, run_selection, training_buttons
from apps.studio.page.polling import guarded, live
from sandbox import trust
from sandbox.runs import Run

PAGE = controls.PAGE
TABS = ("Watch", "Play", "Compare", "Code", "Limits", "Learn")
ON_STAGE = ("Watch", "Play")
"""Tabs with the screen."""
NEEDS = ("torch", "agents.player", "agents.evaluate")
WHOLE = f"{PAGE}:whole"
"""Whether the whole page is being drawn, the screen included."""


def main() -> None:
    """Lay the page out, then fill it by two fragments: one looks every second, one shows frames.

    Both write into containers of the page itself. Streamlit forgets unsent parts of a fragment that runs
    again, so a fragment inside a container of another one would be drawn where there is nothing yet.
    """
    top = st.container()
    tab, panel = layout.open_tab(PAGE, TABS)
    with panel:
        above, screen, under = st.container(), st.container(), st.container()
    below = st.container()
    st.session_state[WHOLE] = True
    try:
        with top:
            live(lambda: body(tab, above.container(), under.container(), below.container()), needs=NEEDS)
        with screen:
            if tab in ON_STAGE:
                players.screen()
    finally:
        st.session_state[WHOLE] = False


def body(tab: str, above: Any, under: Any, below: Any) -> None:
    """Everything but the screen.

    Args:
        tab: the open one.
        above: the container above the screen.
        under: the container under the screen.
        below: the container below the tabs.
    """
    heading = layout.Heading("Can an agent learn to play while you watch?")
    choice = controls.row()
    run, status, state = choice.run, choice.status, choice.state
    training_buttons.show_refusal(PAGE)
    if run is not None and status is not None:
        layout.message_of(run, status)
    try:
        trust.check(choice.target)  # whoever typed it into a page may not be the person at the keyboard
        found = find_target(choice.target)
    except Exception:
        st.session_state[players.STAGE] = None  # an unknown id: one sentence, and nothing on the screen
        raise
    with below:
        age = _history(run, status, choice.target)
    view: AgentView | None = None
    compared: list[Score] = []
    if background_imports.ready(*NEEDS):
        with guarded():
            view = view_of(run, age)
            compared = scores.compared(choice, view)
    fresh = training_buttons.fresh(PAGE)
    # Before the view can be made there may be an agent all the same.
    step = view.step if view is not None else next(reversed(run.checkpoints() if run else []), None)
    said = answer.sentence(choice.target, state, compared, found.reward_threshold, step)
    heading.answer(said, None if fresh else state, run_selection.usual_time(run))
    with above, guarded():
        _tab(tab, choice, view, compared, age)
    if tab in ON_STAGE:
        with under:
            if tab == "Play":
                players.your_returns(choice)
                imitate.row(choice)
            rules.show(choice.target, keys=tab == "Play")
    _refresh_screen(tab)


def view_of(run: Run | None, age: int | None = None) -> AgentView | None:
    """The agent of a run at an age, or its newest; None while there is none.

    Raises:
        UserError: a checkpoint is there and cannot be read.
    """
    return None if run is None else AgentView.at(run, age)


def _tab(
    tab: str, choice: controls.Choice, view: AgentView | None, compared: list[Score], age: int | None
) -> None:
    match tab:
        case "Watch":
            players.watch(choice, choice.run, age)
        case "Play":
            players.play(choice)
        case "Compare":
            compare.show(choice, compared)
        case "Code":
            code.show(choice.target, choice.run)
        case _ if view is None:
            layout.waiting(
                choice.run,
                "The agent appears here in a moment.",
                "There is no agent to look at yet. *Train* makes one.",
                240,
            )
        case "Limits":
            limits.show(choice.target, view)
        case _:
            from apps.arena import lesson

            lesson.show(view)


def _refresh_screen(tab: str) -> None:
    """Draw the whole page again when something else has come on the stage than the screen shows."""
    kept = st.session_state.get(players.STAGE)
    stream = None if kept is None else kept[1].feed.stream
    if tab in ON_STAGE and not st.session_state[WHOLE] and stream != st.session_state.get(players.SHOWN):
        st.rerun()


def _history(run: Run | None, status: Mapping[str, Any] | None, target: str) -> int | None:
    """Curve, age slider and the last row; returns the age."""
    rows = run.metrics() if run is not None and not training_buttons.fresh(PAGE) else []
    slot = st.container()
    age = training_buttons.age(PAGE, run)
    if run is not None and status is not None:
        layout.footer(run, status, downloads.downloads(run))  # before the curve, which takes longer to draw
    levels: list[Score] = []
    if background_imports.ready("agents.evaluate"):
        found = [scores.score_of(who, target, {}) for who in ("random", "baseline")]
        levels = [score for score in found if score is not None]
    with slot:
        curve.show(rows, levels, find_target(target).reward_threshold, age, "Mean return while training")
    return age
