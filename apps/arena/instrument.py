"""Train an agent, watch it play while it learns, play yourself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.environments import find_target
from apps.arena import code, controls, curve, limits, players, scores
from apps.studio import background_imports, wording
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import downloads, layout, run_selection, training_buttons
from apps.studio.page.polling import guarded, live
from apps.studio.plain_text import escape
from sandbox import trust
from sandbox.runs import Run

PAGE = controls.PAGE
NEEDS = ("torch", "agents.player", "agents.evaluate")
WHOLE = f"{PAGE}:whole"
"""Whether the whole page is being drawn, the screen included."""


def main() -> None:
    """Lay the page out, then fill it by two fragments: one looks every second, one shows frames.

    Both write into containers of the page itself. Streamlit forgets unsent parts of a fragment that runs
    again, so a fragment inside a container of another one would be drawn where there is nothing yet.
    """
    top = st.container()
    tab, panel = layout.open_tab(PAGE, ("Watch", "Play", "Compare", "Code", "Limits"))
    with panel:
        above, screen, under = st.container(), st.container(), st.container()
    below = st.container()
    st.session_state[WHOLE] = True
    try:
        with top:
            live(lambda: body(tab, above.container(), under.container(), below.container()), needs=NEEDS)
        with screen:
            if tab in ("Watch", "Play"):
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
        age = _history(run, status, choice)
    compared: list[Score] = []
    with guarded():
        compared = _scores(choice, run, age)
    answer = _answer(choice.target, run, state, compared, found.reward_threshold)
    heading.answer(answer, state, run_selection.usual_time(run))
    with above, guarded():
        match tab:
            case "Watch":
                players.watch(choice, run, age)
            case "Play":
                players.play(choice)
            case "Compare":
                _compare(choice, compared)
            case "Code":
                code.show(choice.target, run)
            case "Limits":
                limits.show(choice, run, age)
    if tab == "Play":
        with under:
            players.your_returns(choice)
    _refresh_screen(tab)


def _refresh_screen(tab: str) -> None:
    """Draw the whole page again when something else has come on the stage than the screen shows."""
    kept = st.session_state.get(players.STAGE)
    stream = None if kept is None else kept[1].feed.stream
    if (
        tab in ("Watch", "Play")
        and not st.session_state[WHOLE]
        and stream != st.session_state.get(players.SHOWN)
    ):
        st.rerun()


def _history(run: Run | None, status: Mapping[str, Any] | None, choice: controls.Choice) -> int | None:
    """Curve, age slider and the last row; returns the age."""
    rows = run.metrics() if run is not None and not training_buttons.fresh(PAGE) else []
    slot = st.container()
    age = None
    if run is not None and training_buttons.fresh(PAGE):
        age = next(iter(run.checkpoints()), None)
    elif run is not None and status is not None:
        age = layout.age_slider(PAGE, run, run.checkpoints(), str(status.get("unit", "step")))
    if run is not None and status is not None:
        layout.footer(run, status, downloads.downloads(run))  # before the curve, which takes longer to draw
    levels: list[Score] = []
    if background_imports.ready("agents.evaluate"):
        found = [scores.score_of(who, choice.target, {}) for who in ("random", "baseline")]
        levels = [score for score in found if score is not None]
    with slot:
        curve.show(
            rows, levels, find_target(choice.target).reward_threshold, age, "Mean return while training"
        )
    return age


def _scores(choice: controls.Choice, run: Run | None, age: int | None) -> list[Score]:
    """All players on the same scale; fewer while some are still computed."""
    if not background_imports.ready("agents.evaluate"):
        return []
    yours = st.session_state.get(f"arena:you:{choice.target}", [])
    found = [
        scores.score_of("random", choice.target, choice.params),
        scores.score_of("baseline", choice.target, choice.params),
        scores.agent_score(run, age, choice.target, choice.params) if run is not None else None,
        scores.your_score(yours),
    ]
    return [score for score in found if score is not None]


def _answer(
    target: str, run: Run | None, state: str | None, compared: list[Score], threshold: float | None
) -> str:
    by_name = {score.name.split(" ")[0]: score for score in compared}
    agent, random, written = by_name.get("agent"), by_name.get("random"), by_name.get("hand-written")
    others = []
    if written is not None:
        others.append(f"the hand-written player reaches {wording.figure(written.mean)}")
    if random is not None:
        others.append(f"random actions {'' if others else 'reach '}{wording.figure(random.mean)}")
    if agent is None:
        rest = f" To beat: {', '.join(others)}." if others else ""
        if state in wording.ALIVE:
            return f"It has just begun to learn {escape(target)}.{rest}"
        return f"No agent has learned {escape(target)} yet; press *Train*.{rest}"
    solved = (
        " That counts as solved."
        if threshold is not None and agent.low is not None and agent.mean >= threshold
        else ""
    )
    reached = f"a mean return of **{wording.figure(agent.mean)}** over {agent.tries} episodes"
    return (
        f"{agent.name.capitalize()} has {reached}"
        + (f"; {', '.join(others)}" if others else "")
        + f".{solved}"
    )


def _compare(choice: controls.Choice, compared: list[Score]) -> None:
    if not compared:
        st.caption("The scores are being computed …")
        return
    show_scores(
        compared,
        x_title=f"mean return over {scores.EPISODES} episodes, with its 95 % interval",
        alt="; ".join(f"{score.name} {wording.figure(score.mean)}" for score in compared),
        form="",
        best_of=find_target(choice.target).reward_threshold,
        key="arena:scores",
    )
    st.caption(
        "All play the same episodes with the physics chosen above; none of these episodes was trained on. "
        "Your own score counts the episodes you finish under *Play*."
    )
