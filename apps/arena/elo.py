"""Elo of ages: the checkpoints of a run in a game of two players play each other and fixed opponents."""

from __future__ import annotations

import streamlit as st

import envs
from apps.arena.agent_view import AgentView
from apps.studio import background_imports, background_work
from apps.studio.charts.curves import Curve, Level, show_curves
from envs.engine import palette
from sandbox.runs import Run

OPPONENT = "opponent"
"""Parameter that a game of two players has; see `agents.pqn.self_play`."""


def is_for_two(target: str) -> bool:
    """Whether an environment is a game of two players."""
    return target in envs.names() and OPPONENT in envs.find(target).params


def show(view: AgentView, learns: bool) -> None:
    """Draw the curve; few games at first, and more with each look.

    Args:
        view: the run.
        learns: whether it is still learning, and needs the processor for that: few games then.
    """
    st.markdown("**Elo of ages:** how strong was the agent at each age?")
    if not background_imports.ready("agents.planning.ladder"):
        st.skeleton(height=280)
        return
    from agents.planning.ladder import ROUNDS, ages_of

    rounds, found = ROUNDS[:1] if learns else ROUNDS, None
    for openings in rounds:
        later = _after(view, openings)
        if later is None:
            break
        found = later
    if found is None:
        st.skeleton(height=280)
        st.caption(f"The ages are playing their first games: {2 * ROUNDS[0]} of each pairing …")
        return
    rated, games, shown = found
    ages = ages_of(rated)
    fixed = [each for each in rated if each.entrant.step is None]
    show_curves(
        [
            Curve(
                name="agent",
                x=[each.entrant.step or 0 for each in ages],
                y=[each.rating.elo for each in ages],
                low=[each.rating.low for each in ages],
                high=[each.rating.high for each in ages],
                color=palette.MODEL,
                format=",.0f",
            )
        ],
        [Level(name=f"{each.entrant.name} {each.rating.elo:z,.0f}", y=each.rating.elo) for each in fixed],
        x_title="age: steps in the environment",
        y_title="Elo, random player = 0",
        alt="Elo of the agent over its age, with fixed opponents as lines",
        mark=view.step,
        zero=True,
        key="arena:elo",
        height=280,
    )
    more = "" if shown >= rounds[-1] else f" More are being played, up to {2 * rounds[-1]} of each pairing …"
    st.caption(
        f"{games:,} games so far, {2 * shown} of each pairing; the band is the 95 % interval. A lead of "
        "400 points means ten points won for each one lost. Every age takes its best action; two random "
        f"moves open each game, and each opening is played twice, so that either begins.{more}"
    )


def _after(view: AgentView, openings: int) -> tuple | None:
    """Everybody's number after so many openings of each pairing, and the games; None while they play."""
    steps = view.run.checkpoints()
    path = view.run.path

    def work() -> tuple:
        from agents.planning.ladder import Ladder

        ladder = Ladder(Run.open(path))
        ladder.play(openings)
        return ladder.rated(), ladder.games, ladder.openings

    return background_work.ask(
        ("elo", str(path), view.run.config.get("created"), tuple(steps), openings), work
    )
