"""Finds the line of the rules at which a number stops being finite, by tracing one step in plain Python."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment


class Place(NamedTuple):
    """A line of an environment's rules."""

    file: str
    line: int
    function: str


def non_finite_line(environment: Environment, state: Any, action: Any, params: Any) -> Place | None:
    """Play one step and look for the line that makes a reward, the state or an observation NaN or infinite.

    Args:
        environment: whose rules to run.
        state: the record before the step; changed.
        action: as `step` takes it.
        params: the record of parameters.

    Returns:
        The line; None if everything stays finite, or an exception ends the step first.
    """
    space = environment.observation_space
    row = np.zeros(space.shape or (1,), space.dtype)

    def play() -> None:
        environment.step(state, action, params)
        environment.observe(state, params, row)

    kept = state.copy()
    try:
        # NumPy knows best: it names the operation itself, not the line that stores its result.
        with np.errstate(all="ignore"), np.errstate(divide="raise", invalid="raise"):
            play()
    except FloatingPointError as error:
        found = BrokenEnvironment.from_error(environment, error)
        if found.line is not None and found.function is not None:
            return Place(found.file, found.line, found.function)
    except Exception:
        return None
    for name in kept.dtype.names:
        state[name] = kept[name]
    row.fill(0)
    return _traced(environment, play, state, row)


def _traced(environment: Environment, play: Callable[[], None], state: Any, row: np.ndarray) -> Place | None:
    fields = [name for name in state.dtype.names if state.dtype[name].base.kind == "f"]
    # An infinity that was there before, such as a best value so far, is no fault of this step.
    fields = [name for name in fields if np.isfinite(state[name]).all()]
    last: Place | None = None
    found: Place | None = None

    def is_wrong() -> bool:
        observed = row.dtype.kind == "f" and not np.isfinite(row).all()
        return observed or not all(np.isfinite(state[name]).all() for name in fields)

    def trace(frame: FrameType, event: str, value: Any) -> Any:
        nonlocal last, found
        code = frame.f_code
        if "/numpy/" in code.co_filename or code.co_filename == __file__:
            return None
        if found is None and is_wrong():
            found = last
        here = Place(code.co_filename, frame.f_lineno, code.co_name)
        if event == "return" and code is environment.step.__code__ and found is None:
            reward = value[0] if isinstance(value, tuple) and value else 0.0
            if not math.isfinite(reward):
                found = here
        last = here
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with np.errstate(all="ignore"):
            play()
    except Exception:
        return found
    finally:
        sys.settrace(before)
    return found or (last if is_wrong() else None)
