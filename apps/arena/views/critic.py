"""One episode of an agent: the value that it predicts at each step, and the discounted reward that came."""

from __future__ import annotations

from contextlib import closing

import streamlit as st

from apps.arena.agent_view import AgentView
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette

TITLE = "Value and reward"
ABOUT_REWARD = ("ppo", "a2c", "dqn", "qrdqn", "pqn", "free_energy", "td3", "alphazero")
"""Agents whose value is about the environment's own reward; that of others counts something else, too."""
LONGEST = 1000
"""Steps of the episode that are drawn."""


def fits(view: AgentView) -> bool:
    """Whether it predicts the reward of the environment."""
    return (view.run.config.get("agent") or "ppo") in ABOUT_REWARD


def picture(page: str, view: AgentView) -> None:
    """Draw both curves."""
    found = view.later("value and reward", lambda: course(view))
    if found is None:
        st.caption("The agent is playing an episode …")
        st.skeleton(height=260)
        return
    values, came = found
    show_curves(
        [
            Curve(
                name=name,
                x=list(range(len(numbers))),
                y=numbers,
                color=color,
                format="",
            )
            for name, numbers, color in (
                ("predicted", values, palette.MODEL),
                ("came", came, palette.TRUTH),
            )
        ],
        x_title="steps of the episode",
        y_title="discounted reward still to come",
        alt="The value that the agent predicts at each step of an episode, and the reward that came",
        zero=True,
        key=f"{page}:critic",
        height=260,
    )


def course(view: AgentView) -> tuple[list[float], list[float]]:
    """Play one episode.

    Returns:
        The value that was predicted at each step, and the discounted reward that came from there on. An
        episode that was cut off goes on, as in training, with what was predicted last.
    """
    from agents.evaluate import FIRST_SEED
    from agents.viewing.episode import Episode

    values, rewards = [], []
    with closing(
        Episode(view.target, view.player(), seed=FIRST_SEED, params=view.trained_in, ops=False)
    ) as episode:
        while not episode.moment.over and len(values) < LONGEST:
            decision = episode.moment.decision
            assert decision is not None
            values.append(0.0 if decision.value is None else float(decision.value))
            rewards.append(float(episode.step().reward))
        rest = 0.0 if episode.moment.terminated else values[-1]
    gamma = float(view.settings.get("gamma", 0.99))
    came = []
    for reward in reversed(rewards):
        rest = reward + gamma * rest
        came.append(rest)
    return values, came[::-1]
