"""Runs rules as plain Python for a moment, and looks at everything they return.

What is wrong with new rules is told better, and does less harm, before they are compiled.
"""

from __future__ import annotations

import math
import numbers
import time
from typing import Any

import numpy as np
from gymnasium import spaces

from envs.engine.core.time_limit import TooSlow, at_most
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, CheckFailed
from envs.engine.random import rng_states, seed_array

NUM_STEPS = 300
"""Steps played where there is time."""

SLOW_SECONDS = 3.0
"""Longest time that plain Python plays in a check; most rules take a tenth of a second."""

TOO_SLOW = f"plain Python needs more than {SLOW_SECONDS:g} s for a few steps, and was not played to the end"

FEWEST_STEPS = 10
"""Steps played even where time or memory is short."""


def rules_run_as_python(environment: Environment, strict: bool = True, seconds: float = math.inf) -> str:
    """Call the functions as they stand and look at everything they return.

    Args:
        environment: whose functions to call.
        strict: whether observations must lie within their space.
        seconds: of processor time after which to be content with fewer steps than usual.

    Returns:
        A note if a few steps take longer than `SLOW_SECONDS`; they are not played to their end.
    """
    try:
        with at_most(SLOW_SECONDS if math.isfinite(seconds) else math.inf):
            _run(environment, strict, time.thread_time() + seconds)
    except TooSlow:
        return TOO_SLOW
    return ""


def _run(environment: Environment, strict: bool, end: float) -> None:
    states = np.zeros(1, environment.state_dtype)
    states["rng"] = rng_states(seed_array(0, 1))
    state, params, space = states[0], environment.param_values()[0], environment.observation_space
    actions = held_actions(environment, NUM_STEPS, 1)
    call_rule(environment, "reset", state, params)
    for t in range(NUM_STEPS):
        row = np.zeros(space.shape or (1,), space.dtype)
        with np.errstate(all="ignore"):
            call_rule(environment, "observe", state, params, row)
        obs = row if space.shape else np.int64(row[0])
        if strict and not space.contains(obs):
            raise wrong(environment, "observe", f"the observation {shown(row)} is not in {space}")
        check_mask(environment, state, params)
        action = actions[t, 0] if environment.action_space.shape else actions[t, 0].item()
        with np.errstate(all="ignore"):
            result = call_rule(environment, "step", state, action, params)
        _check_result(environment, result)
        if result[1]:
            rng = state.rng
            states[0] = np.zeros((), environment.state_dtype)
            state.rng = rng
            call_rule(environment, "reset", state, params)
        if t >= FEWEST_STEPS and time.thread_time() > end:
            break


def check_mask(environment: Environment, state: Any, params: Any) -> None:
    """Ask plain Python what is allowed in a state in which the episode goes on.

    Raises:
        CheckFailed: nothing is, or one of the choices has no option left.
        BrokenEnvironment: the function raised something, such as an index outside of the row.
    """
    if environment.mask is None:
        return
    row = np.zeros(environment.mask_size, np.bool_)
    with np.errstate(all="ignore"):
        call_rule(environment, "mask", state, params, row)
    if not allows_something(environment, row[None])[0]:
        raise wrong(environment, "mask", f"it allows nothing: {shown(row)}")


def allows_something(environment: Environment, masks: np.ndarray) -> np.ndarray:
    """Whether each of N masks (N, mask_size) leaves an action, and of several choices an option of each."""
    space = environment.action_space
    sizes = space.nvec.ravel() if isinstance(space, spaces.MultiDiscrete) else [environment.mask_size]
    parts = np.split(masks, np.cumsum(sizes)[:-1], 1)
    return np.all([part.any(1) for part in parts], axis=0)


def held_actions(environment: Environment, steps: int, num_envs: int) -> np.ndarray:
    """Draw random actions, the same at every call; each is held for three steps, so that episodes go on."""
    space = environment.action_space
    space.seed(0)
    held = [[space.sample() for _ in range(num_envs)] for _ in range(-(-steps // 3))]
    return np.repeat(np.array(held, space.dtype), 3, axis=0)[:steps].copy()


def call_rule(environment: Environment, function: str, *arguments: Any) -> Any:
    """Call one of the rules by name.

    Raises:
        BrokenEnvironment: it raised something; names the line.
    """
    try:
        return getattr(environment, function)(*arguments)
    except (Exception, SystemExit) as error:
        raise BrokenEnvironment.from_error(environment, error) from error


def _check_result(environment: Environment, result: Any) -> None:
    if not isinstance(result, tuple) or len(result) != 2:
        raise wrong(environment, "step", f"it must return reward, terminated, not {shown(result)}")
    reward, terminated = result
    if not isinstance(reward, (numbers.Real, np.bool_)):
        raise wrong(environment, "step", f"the reward must be a number, not {shown(reward)}")
    if not math.isfinite(float(reward)):
        raise wrong(environment, "step", f"the reward is {float(reward)}, which is no finite number")
    if not isinstance(terminated, (bool, np.bool_)):
        raise wrong(environment, "step", f"terminated must be True or False, not {shown(terminated)}")


def wrong(environment: Environment, function: str, reason: str) -> CheckFailed:
    """What is wrong with what a function does, with the function's place."""
    code = getattr(environment, function).__code__
    return CheckFailed(str(BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)))


def shown(value: Any) -> str:
    """A value in at most 120 letters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
