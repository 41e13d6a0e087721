"""Whom an agent imitates, and whole episodes of it.

    demonstrations = record("cartpole", find_expert("cartpole"), episodes=4, seed=0)

The expert is the environment's hand-written player, or the agent of another run. Its rewards are summed up
only to tell how good it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from agents.action_masks import has_masks, masks_of
from agents.environments import find_target
from agents.evaluate import FIRST_SEED, LONGEST, Policy, baseline_policy
from agents.imitation.demonstrations import Demonstrations
from agents.player import Player, Remembers
from agents.vec_env import make_vec_env
from sandbox.errors import UserError
from sandbox.statistics import bootstrap_interval

DEMONSTRATION_SEED = FIRST_SEED + 4 * 10**9
"""Seed of the first demonstration: episodes that are used neither for training nor for evaluation."""
MOST_EPISODES = 1_000
"""Seeds between the demonstrations for one training seed and those for the next."""


@dataclass(frozen=True)
class Expert:
    """Somebody to imitate.

    Attributes:
        name: `baseline`, or the name of a run.
        act: observations (N, *shape) to actions, in episodes from their start on.
        step: age of a run's agent in environment steps, or None.
    """

    name: str
    act: Policy
    step: int | None = None


def find_expert(target: str, run: str | None = None) -> Expert:
    """Find whom to imitate.

    Args:
        target: an environment's file name or any Gymnasium id.
        run: name or path of a run, whose newest checkpoint is meant; None for the hand-written player.

    Raises:
        UserError: there is no hand-written player, or the run is unknown, a task's, of another environment or
            without a checkpoint.
    """
    found = find_target(target)
    if run is not None:
        player = Player.load(run)
        if player.target != found.name:
            raise UserError(f"{player.run} plays {player.target}; it cannot show how to play {found.name}.")
        return Expert(str(player.run), player.playing(), player.step)
    policy = None if found.environment is None else baseline_policy(found.environment)
    if policy is None:
        raise UserError(
            f"{found.name} has no hand-written player to imitate: train an agent with "
            f"`sandbox train {found.name}` first, then give its run with --expert."
        )
    return Expert("baseline", policy)


def record(
    target: str, expert: Expert, episodes: int, seed: int, params: Mapping[str, Any] | None = None
) -> Demonstrations:
    """Let an expert play whole episodes, all at once, and keep what it saw and did.

    Args:
        target: an environment's file name or any Gymnasium id.
        expert: plays.
        episodes: how many, at least 1.
        seed: of the training; each has demonstrations of its own.
        params: parameters of the environment.

    Raises:
        UserError: fewer than one episode, or more than there are seeds for.
    """
    if not 1 <= episodes <= MOST_EPISODES:
        raise UserError(
            f"An imitator needs at least 1 demonstration and at most {MOST_EPISODES:,}, not {episodes:,}."
        )
    env = make_vec_env(target, episodes, DEMONSTRATION_SEED + MOST_EPISODES * seed, env_kwargs=params)
    seen: list[list[np.ndarray]] = [[] for _ in range(episodes)]
    done: list[list[np.ndarray]] = [[] for _ in range(episodes)]
    returns, ends, going = np.zeros(episodes), 0, np.arange(episodes)
    obs = np.asarray(env.reset())
    space = env.action_space
    actions = np.zeros((episodes, *(space.shape or ())), space.dtype)
    masks = getattr(expert.act, "heeds_masks", False) and has_masks(env)
    decide: Any = expert.act  # of which a protocol knows one argument only
    for _ in range(LONGEST):
        if masks:
            actions[going] = decide(obs[going], masks_of(env)[going])
        else:
            actions[going] = decide(obs[going])
        for i in going:
            seen[i].append(obs[i].copy())
            done[i].append(actions[i].copy())
        obs, rewards, dones, infos = env.step(actions)
        obs = np.asarray(obs)
        returns[going] += rewards[going]
        ends += sum(not infos[i].get("TimeLimit.truncated", False) for i in going[dones[going]])
        # Environments whose episode is over begin another one, which nobody looks at.
        stay = ~dones[going]
        going = going[stay]
        if isinstance(expert.act, Remembers):
            expert.act.keep(stay)
        if not len(going):
            break
    env.close()
    return Demonstrations(
        torch.from_numpy(np.stack([row for episode in seen for row in episode])),
        torch.from_numpy(np.stack([row for episode in done for row in episode])),
        ends,
        torch.from_numpy(returns),
    )


def describe(name: str, step: int | None, demonstrations: Demonstrations) -> dict[str, Any]:
    """Return what a run's config keeps: who was imitated, in how many episodes, and how good these were.

    Args:
        name: of the expert, or of a recording's file.
        step: age of a run's agent, or None.
        demonstrations: what was shown.
    """
    interval = bootstrap_interval(demonstrations.returns.numpy())
    return {
        "name": name,
        "step": step,
        "episodes": len(demonstrations.returns),
        "pairs": len(demonstrations.actions),
        "ends": demonstrations.ends,
        "return": interval.mean,
        "low": interval.low,
        "high": interval.high,
    }
