"""Plays rules for seconds, compiled with array bounds and divisions checked, and names the line of a fault.

What happens once in thousands of steps is met here: a write outside of an array, a division by zero, a
reward or an observation that is no finite number.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from envs.engine.checks.fault_line import non_finite_line
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.compile import default_backend, load_kernels
from envs.engine.core.trial_run import allows_something
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment

COPIES = 64
"""Environments that play at a time, unless they are large."""
ROOM = 2**26
"""Bytes that the states and observations of all copies may take."""
HELD = (1, 3, 30, 300)
"""Steps for which each quarter of the copies keeps its actions: some wander, some get far."""
FIRST_SECONDS = 1.0
"""How long new rules are played before training."""
SEARCH_SECONDS = 3.0
"""How long random actions look for a fault that cannot be repeated."""
POOL = 512
"""Different actions of each copy."""

Bounds = tuple[np.ndarray, np.ndarray]


def play_long(
    environment: Environment,
    seconds: float,
    *,
    params: Mapping[str, Any] | None = None,
    limit: int | None = None,
    strict: bool = True,
) -> int:
    """Play random actions with everything checked.

    Args:
        environment: whose rules to play.
        seconds: how long, without the time it takes to compile.
        params: parameters that differ from their defaults.
        limit: steps after which an episode is cut off; None for never.
        strict: whether observations must lie within their space, or only be finite.

    Returns:
        Steps played, of all copies together.

    Raises:
        BrokenEnvironment: a fault, with its file, function and, where it can be found, its line.
    """
    each = environment.state_dtype.itemsize + environment.obs_bytes
    copies = max(1, min(COPIES, ROOM // (2 * each)))
    batch = Batch(
        environment, copies, params=params, max_episode_steps=limit, backend="checked", num_threads=1
    )
    batch.seed(0)
    arrays, actions = Arrays(batch), _Actions(environment, copies)
    bounds = _bounds(environment.observation_space, strict)
    batch.reset(arrays.obs)
    end, played = time.perf_counter() + seconds, 0
    while played == 0 or time.perf_counter() < end:
        row, before = actions.next(), batch.states.copy()
        try:
            finished = batch.step(row, *arrays.in_order())
        except BrokenEnvironment as problem:
            if problem.line is None:
                _repeat(batch, before, row)
            raise
        played += copies
        i = _first(~np.isfinite(arrays.rewards))
        if i is not None:
            _blame(batch, before[i], row[i], "step", f"the reward is {arrays.rewards[i]}")
        if environment.mask is not None:
            _check_masks(batch, arrays.masks)
        if bounds is None:
            continue
        done = arrays.terminated | arrays.truncated
        seen = ((arrays.obs, None), (arrays.final_obs, done)) if finished else ((arrays.obs, None),)
        for obs, among in seen:
            i = _first(_outside(obs, bounds), among)
            if i is not None:
                what = f"the observation {_short(obs[i])} is not in {environment.observation_space}"
                _blame(batch, before[i], row[i], "observe", what)
    return played


def _check_masks(batch: Batch, masks: np.ndarray) -> None:
    """Look at what is allowed in the states that were just reached.

    Raises:
        BrokenEnvironment: nothing is somewhere, or the function writes outside of its row.
    """
    environment = batch.environment
    try:
        batch.action_masks(masks)
    except BrokenEnvironment as problem:
        if problem.line is None:  # once more in plain Python, where an exception has a line
            single = _single(batch)
            for state in batch.states:
                single.states[0] = state
                single.action_masks(masks[:1])
        raise
    i = _first(~allows_something(environment, masks))
    if i is not None:
        code = environment.functions["mask"].__code__
        steps = int(batch.states[i]["steps"])
        reason = f"it allows nothing after {steps:,} steps of an episode: {_short(masks[i])}"
        raise BrokenEnvironment(code.co_filename, code.co_firstlineno, "mask", reason)


def play_before_use(environment: Environment, params: Mapping[str, Any] | None = None) -> None:
    """Play rules long before training trusts them: compiled without bounds, a fault would end the process.

    Done once for the same rules and parameters; the cache of compiled code remembers it.

    Raises:
        BrokenEnvironment: a fault, with its file, function and line.
    """
    file = load_kernels(environment, default_backend()).file
    if file is None:  # plain Python has bounds
        return
    values = environment.param_values(**(params or {}))
    mark = file.with_name(f"{file.stem}_{zlib.crc32(values.tobytes()):08x}.played")
    if mark.exists():
        return
    limit = environment.max_episode_steps
    play_long(environment, FIRST_SECONDS, params=params, limit=limit, strict=False)
    with contextlib.suppress(OSError):
        mark.touch()


def search(environment: Environment, params: Mapping[str, Any] | None = None) -> None:
    """Look for the line of a fault that showed itself elsewhere, with random actions.

    Raises:
        BrokenEnvironment: it was found.
    """
    limit = environment.max_episode_steps
    play_long(environment, SEARCH_SECONDS, params=params, limit=limit, strict=False)


class _Actions:
    """Random actions, the same at every call; each is held for some of the steps of `HELD`."""

    def __init__(self, environment: Environment, copies: int) -> None:
        space = batch_space(environment.action_space, copies)
        space.seed(0)
        self._pool = np.stack([np.asarray(space.sample()) for _ in range(POOL)]).astype(space.dtype)
        self._rng = np.random.default_rng(0)
        self._now = self._pool[0].copy()
        self._step = 0

    def next(self) -> np.ndarray:
        """The actions of the next step; overwritten by the one after it."""
        for group, steps in enumerate(HELD):
            if self._step % steps == 0:
                self._now[group :: len(HELD)] = self._pool[self._rng.integers(POOL), group :: len(HELD)]
        self._step += 1
        return self._now


def _bounds(space: spaces.Space, strict: bool) -> Bounds | None:
    """Least and greatest values of an observation; None where none can be wrong."""
    dtype = np.dtype(space.dtype)
    if not strict and dtype.kind != "f":
        return None
    low = high = None
    if strict and isinstance(space, spaces.Box):
        low, high = space.low, space.high
    elif strict and isinstance(space, spaces.Discrete):
        low, high = np.asarray(space.start), np.asarray(space.start + space.n - 1)
    elif strict and isinstance(space, spaces.MultiDiscrete):
        low, high = space.start, space.start + space.nvec - 1
    elif strict:
        low, high = np.zeros((), dtype), np.ones((), dtype)
    if dtype.kind == "f":
        # An infinite bound allows large numbers, not infinity itself.
        limit = np.finfo(dtype).max
        low = np.asarray(-limit) if low is None else np.maximum(low, -limit)
        high = np.asarray(limit) if high is None else np.minimum(high, limit)
    assert low is not None and high is not None
    if dtype.kind in "iu":
        widest = np.iinfo(dtype.name)
        if (low == widest.min).all() and (high == widest.max).all():
            return None
    return low, high


def _outside(obs: np.ndarray, bounds: Bounds) -> np.ndarray:
    good = (obs >= bounds[0]) & (obs <= bounds[1])  # NaN is neither
    return np.logical_not(good.reshape(len(obs), -1).all(axis=1))


def _first(wrong: np.ndarray, among: np.ndarray | None = None) -> int | None:
    wrong = wrong if among is None else wrong & among
    return int(wrong.argmax()) if wrong.any() else None


def _repeat(batch: Batch, before: np.ndarray, actions: np.ndarray) -> None:
    """Play one step again in plain Python, one environment after another, so that an exception has a line."""
    single = _single(batch)
    arrays = Arrays(single)
    # NumPy's numbers divide by zero without a word, unless they are told not to.
    with np.errstate(all="ignore"), np.errstate(divide="raise", invalid="raise"):
        for i in range(batch.num_envs):
            single.states[0] = before[i]
            try:
                single.step(actions[i : i + 1], *arrays.in_order())
            except BrokenEnvironment as problem:
                reason = f"{problem.reason}, {_when(before[i])}"
                raise BrokenEnvironment(problem.file, problem.line, problem.function, reason) from problem


def replay(batch: Batch, before: Any, actions: np.ndarray) -> None:
    """Play steps of one environment again in plain Python, and look for what is not finite.

    Args:
        batch: of the environment; stays as it is.
        before: the record before the first of these steps.
        actions: one for each step, as `Batch.step` takes them.

    Raises:
        BrokenEnvironment: a reward or an observation is not finite, or the rules raise an exception.
    """
    single = _single(batch)
    arrays = Arrays(single)
    single.states[0] = before
    bounds = _bounds(batch.environment.observation_space, strict=False)
    for action in actions:
        start = single.states.copy()
        with np.errstate(all="ignore"):
            single.step(action[None], *arrays.in_order())
        if not np.isfinite(arrays.rewards[0]):
            _blame(batch, start[0], action, "step", f"the reward is {arrays.rewards[0]}")
        done = arrays.terminated | arrays.truncated
        for obs in (arrays.obs, arrays.final_obs) if done[0] else (arrays.obs,):
            if bounds is not None and _outside(obs, bounds)[0]:
                _blame(batch, start[0], action, "observe", f"the observation is {_short(obs[0])}")


def _single(batch: Batch) -> Batch:
    """One environment like those of a batch, in plain Python."""
    params = {name: batch.params[name].item() for name in batch.environment.params}
    limit = batch.max_episode_steps
    return Batch(batch.environment, 1, params=params, max_episode_steps=limit, backend="python")


def _blame(batch: Batch, before: Any, action: Any, function: str, what: str) -> NoReturn:
    environment = batch.environment
    state = np.array([before], environment.state_dtype).view(environment.state_dtype)[0]
    played = action if environment.action_space.shape else int(action)
    place = non_finite_line(environment, state, played, batch.params)
    reason = f"{what} {_when(before)}"
    if place is not None:
        raise BrokenEnvironment(place.file, place.line, place.function, reason)
    code = getattr(environment, function).__code__
    raise BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)


def _when(before: Any) -> str:
    return f"in step {int(before['steps']) + 1:,} of an episode"


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
