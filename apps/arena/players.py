"""Watch and Play: who plays, and the screen on which it is seen."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from gymnasium import spaces

from agents.environments import find_target
from apps.arena import imitate
from apps.arena.controls import PAGE, Choice
from apps.arena.race_stage import RaceStage
from apps.arena.stage import Stage
from apps.studio import background_imports
from apps.studio.browser.frame_player import frame_player
from apps.studio.page import layout
from apps.studio.plain_text import escape
from sandbox import registry
from sandbox.runs import Run, list_runs

STAGE = f"{PAGE}:stage"
"""The stage of a session, with what it was made for; None where nothing can be shown."""
SHOWN = f"{PAGE}:stream"
"""The stream that the screen shows."""


def put_on_stage(key: Any, make: Callable[[], Any]) -> Any:
    """The stage of this page in this session, made anew when something other than age or physics changed.

    Args:
        key: what it was made for; None for no stage.
        make: a `Stage` or `RaceStage`.
    """
    kept = st.session_state.get(STAGE)
    if kept is None or kept[0] != key:
        if kept is not None:
            kept[1].close()
        kept = st.session_state[STAGE] = None if key is None else (key, make())
    return None if kept is None else kept[1]


def _stage(choice: Choice, run: Run | None, mode: Any, control: Any, **how: Any) -> Stage:
    shown = run.name if run is not None and control == "agent" else None
    key = (choice.target, mode, control, shown, tuple(how.items()))
    return put_on_stage(key, lambda: Stage(choice.target, mode, control, choice.params, run, **how))


@st.fragment
def screen() -> None:
    """The player; a fragment of its own, which the browser reruns whenever it wants more frames."""
    kept = st.session_state.get(STAGE)
    if kept is None:
        return
    stage: Stage | RaceStage = kept[1]
    before = len(stage.returns)
    frame_player(stage.feed, key="arena:player")
    st.session_state[SHOWN] = stage.feed.stream
    if stage.mode == "play" and len(stage.returns) > before:
        st.session_state.setdefault(f"arena:you:{stage.target}", []).extend(stage.returns[before:])
        st.rerun()  # the page shows the score


def watch(choice: Choice, run: Run | None, age: int | None) -> None:
    """Choose who plays, and put it on the stage."""
    trained = run is not None and bool(run.checkpoints())
    if trained and not background_imports.ready("agents.player"):
        trained = False
        st.caption("The agent is being loaded. Until then, random actions play.")
    seeing = _that_sees(choice.target) if background_imports.ready("agents.player") else None
    options = (
        (["agent"] if trained else [])
        + (["seeing"] if seeing is not None else [])
        + (["baseline"] if has_baseline(choice.target) else [])
        + ["random"]
        + (["search"] if _can_search(choice.target) else [])
    )
    names = {
        "agent": "Agent",
        "seeing": "Network that sees",
        "baseline": "Hand-written player",
        "random": "Random actions",
        "search": "Tree search",
    }
    who = st.segmented_control(
        "Who plays",
        options,
        default=options[0],
        required=True,
        format_func=lambda option: names[option],
        # Another widget once there is an agent: whoever had not chosen then sees the agent.
        key=f"arena:who:{trained}",
        label_visibility="collapsed",
    )
    if (who or options[0]) == "seeing" and seeing is not None:
        _watch_seeing(choice, seeing)
        return
    stage = _stage(choice, run, "watch", str(who or options[0]))
    stage.scrub(age)
    stage.turn(choice.params)
    if stage.control == "agent":
        st.caption(
            "The agent draws its actions by their probabilities, as it does while it learns."
            if stage.draws
            else "The agent takes its most probable action. At earlier ages it draws actions, as it did then."
        )


def _watch_seeing(choice: Choice, run: Run) -> None:
    """Put a task's network on the stage that plays by a camera's pictures, with sliders for what it sees."""
    from agents.loops.closed_loop import the_loop_of

    ways = the_loop_of(run.config["target"]).ways
    spoil = {}
    for column, (name, way) in zip(st.columns(len(ways)), ways.items(), strict=True):
        with column:
            spoil[name] = st.slider(
                way.title, 0.0, float(way.most), 0.0, way.most / 20, key=f"arena:sees:{name}", help=way.why
            )
    stage = _stage(choice, run, "watch", "agent")
    stage.turn_view(spoil)
    stage.turn(choice.params)
    st.caption(
        f"{escape(run.name)} learned {escape(run.config['target'])} from pictures. Here it plays by what a "
        "camera sees."
    )


def _that_sees(target: str) -> Run | None:
    """The newest run of a task whose network drives an environment."""
    for run in list_runs():
        if run.config.get("kind") == "task" and registry.loop_of(run.config["target"]) is not None:
            from agents.loops.closed_loop import the_loop_of

            if the_loop_of(run.config["target"]).environment == target and run.checkpoints():
                return run
    return None


def has_baseline(target: str) -> bool:
    """Whether a hand-written player comes with the environment."""
    environment = find_target(target).environment
    return environment is not None and environment.baseline is not None


def _can_search(target: str) -> bool:
    environment = find_target(target).environment
    discrete = environment is not None and isinstance(environment.action_space, spaces.Discrete)
    return discrete and background_imports.ready("agents.planning")


def _opponent(choice: Choice) -> str | None:
    """Let a person choose whom to play against, in a game of two players."""
    environment = find_target(choice.target).environment
    if environment is None or "opponent" not in environment.params or not _can_search(choice.target):
        return None
    run = choice.run
    trained = run is not None and bool(run.checkpoints())
    names = {"": "The environment's own", "search": "Tree search"}
    if trained and run is not None:
        names |= {str(run.path): "Agent", f"{run.path}+search": "Agent and tree search"}
    who = st.selectbox(
        "Opponent", list(names), format_func=lambda option: names[option], key=f"arena:against:{trained}"
    )
    return who or None


def _opponents_age(run: Run | None) -> int | None:
    """Slider of how old the agent is that plays against a person."""
    steps = run.checkpoints() if run is not None else []
    if run is None or len(steps) < 2:
        return None
    age = st.select_slider(
        "Age of the opponent",
        [*steps[:-1], layout.NEWEST],
        value=layout.NEWEST,
        format_func=lambda step: "newest" if step == layout.NEWEST else f"step {step:,}",
        key=f"arena:opponent:{run.name}",
        help="Which checkpoint plays against you; it changes in the middle of the game.",
    )
    return steps[-1] if age == layout.NEWEST else int(age)


def play(choice: Choice) -> None:
    """Choose the pace, and put a person on the stage."""
    environment = find_target(choice.target).environment
    if environment is None or not environment.keys:
        st.caption(f"{escape(choice.target)} has no keys, so a person cannot play it.")
        return
    paces = {"step": "One step per key"}
    if not environment.turn_based:
        paces |= {"half": "Half speed", "full": "Full speed"}
    pace = st.segmented_control(
        "Pace",
        list(paces),
        default="step" if environment.turn_based else "half" if environment.fps > 15 else "full",
        required=True,
        format_func=lambda option: paces[option],
        key=f"arena:pace:{choice.target}",
        help="Each key goes to the server and back before you see it act. Half speed makes up for that.",
    )
    how: dict[str, Any] = {"pace": "step" if pace == "step" else "time"}
    how |= {"slowdown": 2.0 if pace == "half" else 1.0, "against": _opponent(choice)}
    age = _opponents_age(choice.run) if how["against"] not in (None, "search") else None
    stage = _stage(choice, None, "play", "human", **how)
    stage.turn(choice.params)
    stage.oppose(age)
    # What was played against somebody else says nothing about the game as it is trained.
    stage.record(None if stage.against is not None else imitate.recording_of(choice, stage.episode.world))


def your_returns(choice: Choice) -> None:
    """What a person has reached so far."""
    if yours := st.session_state.get(f"arena:you:{choice.target}", []):
        st.caption(
            f"Your returns: {', '.join(f'{value:g}' for value in yours[-8:])}. "
            "*Compare* shows them beside the others."
        )
