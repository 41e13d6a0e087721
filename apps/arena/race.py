"""Race: the agent and somebody else play the same episodes beside each other; then, who is better."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.viewing.racer import Racer
from agents.viewing.standing import Standing
from apps.arena import scores
from apps.arena.agent_view import EPISODES, AgentView
from apps.arena.controls import Choice
from apps.arena.players import has_baseline, put_on_stage
from apps.arena.race_stage import RaceStage
from apps.studio import background_imports, wording
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import run_selection
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.runs import Run

WRITTEN, CHANCE = "hand-written player", "random actions"


def show(choice: Choice, age: int | None) -> None:
    """Choose who races, and put both on the stage.

    Args:
        choice: what the page's controls say.
        age: of the agent, as the slider below says; None for the newest.
    """
    if not background_imports.ready("agents.player", "agents.evaluate"):
        st.caption("The agents are being loaded …")
        st.session_state.pop("arena:race", None)
        put_on_stage(None, lambda: None)
        return
    racers = _first(choice, age), _second(choice)
    # An agent that is still learning goes on racing at the age at which it began to: else no race would end.
    learns = age is None and choice.state in wording.ALIVE and choice.run is not None
    names = choice.run.name if learns and choice.run is not None else racers[0].name, racers[1].name
    key = (choice.target, *zip((racer.control for racer in racers), names, strict=True))
    stage = put_on_stage(key, lambda: RaceStage(choice.target, racers, choice.params))
    stage.turn(choice.params)
    st.session_state["arena:race"] = stage.racers


def measured(choice: Choice) -> None:
    """Below the pictures: what both reach in many episodes, and how sure the difference is."""
    racers: tuple[Racer, Racer] | None = st.session_state.get("arena:race")
    if racers is None:
        return
    params = dict(choice.params)
    first, second = (_played(racer, choice.target, params) for racer in racers)
    if first is None or second is None:
        st.caption(
            f"Both play {EPISODES} more episodes without pictures, to see how sure the difference is …"
        )
        return
    names = racers[0].name, racers[1].name
    standing = Standing(names, (first["returns"], second["returns"]))
    better = standing.improvement
    chance = ""
    if better is not None:
        chance = (
            f" An episode of the first beats one of the second with probability {better.mean:z.2f} "
            f"[{better.low:z.2f}, {better.high:z.2f}]."
        )
    st.markdown(f"**Over {EPISODES} unseen episodes, the same for both:** {escape(standing.verdict())}")
    st.caption(f"Won {escape(standing.tally())}.{chance}")
    colors = palette.MODEL, palette.BASELINE
    show_scores(
        [
            Score(name=name, mean=of.mean, low=of.low, high=of.high, color=color, tries=EPISODES)
            for name, of, color in zip(names, (first["interval"], second["interval"]), colors, strict=True)
        ],
        x_title="mean return of an episode, with its 95 % interval",
        alt=standing.verdict(),
        form="",
        key="arena:race:scores",
    )


def _first(choice: Choice, age: int | None) -> Racer:
    run = choice.run
    steps = run.checkpoints() if run is not None else []
    if run is None or not steps:
        return Racer("baseline" if has_baseline(choice.target) else "random")
    return Racer("agent", run, age if age in steps else steps[-1])


def _second(choice: Choice) -> Racer:
    """Menu of whom to race against, with a slider of its age."""
    runs = {run.name: run for run in run_selection.runs_of([choice.target]) if run.checkpoints()}
    options = ([WRITTEN] if has_baseline(choice.target) else []) + [CHANCE, *runs]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        who = st.selectbox(
            "Against",
            options,
            key=f"arena:race:{choice.target}",
            width=260,
            help="Who plays the same episodes beside the agent: the hand-written player, chance, a run, "
            "or the same run at another age.",
        )
        run = runs.get(str(who))
        if run is None:
            return Racer("baseline" if who == WRITTEN else "random")
        return Racer("agent", run, _age_of(run))


def _age_of(run: Run) -> int:
    steps = run.checkpoints()
    if len(steps) == 1:
        return steps[0]
    chosen = st.select_slider(
        "Its age",
        steps,
        value=steps[0],
        format_func=lambda step: f"step {step:,}",
        key=f"arena:race:age:{run.name}",
        width=320,
        help="Which checkpoint of that run races.",
    )
    return int(chosen)


def _played(racer: Racer, target: str, params: Mapping[str, Any]) -> Any:
    """What a racer reaches in the episodes of *Compare*; None while it plays them."""
    if racer.run is None:
        return scores.played("baseline" if racer.control == "baseline" else "random", target, params)
    view = AgentView.at(racer.run, racer.step)
    return None if view is None else scores.agent_played(view, params)
