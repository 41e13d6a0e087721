"""Functions of an environment's file called one by one, and what may be wrong with what they return."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, CheckFailed


def call(environment: Environment, function: str, *arguments: Any) -> Any:
    """What a function of the file returns.

    Raises:
        BrokenEnvironment: it raised something; names the line.
    """
    try:
        return getattr(environment, function)(*arguments)
    except (Exception, SystemExit) as error:
        raise BrokenEnvironment.from_error(environment, error) from error


def check_result(environment: Environment, result: Any) -> None:
    """Look at what `step` returned.

    Raises:
        CheckFailed: it is no reward and no flag.
    """
    if not isinstance(result, tuple) or len(result) != 2:
        raise wrong(environment, "step", f"it must return reward, terminated, not {short(result)}")
    reward, terminated = result
    if not isinstance(reward, (numbers.Real, np.bool_)):
        raise wrong(environment, "step", f"the reward must be a number, not {short(reward)}")
    if not math.isfinite(float(reward)):
        raise wrong(environment, "step", f"the reward is {float(reward)}, which is no finite number")
    if not isinstance(terminated, (bool, np.bool_)):
        raise wrong(environment, "step", f"terminated must be True or False, not {short(terminated)}")


def wrong(environment: Environment, function: str, reason: str) -> CheckFailed:
    """What is wrong with a function of the file, by its first line."""
    code = getattr(environment, function).__code__
    return CheckFailed(str(BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)))


def short(value: Any) -> str:
    """A value on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
