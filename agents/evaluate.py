"""Mean returns over whole episodes that were not used for training, all of them at once.

Every player is given the same episodes: environment `i` of the batch is seeded with `seed + i` and plays its
first episode only, so short episodes do not count more often than long ones.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from agents.action_masks import METHOD, checked
from agents.environments import find_target
from agents.flat_environments import flat_env
from agents.flat_spaces import FlatActions, flat_actions
from agents.player import Player, Remembers
from envs.engine.checks.long_play import search
from envs.engine.environment import Environment
from envs.engine.vector import BatchVectorEnv
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.statistics import Interval, bootstrap_interval

Policy = Callable[..., np.ndarray]
"""Observations of N environments, shape (N, *obs), to their actions, shape (N, *action). One with a true
attribute `heeds_masks` also takes what is allowed, bools (N, K), or None where everything always is. One
with a true `needs_states` is given the records of the states (N,) instead, which ours have."""

FIRST_SEED = 1_000_000
"""Seed of the first episode unless told otherwise: far from 0, 1, 2, ..., with which people train."""

LONGEST = 10_000
"""Steps after which an episode is cut off in an environment that has no limit of its own."""


class Evaluation(TypedDict):
    """What one player achieved.

    Keys:
        returns: sums of rewards, one for each episode.
        lengths: steps, one for each episode.
        interval: mean of the returns with its 95 % bootstrap interval.
        seed: the first episode's; those of the others follow.
    """

    returns: list[float]
    lengths: list[int]
    interval: Interval
    seed: int


def evaluate(
    run_or_player: Run | str | Player, episodes: int = 100, seed: int = FIRST_SEED, deterministic: bool = True
) -> Evaluation:
    """Lets a trained agent play.

    Args:
        run_or_player: a run, its name, or a loaded player (for an earlier checkpoint).
        episodes: how many, at least 1.
        seed: of the first episode.
        deterministic: take the most probable action instead of drawing one.

    Raises:
        UserError: the run is unknown, corrupt, has no checkpoint, or is not an agent's.
    """
    player = run_or_player if isinstance(run_or_player, Player) else Player.load(run_or_player)

    return evaluate_policy(player.target, player.playing(deterministic), episodes, seed, player.params)


def evaluate_policy(
    target: str,
    policy: Policy,
    episodes: int = 100,
    seed: int = FIRST_SEED,
    params: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Lets any policy play whole episodes, all at once.

    Args:
        target: an environment's file name or any Gymnasium id.
        policy: called with the observations of the episodes that still go on; for an agent,
            `Player.playing()`.
        episodes: how many, at least 1.
        seed: of the first episode.
        params: parameters of the environment that differ from their defaults.

    Raises:
        UserError: fewer than one episode, or a reward that is not finite.
        BrokenEnvironment: a reward that is not finite, and the line of the rules that gives it was found.
    """
    if episodes < 1:
        raise UserError(f"At least 1 episode is needed for a mean, not {episodes}.")
    with contextlib.closing(_world(target, episodes, params or {})) as world:
        returns, lengths = _play(world, policy, seed)
    return _evaluation(target, returns, lengths, seed, params)


def evaluate_together(
    target: str, policy: Policy, episodes: int, seeds: Sequence[int], params: Mapping[str, Any] | None = None
) -> list[Evaluation]:
    """Let several players play at the same time; of each comes what `evaluate_policy` says of it alone.

    Args:
        target: an environment's file name or any Gymnasium id.
        policy: of all of them; the first `episodes` observations are the first player's, and so on. Its
            `keep` is told which episodes go on.
        episodes: how many each plays, at least 1.
        seeds: of each player's first episode.
        params: parameters of the environment that differ from their defaults.

    Raises:
        UserError: a reward that is not finite.
        BrokenEnvironment: as `evaluate_policy`.
    """
    each = [seed + i for seed in seeds for i in range(episodes)]
    with contextlib.closing(_world(target, len(each), params or {})) as world:
        returns, lengths = _play(world, policy, each)
    parts = zip(np.split(returns, len(seeds)), np.split(lengths, len(seeds)), seeds, strict=True)
    return [_evaluation(target, *part, params) for part in parts]


def _evaluation(
    target: str, returns: np.ndarray, lengths: np.ndarray, seed: int, params: Mapping[str, Any] | None
) -> Evaluation:
    if not np.isfinite(returns).all():
        environment = find_target(target).environment
        if environment is not None:
            search(environment, params)
        i = int(np.flatnonzero(~np.isfinite(returns))[0])
        raise UserError(
            f"The episode of {target} with seed {seed + i} has the return {returns[i]}, because a reward is "
            f"not finite; `sandbox check {target}` looks for the line."
        )
    interval = bootstrap_interval(returns)
    return Evaluation(returns=returns.tolist(), lengths=lengths.tolist(), interval=interval, seed=seed)


