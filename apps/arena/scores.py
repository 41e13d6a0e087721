"""What random actions, the hand-written player, the agent and you reach, over the same episodes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

import envs
from apps.arena.agent_view import EPISODES, AgentView
from apps.studio import background_work
from apps.studio.charts.intervals import Score
from envs.engine import palette
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

if TYPE_CHECKING:
    from apps.arena.controls import Choice

AGENT, RANDOM, WRITTEN = "agent", "random actions", "hand-written player"
"""How their scores are called; behind the agent's stands its age."""


def compared(choice: "Choice", view: AgentView | None) -> list[Score]:
    """Everybody on the same scale, in the chosen physics; fewer while some are still computed."""
    target, params = choice.target, choice.params
    found = [
        score_of("random", target, params),
        score_of("baseline", target, params),
        agent_score(view, params) if view is not None else None,
        your_score(st.session_state.get(f"arena:you:{target}", [])),
    ]
    return [score for score in found if score is not None]


def score_of(who: str, target: str, params: Mapping[str, Any]) -> Score | None:
    """Score of `random` actions or the hand-written `baseline`; None while computed, or without one."""
    found = played(who, target, params)
    if found is None:
        return None
    interval = found["interval"]
    name = {"random": RANDOM, "baseline": WRITTEN}[who]
    return Score(name=name, mean=interval.mean, low=interval.low, high=interval.high)


def played(who: str, target: str, params: Mapping[str, Any]) -> Any:
    """Evaluation of `random` actions or the hand-written `baseline`; None while it plays, or without one."""
    if who == "baseline" and (target not in envs.names() or envs.find(target).baseline is None):
        return None
    key = ("arena score", who, target, tuple(sorted(params.items())))
    return background_work.ask(key, lambda: _play(who, target, dict(params)))


def agent_score(view: AgentView, params: Mapping[str, Any]) -> Score | None:
    """Score of an agent at an age in some physics; None while it is computed."""
    newest = view.run.checkpoints()[-1:] == [view.step]
    if newest and dict(params) == view.trained_in and (measured := _measured(view.run)) is not None:
        return measured
    found = agent_played(view, params)
    if found is None:
        return None
    interval = found["interval"]
    return Score(
        name=f"{AGENT} at step {view.step:,}",
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        color=palette.MODEL,
        tries=EPISODES,
    )


def agent_played(view: AgentView, params: Mapping[str, Any]) -> Any:
    """Evaluation of an agent at an age in some physics; None while it plays."""
    how = f"score, drawn {view.draws}, in {sorted(params.items())}"
    return view.later(how, lambda: view.play(params))


def _measured(run: Run) -> Score | None:
    """The last evaluation that training itself made."""
    rows = [row for row in run.metrics() if "eval_return" in row]
    if not rows:
        return None
    last = rows[-1]
    return Score(
        name=f"{AGENT} at step {last['step']:,}",
        mean=last["eval_return"],
        low=last.get("eval_low"),
        high=last.get("eval_high"),
        color=palette.MODEL,
        tries=int(last.get("eval_episodes", 0)),
    )


def your_score(returns: list[float]) -> Score | None:
    """Mean of the episodes you have finished."""
    if not returns:
        return None
    interval = bootstrap_interval(returns)
    name = f"you ({len(returns)} episode{'s' if len(returns) > 1 else ''})"
    return Score(name=name, mean=interval.mean, low=interval.low, high=interval.high, color=palette.HUMAN)


def _play(who: str, target: str, params: dict[str, Any]) -> Any:
    from agents import evaluate
    from agents.environments import find_target

    found = find_target(target)
    if who == "baseline":
        assert found.environment is not None
        policy = evaluate.baseline_policy(found.environment)
        assert policy is not None
    else:
        policy = evaluate.random_policy(found.spaces(params)[1])
    return evaluate.evaluate_policy(found.name, policy, EPISODES, params=params)
