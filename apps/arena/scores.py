"""What random actions, the hand-written player, the agent and you reach, over the same episodes."""

from collections.abc import Mapping
from typing import Any

import envs
from apps.studio import background_work
from apps.studio.charts.intervals import Score
from envs.engine import palette
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

EPISODES = 30
"""Whole episodes behind each score, the same ones for all; none of them was trained on."""


def score_of(who: str, target: str, params: Mapping[str, Any]) -> Score | None:
    """Score of `random` actions or the hand-written `baseline`; None while computed, or without one."""
    if who == "baseline" and (target not in envs.names() or envs.find(target).baseline is None):
        return None
    key = ("arena score", who, target, tuple(sorted(params.items())))
    interval = background_work.ask(key, lambda: _play(who, target, dict(params)))
    name = {"random": "random actions", "baseline": "hand-written player"}[who]
    return (
        None
        if interval is None
        else Score(name=name, mean=interval.mean, low=interval.low, high=interval.high)
    )


def agent_score(run: Run, step: int | None, target: str, params: Mapping[str, Any]) -> Score | None:
    """Score of one checkpoint of a run, the newest if `step` is None; None while it is computed."""
    steps = run.checkpoints()
    if not steps:
        return None
    trained_with = (run.config.get("settings") or {}).get("params") or {}
    if step is None and dict(params) == trained_with and (measured := _measured(run)) is not None:
        return measured
    step = step if step in steps else steps[-1]
    ended = run.status()["state"] == "done"  # then its last age takes its best actions
    key = ("arena agent", run.path, step, ended, target, tuple(sorted(params.items())))
    interval = background_work.ask(key, lambda: _play_agent(run, step, target, dict(params)))
    if interval is None:
        return None
    return Score(
        name=f"agent at step {step:,}",
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        color=palette.MODEL,
        tries=EPISODES,
    )


def _measured(run: Run) -> Score | None:
    """The last evaluation that training itself made."""
    rows = [row for row in run.metrics() if "eval_return" in row]
    if not rows:
        return None
    last = rows[-1]
    return Score(
        name=f"agent at step {last['step']:,}",
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
    return evaluate.evaluate_policy(found.name, policy, EPISODES, params=params)["interval"]


def _play_agent(run: Run, step: int, target: str, params: dict[str, Any]) -> Any:
    from agents import evaluate
    from agents.player import Player

    player = Player.at_age(run, step)
    return evaluate.evaluate_policy(target, player.playing(), EPISODES, params=params)["interval"]
