"""Checks of one of our own environment files: its rules, uncompiled, bounds-checked and compiled."""

from __future__ import annotations

import math
import numbers
import time
from typing import Any, Literal

import numpy as np

from envs.engine.batch import Batch
from envs.engine.canvas import DisplayList, PygameCanvas
from envs.engine.compile import Backend
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, CheckFailed

NUM_ENVS, NUM_STEPS, LIMIT = 4, 300, 60
"""Size of the batches, steps played, and steps after which their episodes are cut off."""

FEWEST_STEPS = 10
"""Steps played even where time is short."""


def rules_run_as_python(environment: Environment, strict: bool = True, seconds: float = math.inf) -> None:
    """Call the functions as they stand and look at everything they return.

    Args:
        environment: whose functions to call.
        strict: whether observations must lie within their space.
        seconds: of processor time after which to be content with fewer steps than usual.
    """
    end = time.thread_time() + seconds
    batch = Batch(environment, 1, backend="python")
    batch.seed(0)
    state, params, space = batch.states[0], batch.params, environment.observation_space
    actions = _actions(environment, NUM_STEPS, 1)
    _call(environment, "reset", state, params)
    for t in range(NUM_STEPS):
        row = np.zeros(space.shape or (1,), space.dtype)
        with np.errstate(all="ignore"):
            _call(environment, "observe", state, params, row)
        obs = row if space.shape else np.int64(row[0])
        if strict and not space.contains(obs):
            raise _wrong(environment, "observe", f"the observation {_short(row)} is not in {space}")
        action = actions[t, 0] if environment.action_space.shape else actions[t, 0].item()
        with np.errstate(all="ignore"):
            result = _call(environment, "step", state, action, params)
        _check_result(environment, result)
        if result[1]:
            rng = state.rng
            batch.states[0] = np.zeros((), environment.state_dtype)
            state.rng = rng
            _call(environment, "reset", state, params)
        if t >= FEWEST_STEPS and time.thread_time() > end:
            break


def array_bounds_hold(environment: Environment) -> None:
    """Play with array bounds and divisions checked; a fault is repeated in plain Python, for its line."""
    # Many more steps than plain Python could play: what is compiled without bounds must not be surprised.
    actions = _actions(environment, 2 * NUM_STEPS, 16 * NUM_ENVS)
    try:
        played = _play(environment, "checked", actions, 0)
    except BrokenEnvironment as problem:
        if problem.line is None:
            # NumPy's numbers divide by zero without a word, unless they are told not to.
            _play(environment, "python", actions, 0, divide="raise")
        raise
    if not np.isfinite(played["rewards"]).all():
        t, i = np.argwhere(~np.isfinite(played["rewards"]))[0]
        raise _wrong(
            environment, "step", f"the reward of environment {i} after {t + 1} steps is "
            f"{played['rewards'][t, i]}, which is no finite number",
        )  # fmt: skip


def compiled_equals_python(environment: Environment) -> None:
    """Play the same actions compiled and uncompiled."""
    actions = _actions(environment, NUM_STEPS, NUM_ENVS)
    slow, fast = (_play(environment, backend, actions, 1) for backend in ("python", "compiled"))
    for name in slow:
        same = np.isclose(slow[name], fast[name], rtol=1e-5, atol=1e-6, equal_nan=True)
        if not same.all():
            t, i, *_ = np.argwhere(~same)[0]
            function = {"obs": "observe", "final_obs": "observe"}.get(name, "step")
            raise _wrong(
                environment,
                function,
                f"compiled and uncompiled rules differ: {name} of environment {i} after {t} steps is "
                f"{_short(fast[name][t, i])} compiled and {_short(slow[name][t, i])} in Python",
            )


def snapshots_restore(environment: Environment) -> None:
    """Go back to a snapshot, also in another batch, and play on: the same must happen again."""
    actions = _actions(environment, 2 * LIMIT, NUM_ENVS)
    batch, other = (Batch(environment, NUM_ENVS, max_episode_steps=LIMIT) for _ in range(2))
    batch.seed(3)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    for row in actions[:LIMIT]:
        arrays.step(batch, row)
    saved = batch.snapshot()
    first = [arrays.step(batch, row) for row in actions[LIMIT:]]
    other.restore(saved)
    second = [arrays.step(other, row) for row in actions[LIMIT:]]
    for one, two in zip(first, second, strict=True):
        if any(not np.array_equal(one[name], two[name], equal_nan=True) for name in one):
            raise _wrong(
                environment, "step", "after a snapshot was restored the episode went on differently: "
                "something outside of the state decides what happens",
            )  # fmt: skip


