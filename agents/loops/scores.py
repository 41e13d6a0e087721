"""What a network that sees achieves in an environment: its return and what is counted, beside others.

Everybody drives the same episodes, as in `agents.evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.evaluate import FIRST_SEED, HandWritten
from agents.loops.closed_loop import ClosedLoop
from agents.loops.seeing_player import SeeingPlayer
from envs.engine.core.batch import Batch
from envs.engine.environment import Environment
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.statistics import Interval, bootstrap_interval

LONGEST = 10_000
"""Steps after which an episode is cut off in an environment that has no limit of its own."""
TRUE_STATE = "true state"
"""The environment's hand-written player, which is told what the others have to see."""
Decide = Callable[[np.ndarray, np.ndarray, Batch], np.ndarray]
"""Which episodes still go on (n,), all observations (N, ...), and the batch, to actions (n, ...)."""


@dataclass(frozen=True)
class Driven:
    """What one player did in some episodes.

    Attributes:
        returns: (N,).
        lengths: (N,), in steps.
        counts: by field of `info`, what it was at the end of each episode, (N,).
    """

    returns: np.ndarray
    lengths: np.ndarray
    counts: Mapping[str, np.ndarray]

    @property
    def interval(self) -> Interval:
        """The mean return."""
        return bootstrap_interval(self.returns)

    def count(self, name: str) -> Interval:
        """The mean of what is counted in an episode."""
        return bootstrap_interval(self.counts[name])

    def share_of(self, other: Driven, seed: int = 0, resamples: int = 2000) -> Interval:
        """This mean return as a share of another's in the same episodes, with its bootstrap interval."""
        rows = np.random.default_rng(seed).integers(0, len(self.returns), (resamples, len(self.returns)))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = self.returns[rows].mean(1) / other.returns[rows].mean(1)
            whole = self.returns.mean() / other.returns.mean()
        low, high = np.nanquantile(shares, [0.025, 0.975])
        return Interval(float(whole), float(low), float(high))


def drive(
    environment: Environment,
    decide: Decide,
    *,
    episodes: int,
    seed: int = FIRST_SEED,
    params: Mapping[str, Any] | None = None,
    counts: Mapping[str, str] | None = None,
) -> Driven:
    """Let somebody drive whole episodes, all of them at once.

    Args:
        environment: to drive in.
        decide: who drives.
        episodes: how many, at least 1.
        seed: of the first; those of the others follow.
        params: of the environment, where they differ from its defaults.
        counts: see `ClosedLoop`.

    Raises:
        UserError: fewer than one episode.
    """
    if episodes < 1:
        raise UserError(f"At least 1 episode is needed for a mean, not {episodes}.")
    batch = Batch(environment, episodes, params=params, max_episode_steps=environment.max_episode_steps)
    space, actions = environment.observation_space, environment.action_space
    obs = np.zeros((episodes, *(space.shape or ())), space.dtype)
    final, rewards = obs.copy(), np.zeros(episodes)
    terminated, truncated = np.zeros(episodes, np.bool_), np.zeros(episodes, np.bool_)
    chosen = np.zeros((episodes, *(actions.shape or ())), actions.dtype)
    returns, lengths = np.zeros(episodes), np.zeros(episodes, np.int64)
    counted = {name: np.zeros(episodes) for name in counts or {}}
    batch.seed(seed)
    batch.reset(obs)
    going = np.arange(episodes)
    while len(going):
        chosen[going] = decide(going, obs, batch)
        batch.step(chosen, obs, rewards, terminated, truncated, final)
        returns[going] += rewards[going]
        lengths[going] += 1
        over = terminated[going] | truncated[going] | (lengths[going] >= LONGEST)
        for i in going[over]:
            last = batch.final_states if terminated[i] or truncated[i] else batch.states
            for name, values in counted.items():
                values[i] = last[i][name]
        going = going[~over]
    return Driven(returns, lengths, counted)


def seeing(player: SeeingPlayer) -> Decide:
    """A player that looks, in many episodes from their start on."""
    memories: dict[int, Any] = {}

    def decide(going: np.ndarray, obs: np.ndarray, batch: Batch) -> np.ndarray:
        sights = [player.look(obs[i], batch.states[i], batch.params) for i in going]
        decisions = player.act_all(sights, [memories.get(int(i)) for i in going])
        memories.update((int(i), decision.memory) for i, decision in zip(going, decisions, strict=True))
        return np.array([decision.action for decision in decisions])

    return decide


def told(environment: Environment) -> Decide:
    """The environment's hand-written player, which is told the true state."""
    written, before = HandWritten(environment), np.arange(0)

    def decide(going: np.ndarray, obs: np.ndarray, batch: Batch) -> np.ndarray:
        nonlocal before
        if len(before) > len(going):
            written.keep(np.isin(before, going))
        before = going
        return written(obs[going])

    return decide


def compare(
    run: Run,
    step: int | None = None,
    *,
    episodes: int | None = None,
    seed: int = FIRST_SEED,
    conditions: Mapping[str, float | int] | None = None,
) -> dict[str, Driven]:
    """The network of a task's run, the task's strongest baseline and the true state, in the same episodes.

    Args:
        run: of a task that drives an environment.
        step: of the checkpoint; None for the newest.
        episodes: how many; None for as many as the loop says.
        seed: of the first.
        conditions: parameters of the environment, and amounts by which pictures are spoilt.

    Returns:
        What each did, by its name: the run's, the baseline's, and `TRUE_STATE`.

    Raises:
        UserError: the task drives nothing, or there is no such condition.
    """
    network = SeeingPlayer.load(run, step)
    loop: ClosedLoop = network.loop
    params, spoil = loop.conditions(conditions or {})
    deciders: dict[str, Decide] = {run.name: seeing(network)}
    players = [network]
    if (baseline := SeeingPlayer.of_baseline(run)) is not None:
        deciders[baseline.called] = seeing(baseline)
        players.append(baseline)
    for player in players:
        player.spoil = spoil
    if loop.world.baseline is not None:
        deciders[TRUE_STATE] = told(loop.world)
    return {
        name: drive(
            loop.world,
            decide,
            episodes=loop.episodes if episodes is None else episodes,
            seed=seed,
            params=params,
            counts=loop.counts,
        )
        for name, decide in deciders.items()
    }
