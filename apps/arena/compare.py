"""Compare: the agent, random actions, the hand-written player and you, over the same episodes."""

from collections.abc import Sequence

import streamlit as st

from agents.environments import find_target
from apps.arena import elo
from apps.arena.agent_view import EPISODES, AgentView
from apps.arena.controls import Choice
from apps.arena.scores import AGENT
from apps.studio import wording
from apps.studio.charts.intervals import Score, show_scores


def show(choice: Choice, compared: Sequence[Score], view: AgentView | None) -> None:
    """Draw the tab."""
    _scores(choice, compared)
    if view is not None and elo.is_for_two(choice.target):
        elo.show(view, choice.state in wording.ALIVE)


def _scores(choice: Choice, compared: Sequence[Score]) -> None:
    if not compared:
        st.caption("Everybody is playing the test episodes …")
        return
    show_scores(
        compared,
        x_title="mean return of an episode, with its 95 % interval",
        alt="; ".join(f"{score.name} {wording.figure(score.mean)}" for score in compared),
        form="",
        best_of=find_target(choice.target).reward_threshold,
        key="arena:scores",
    )
    agent = next((score for score in compared if score.name.startswith(AGENT)), None)
    tries = EPISODES if agent is None else agent.tries
    tested = f", {tries} for the agent" if tries not in (0, EPISODES) else ""
    st.caption(
        f"All are unseen episodes in the physics chosen above: {EPISODES} for each player{tested}. "
        "Your own score counts the episodes that you finish under *Play*."
    )