def can_be_drawn(environment: Environment) -> None:
    """Draw a first and a later state, as pixels and as a list of operations."""
    batch = Batch(environment, 1, backend="python")
    batch.seed(0)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    operations = DisplayList(environment.size)
    for row in _actions(environment, 10, 1):
        before = batch.states.tobytes()
        _call(environment, "draw", batch.states[0], batch.params, PygameCanvas(environment.size))
        _call(environment, "draw", batch.states[0], batch.params, operations)
        if batch.states.tobytes() != before:
            raise _wrong(environment, "draw", "it changes the state; a picture must not")
        with np.errstate(all="ignore"):
            arrays.step(batch, row)
    if not operations.ops:
        raise _wrong(environment, "draw", "it draws nothing")


def agents_know_the_spaces(environment: Environment) -> None:
    """Refuse spaces that Gymnasium has and agents, ours and Stable-Baselines3's, do not learn with."""
    for name, moved in (("observation_space", "subtract it in observe"), ("action_space", "add it in step")):
        space = getattr(environment, name)
        kind, acting = type(space).__name__, name == "action_space"
        reason = None
        if np.any(getattr(space, "start", 0)):
            reason = f"agents count from 0: leave out start and {moved}"
        elif len(space.shape or ()) > 1 and (kind == "MultiDiscrete" or (acting and kind == "MultiBinary")):
            reason = f"agents know a {kind} of one axis only"
        elif acting and kind == "Box" and space.dtype is not None and space.dtype.kind != "f":
            reason = "agents choose fractions from a Box; use MultiDiscrete for whole numbers"
        if reason is not None:
            reason = f"{name} is {' '.join(str(space).split())}; {reason}"
            raise CheckFailed(str(BrokenEnvironment(environment.file, None, None, reason)))


RULE_CHECKS = {
    "the rules run as plain Python": rules_run_as_python,
    "it can be drawn": can_be_drawn,
    "array bounds hold": array_bounds_hold,
    "compiled equals uncompiled": compiled_equals_python,
    "a snapshot restores everything": snapshots_restore,
    "agents know its spaces": agents_know_the_spaces,
}


class Arrays:
    """The arrays that a batch writes into."""

    def __init__(self, batch: Batch) -> None:
        space, n = batch.environment.observation_space, batch.num_envs
        self.obs = np.zeros((n, *(space.shape or ())), space.dtype)
        self.final_obs = np.zeros_like(self.obs)
        self.rewards = np.zeros(n)
        self.terminated, self.truncated = np.zeros(n, np.bool_), np.zeros(n, np.bool_)

    def step(self, batch: Batch, actions: np.ndarray) -> dict[str, np.ndarray]:
        """Step the batch, and return copies of what it wrote."""
        self.final_obs.fill(0)
        batch.step(actions, self.obs, self.rewards, self.terminated, self.truncated, self.final_obs)
        return {name: array.copy() for name, array in vars(self).items()}


def _play(
    environment: Environment,
    backend: Backend,
    actions: np.ndarray,
    seed: int,
    divide: Literal["ignore", "raise"] = "ignore",
) -> dict[str, np.ndarray]:
    """Everything that a batch writes while it plays `actions`; first axis is time."""
    batch = Batch(environment, actions.shape[1], max_episode_steps=LIMIT, backend=backend)
    batch.seed(seed)
    arrays = Arrays(batch)
    with np.errstate(all="ignore"), np.errstate(divide=divide):
        batch.reset(arrays.obs)
        steps = [arrays.step(batch, row) for row in actions]
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}


def _actions(environment: Environment, steps: int, num_envs: int) -> np.ndarray:
    """Random actions, the same at every call; each is held for a few steps so that episodes get somewhere."""
    space = environment.action_space
    space.seed(0)
    held = [[space.sample() for _ in range(num_envs)] for _ in range(-(-steps // 3))]
    return np.repeat(np.array(held, space.dtype), 3, axis=0)[:steps].copy()


def _call(environment: Environment, function: str, *arguments: Any) -> Any:
    try:
        return getattr(environment, function)(*arguments)
    except Exception as error:
        raise BrokenEnvironment.from_error(environment, error) from error


def _check_result(environment: Environment, result: Any) -> None:
    if not isinstance(result, tuple) or len(result) != 2:
        raise _wrong(environment, "step", f"it must return reward, terminated, not {_short(result)}")
    reward, terminated = result
    if not isinstance(reward, (numbers.Real, np.bool_)):
        raise _wrong(environment, "step", f"the reward must be a number, not {_short(reward)}")
    if not math.isfinite(float(reward)):
        raise _wrong(environment, "step", f"the reward is {float(reward)}, which is no finite number")
    if not isinstance(terminated, (bool, np.bool_)):
        raise _wrong(environment, "step", f"terminated must be True or False, not {_short(terminated)}")


def _wrong(environment: Environment, function: str, reason: str) -> CheckFailed:
    code = getattr(environment, function).__code__
    return CheckFailed(str(BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)))


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