def random_policy(action_space: spaces.Space, seed: int = 0) -> Policy:
    """Every action equally likely. The least that anything learned must beat."""
    return AtRandom(action_space, seed)


class AtRandom:
    """Every action that is allowed equally likely.

    Args:
        action_space: of one environment; a dictionary or tuple is drawn as rows (`agents.flat_spaces`).
        seed: of the draws.
    """

    heeds_masks = True

    def __init__(self, action_space: spaces.Space, seed: int = 0) -> None:
        self._space = flat_actions(action_space)
        self._generator = np.random.default_rng(seed)
        if isinstance(self._space, FlatActions):
            self._space.seed(seed)

    def __call__(self, obs: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
        """Draw an action for each observation."""
        if masks is not None:
            return self._allowed(masks)
        if isinstance(self._space, FlatActions):
            return np.stack([self._space.sample() for _ in range(len(obs))])
        space = batch_space(self._space, len(obs))
        space.seed(int(self._generator.integers(2**31)))
        return np.asarray(space.sample())

    def _allowed(self, masks: np.ndarray) -> np.ndarray:
        drawn = np.where(masks, self._generator.random(masks.shape), -1.0)
        if not isinstance(self._space, spaces.MultiDiscrete):
            return drawn.argmax(1)
        parts = np.split(drawn, np.cumsum(self._space.nvec)[:-1], 1)
        return np.stack([part.argmax(1) for part in parts], 1)


def baseline_policy(environment: Environment) -> Policy | None:
    """The environment's hand-written player, or None if it has none."""
    return None if environment.baseline is None else HandWritten(environment)


class HandWritten:
    """An environment's hand-written player in many episodes at once, from their start on.

    Args:
        environment: with a player.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._memories: list[Any] = []

    def __call__(self, obs: np.ndarray) -> np.ndarray:
        """Decide in all episodes that still go on: observations (N, *shape) to actions."""
        space = self._environment.action_space
        memories = self._memories or [None] * len(obs)
        decided = [
            self._environment.baseline_step(row, memory) for row, memory in zip(obs, memories, strict=True)
        ]
        # One that does not remember may be asked about any observations.
        self._memories = [memory for _, memory in decided] if self._environment.baseline_remembers else []
        return np.array([action for action, _ in decided], space.dtype).reshape(-1, *(space.shape or ()))

    def keep(self, going: np.ndarray) -> None:
        """Forget the episodes that are over."""
        if self._memories:
            self._memories = [memory for memory, on in zip(self._memories, going, strict=True) if on]


def _play(
    world: gym.vector.VectorEnv, policy: Policy, seed: int | list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns and lengths of the first episode of each environment."""
    obs, _ = world.reset(seed=seed)  # type: ignore[arg-type] - all of ours, and "sync", take a list
    returns, lengths = np.zeros(world.num_envs), np.zeros(world.num_envs, np.int64)
    actions = batch_space(world.single_action_space, world.num_envs).sample()
    going = np.arange(world.num_envs)
    these: Any = slice(None)  # the same: while all go on, nothing need be picked out of anything
    keeper = policy if isinstance(policy, Remembers) else None  # asked once: a protocol is slow to ask
    masks_now = _masks_of(world) if getattr(policy, "heeds_masks", False) else None
    decide: Any = policy  # of which a protocol knows one argument only
    states_now: np.ndarray | None = None
    if getattr(policy, "needs_states", False) and isinstance(world, BatchVectorEnv):
        states_now = world.batch.states
    while len(going):
        if states_now is not None:
            actions[these] = decide(states_now[going])
        elif masks_now is None:
            actions[these] = decide(obs[these])
        else:
            actions[these] = decide(obs[these], masks_now()[these])
        obs, rewards, terminated, truncated, _ = world.step(actions)
        returns[these] += rewards[these]
        lengths[these] += 1
        # Environments whose episode is over begin another one, which nobody looks at.
        stay = ~(terminated | truncated)[these] & (lengths[these] < LONGEST)
        if not stay.all():
            going = these = going[stay]
        if keeper is not None:
            keeper.keep(stay)
    return returns, lengths


def _masks_of(world: Any) -> Callable[[], np.ndarray] | None:
    """What says which actions are allowed now, or None where all always are."""
    if isinstance(world, BatchVectorEnv):
        return world.action_masks if world.environment.mask is not None else None
    try:
        world.call(METHOD)
    except AttributeError:
        return None
    return lambda: checked(np.stack(world.call(METHOD)), world.single_action_space)


def _world(target: str, episodes: int, params: Mapping[str, Any]) -> gym.vector.VectorEnv:
    found = find_target(target)
    if found.environment is not None:
        return gym.make_vec(found.id, num_envs=episodes, **params)
    # Not an environment's own vector form: there, environment i need not be seeded with seed + i.
    wrappers: Any = [flat_env]
    return gym.make_vec(found.id, episodes, vectorization_mode="sync", wrappers=wrappers, **params)
