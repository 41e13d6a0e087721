"""`check`: everything that can be tested about an environment without knowing its rules.

Works on our own environments and on any Gymnasium id. Gymnasium and Stable-Baselines3 have checkers for
single environments; the vector checks (`vector_checks.py`) are ours, as are those of our own files
(`rule_checks.py`).
"""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gymnasium

from envs.engine.errors import EnvironmentProblem, UnknownEnvironment

PATIENCE = 60.0
"""Seconds after which no further check of a vector environment is begun; most environments need a few."""


@dataclass(frozen=True)
class Result:
    """Outcome of one check.

    Attributes:
        name: what was checked.
        passed: False if the environment is at fault.
        message: what is wrong, or a note; may be empty.
    """

    name: str
    passed: bool
    message: str


def check(name_or_id: str, seconds: float | None = None) -> list[Result]:
    """Run all checks that apply.

    Args:
        name_or_id: name of an environment file, or any Gymnasium id.
        seconds: how long the rules of an environment file are played with array bounds checked; None for the
            usual time.

    Returns:
        One result for each check. A broken file gives a single failed one.

    Raises:
        UnknownEnvironment: neither a file nor a Gymnasium id has this name.
    """
    return list(iterate_checks(name_or_id, seconds))


def iterate_checks(name_or_id: str, seconds: float | None = None) -> Iterator[Result]:
    """The same as `check`, one result at a time as soon as it is known."""
    import envs

    end = time.monotonic() + PATIENCE + (seconds or 0.0)

    environment = None
    try:
        environment = envs.find(name_or_id)
    except UnknownEnvironment:
        if name_or_id not in gymnasium.registry:
            raise
    except EnvironmentProblem as problem:
        yield Result("the file can be imported", False, str(problem))
        return
    if environment is not None:
        from envs.engine.checks.rule_checks import PLAY_SECONDS, rule_checks

        for title, function in rule_checks(PLAY_SECONDS if seconds is None else seconds).items():
            result = run_check(title, lambda function=function: function(environment))
            yield result
            if not result.passed:
                # What follows would run the same broken rules, compiled, without a net.
                return
    env_id = environment.id if environment is not None else name_or_id
    yield run_check("Gymnasium's check_env", lambda: _gymnasium_check(env_id))
    yield run_check("Stable-Baselines3's check_env", lambda: _sb3_check(env_id))

    from envs.engine.checks.vector_checks import VECTOR_CHECKS
    from envs.engine.checks.vector_comparison import Maker

    maker = Maker(env_id)
    for title, check_vector in VECTOR_CHECKS.items():
        if time.monotonic() > end:
            yield Result(title, True, f"skipped: the checks before it took more than {PATIENCE:.0f} s")
            continue
        yield run_check(title, lambda check_vector=check_vector: check_vector(maker))


def run_check(title: str, function: Callable[[], str | None]) -> Result:
    """Run one check and turn whatever happens into a result; a string it returns is a note."""
    try:
        return Result(title, True, function() or "")
    except EnvironmentProblem as problem:
        return Result(title, False, str(problem))
    except Exception as error:
        text = " ".join(str(error).split())
        return Result(title, False, f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _gymnasium_check(env_id: str) -> str:
    from gymnasium.utils.env_checker import check_env

    # Rendering is left out: mode "human" would open windows. `rule_checks` draws each of our own.
    env = gymnasium.make(env_id, disable_env_checker=True)
    return _noted(lambda: check_env(env.unwrapped, skip_render_check=True))


def _sb3_check(env_id: str) -> str:
    try:
        checker = importlib.import_module("stable_baselines3.common.env_checker")
    except ImportError:
        return "skipped: stable-baselines3 is not installed"
    env = gymnasium.make(env_id, disable_env_checker=True)
    return _noted(lambda: checker.check_env(env, warn=True, skip_render_check=True))


def _noted(function: Callable[[], None]) -> str:
    """Run a foreign checker; its warnings become a note."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    notes = [" ".join(str(w.message).replace("\x1b[33m", "").replace("\x1b[0m", "").split()) for w in caught]
    return "; ".join(dict.fromkeys(note.removeprefix("WARN: ") for note in notes))
