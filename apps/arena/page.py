"""Train an agent, watch it play while it learns, play yourself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.target import find_target
from apps.arena import code, controls, curve, limits, scores
from apps.arena.stage import Stage
from apps.components import report, selection, skeleton, training, warm, wording
from apps.components.intervals import Score, show_scores
from apps.components.live import guarded, live
from apps.components.player import frame_player
from sandbox.runs import Run

TITLE = "Arena"
SECTION = "Agents"
ICON = ":material/smart_toy:"
ORDER = 10

PAGE = controls.PAGE
NEEDS = ("torch", "agents.player", "agents.evaluate")


def body() -> None:
    """The whole page."""
    heading = skeleton.Heading("Can an agent learn to play while you watch?")
    choice = controls.row()
    run, status, state = choice.run, choice.status, choice.state
    training.show_refusal(PAGE)
    if run is not None and status is not None:
        skeleton.message_of(run, status)
    found = find_target(choice.target)  # an unknown id is one sentence, told by the page
    view, below = st.container(), st.container()
    with below:
        age = _history(run, status, choice)
    compared: list[Score] = []
    with guarded():
        compared = _scores(choice, run, age)
    answer = _answer(choice.target, run, state, compared, found.reward_threshold)
    heading.answer(answer, state, selection.usual_time(choice.target))
    with view:
        skeleton.tabs(
            PAGE,
            {
                "Watch": lambda: _watch(choice, run, age),
                "Play": lambda: _play(choice),
                "Compare": lambda: _compare(choice, compared),
                "Code": lambda: code.show(choice.target, run),
                "Limits": lambda: limits.show(choice, run, age),
            },
        )
    if run is not None and status is not None:
        skeleton.footer(run, status, report.downloads(run))


def _history(run: Run | None, status: Mapping[str, Any] | None, choice: controls.Choice) -> int | None:
    """Curve and age slider; returns the age."""
    rows = run.metrics() if run is not None else []
    slot = st.container()
    age = None
    if run is not None and status is not None:
        age = skeleton.age_slider(PAGE, run, run.checkpoints(), str(status.get("unit", "step")))
    levels: list[Score] = []
    if warm.ready("agents.evaluate"):
        found = [scores.score_of(who, choice.target, {}) for who in ("random", "baseline")]
        levels = [score for score in found if score is not None]
    with slot:
        curve.show(
            rows, levels, find_target(choice.target).reward_threshold, age, "Mean return while training"
        )
    return age


def _scores(choice: controls.Choice, run: Run | None, age: int | None) -> list[Score]:
    """All players on the same scale; fewer while some are still computed."""
    if not warm.ready("agents.evaluate"):
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
        others.append(f"the hand-written player reaches {written.mean:,.0f}")
    if random is not None:
        others.append(f"random actions {'' if others else 'reach '}{random.mean:,.0f}")
    if agent is None:
        rest = f" To beat: {', '.join(others)}." if others else ""
        if state in wording.ALIVE:
            return f"It has just begun to learn {target}.{rest}"
        return f"No agent has learned {target} yet; press *Train*.{rest}"
    solved = (
        " That counts as solved."
        if threshold is not None and agent.low is not None and agent.mean >= threshold
        else ""
    )
    return (
        f"{agent.name.capitalize()} has a mean return of **{agent.mean:,.1f}** over {agent.tries} episodes"
        + (f"; {', '.join(others)}" if others else "")
        + f".{solved}"
    )


def _stage(choice: controls.Choice, run: Run | None, mode: str, control: str, **how: Any) -> Stage:
    """The stage of this page in this session, made anew when something other than age or physics changed."""
    key = (
        choice.target,
        mode,
        control,
        run.name if run is not None and control == "agent" else None,
        tuple(how.items()),
    )
    kept = st.session_state.get("arena:stage")
    if kept is None or kept[0] != key:
        if kept is not None:
            kept[1].episode.close()
        stage = Stage(choice.target, mode, control, choice.params, run, **how)  # pyright: ignore[reportArgumentType]
        kept = st.session_state["arena:stage"] = (key, stage)
    return kept[1]


@st.fragment
def _screen() -> None:
    """The player; a fragment of its own, which the browser reruns whenever it wants more frames."""
    stage: Stage = st.session_state["arena:stage"][1]
    before = len(stage.returns)
    frame_player(stage.feed, key="arena:player")
    if stage.mode == "play" and len(stage.returns) > before:
        st.session_state.setdefault(f"arena:you:{stage.target}", []).extend(stage.returns[before:])
        st.rerun()  # the page shows the score


def _watch(choice: controls.Choice, run: Run | None, age: int | None) -> None:
    trained = run is not None and bool(run.checkpoints()) and not training.fresh(PAGE)
    if trained and not warm.ready("agents.player"):
        trained = False
        st.caption("The agent is being loaded; until then random actions play.")
    options = (
        (["agent"] if trained else []) + (["baseline"] if _has_baseline(choice.target) else []) + ["random"]
    )
    names = {"agent": "the agent", "baseline": "hand-written player", "random": "random actions"}
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
    stage = _stage(choice, run, "watch", str(who or options[0]))
    stage.scrub(age)
    stage.turn(choice.params)
    _screen()


def _has_baseline(target: str) -> bool:
    environment = find_target(target).environment
    return environment is not None and environment.baseline is not None


def _play(choice: controls.Choice) -> None:
    environment = find_target(choice.target).environment
    if environment is None or not environment.keys:
        st.caption(f"{choice.target} has no keys to play it with.")
        return
    paces = {"step": "one step per key"}
    if not environment.turn_based:
        paces |= {"half": "half speed", "full": "full speed"}
    pace = st.segmented_control(
        "Pace",
        list(paces),
        default="step" if environment.turn_based else "half" if environment.fps > 15 else "full",
        required=True,
        format_func=lambda option: paces[option],
        key=f"arena:pace:{choice.target}",
        help="Every key travels to Python and back, which takes about a tenth of a second.",
    )
    how = {"pace": "step" if pace == "step" else "time", "slowdown": 2.0 if pace == "half" else 1.0}
    stage = _stage(choice, None, "play", "human", **how)
    stage.turn(choice.params)
    _screen()
    yours = st.session_state.get(f"arena:you:{choice.target}", [])
    if yours:
        st.caption(
            f"Your returns: {', '.join(f'{value:g}' for value in yours[-8:])}. "
            "*Compare* shows them beside the others."
        )


def _compare(choice: controls.Choice, compared: list[Score]) -> None:
    if not compared:
        st.caption("The scores are being computed …")
        return
    show_scores(
        compared,
        x_title=f"mean return over {scores.EPISODES} episodes, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:.1f}" for score in compared),
        best_of=find_target(choice.target).reward_threshold,
        key="arena:scores",
    )
    st.caption(
        "All play the same episodes with the physics chosen above; none of these episodes was trained on. "
        "Your own score counts the episodes you finish under *Play*."
    )


live(body, needs=NEEDS)
