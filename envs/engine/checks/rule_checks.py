"""Checks of one of our own environment files: its rules, uncompiled, bounds-checked and compiled."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np

from envs.engine.canvas import DisplayList, PygameCanvas
from envs.engine.checks.long_play import play_long
from envs.engine.core import trial_run
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.compile import Backend
from envs.engine.core.kernels import DISABLED
from envs.engine.core.time_limit import TooSlow, at_most
from envs.engine.core.trial_run import (
    FEWEST_STEPS,
    NUM_STEPS,
    TOO_SLOW,
    call_rule,
    held_actions,
    rules_run_as_python,
    shown,
    wrong,
)
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, CheckFailed, ResetNeeded

NUM_ENVS, LIMIT = 4, 60
"""Size of the batches, and steps after which their episodes are cut off."""

PLAY_SECONDS = 2.0
"""How long `long_play_holds` plays, unless it is told."""

LARGE = 2**18
"""Bytes of an observation from which on one copy is played instead of a few."""

ROOM = 2**29
"""Bytes of observations that are kept to be compared."""


def long_play_holds(environment: Environment, seconds: float = PLAY_SECONDS) -> str:
    """Play long, with array bounds and divisions checked; a fault is repeated in plain Python, for its line.

    A third of the time is for episodes without a limit, a third for episodes of the usual length, and a third
    for the least and the greatest values of the parameters. All of that is played shortly first.
    """
    extremes = [
        {name: param.dtype.type(value).item()}
        for name, param in environment.params.items()
        for value in ((False, True) if param.dtype.kind == "b" else (param.low, param.high))
        if math.isfinite(value) and value != param.default
    ]
    played = 0
    for part in (0.05, 0.95):
        third = part * seconds / 3
        for limit in (None, environment.max_episode_steps):
            played += play_long(environment, third, limit=limit)
        for values in extremes:
            try:
                played += play_long(environment, third / len(extremes), params=values, limit=LIMIT)
            except BrokenEnvironment as problem:
                (name, value), *_ = values.items()
                reason = f"with {name}={value}, {problem.reason}"
                raise BrokenEnvironment(problem.file, problem.line, problem.function, reason) from problem
    return f"{played:,} steps in {seconds:g} s; --seconds plays longer"


def nothing_follows_the_end(environment: Environment) -> None:
    """Step past the end of episodes, and before their beginning: both must be refused, and change nothing."""
    batch = Batch(environment, NUM_ENVS, max_episode_steps=LIMIT)
    arrays = Arrays(batch)
    actions = held_actions(environment, LIMIT, NUM_ENVS)
    _expect_refusal(environment, batch, arrays, actions[0], "before the first reset")
    batch.seed(0)
    batch.reset(arrays.obs)
    for row in actions:
        if batch.step(row, *arrays.in_order(), DISABLED):
            break
    _expect_refusal(environment, batch, arrays, actions[0], "after the end of an episode")
    batch.reset(arrays.obs, arrays.terminated | arrays.truncated)
    batch.step(actions[0], *arrays.in_order(), DISABLED)


def _expect_refusal(
    environment: Environment, batch: Batch, arrays: Arrays, actions: np.ndarray, when: str
) -> None:
    before = batch.states.tobytes(), *(array.tobytes() for array in arrays.in_order())
    try:
        batch.step(actions, *arrays.in_order(), DISABLED)
    except ResetNeeded:
        if before == (batch.states.tobytes(), *(array.tobytes() for array in arrays.in_order())):
            return
    raise wrong(environment, "step", f"a step {when} is played instead of being refused")


def compiled_equals_python(environment: Environment) -> str:
    """Play the same actions compiled and uncompiled."""
    actions = held_actions(environment, _fitting(environment, NUM_STEPS), _copies(environment))
    slow = _play(environment, "python", actions, 1, trial_run.SLOW_SECONDS)
    if not slow:
        return f"skipped: {TOO_SLOW}"
    fast = _play(environment, "compiled", actions[: len(slow["rewards"])], 1)
    for name in slow:
        same = np.isclose(slow[name], fast[name], rtol=1e-5, atol=1e-6, equal_nan=True)
        if not same.all():
            t, i, *_ = np.argwhere(~same)[0]
            function = {"obs": "observe", "final_obs": "observe", "masks": "mask"}.get(name, "step")
            raise wrong(
                environment,
                function,
                f"compiled and uncompiled rules differ: {name} of environment {i} after {t} steps is "
                f"{shown(fast[name][t, i])} compiled and {shown(slow[name][t, i])} in Python",
            )
    return ""


def snapshots_restore(environment: Environment) -> None:
    """Go back to a snapshot, also in another batch, and play on: the same must happen again."""
    half = _fitting(environment, LIMIT)
    copies = _copies(environment)
    actions = held_actions(environment, 2 * half, copies)
    batch, other = (Batch(environment, copies, max_episode_steps=LIMIT) for _ in range(2))
    batch.seed(3)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    for row in actions[:half]:
        arrays.step(batch, row)
    saved = batch.snapshot()
    first = [arrays.step(batch, row) for row in actions[half:]]
    other.restore(saved)
    second = [arrays.step(other, row) for row in actions[half:]]
    for one, two in zip(first, second, strict=True):
        if any(not np.array_equal(one[name], two[name], equal_nan=True) for name in one):
            raise wrong(
                environment, "step", "after a snapshot was restored the episode went on differently: "
                "something outside of the state decides what happens",
            )  # fmt: skip


def can_be_drawn(environment: Environment) -> str:
    """Draw a first and a later state, as pixels and as a list of operations."""
    operations = DisplayList(environment.size)
    PygameCanvas(environment.size)  # nothing is imported while the time is taken
    backend: Backend
    for backend in ("python", "compiled"):
        batch = Batch(environment, 1, backend=backend)
        try:
            with at_most(trial_run.SLOW_SECONDS):
                _draw(batch, operations)
            break
        except TooSlow:
            continue  # rules that are too slow in plain Python can still be drawn
    else:
        if not operations.ops:
            return f"a picture takes more than {trial_run.SLOW_SECONDS:g} s, and was not drawn to the end"
    if not operations.ops:
        raise wrong(environment, "draw", "it draws nothing")
    return ""


def _draw(batch: Batch, operations: DisplayList) -> None:
    environment = batch.environment
    batch.seed(0)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    end = time.thread_time() + trial_run.SLOW_SECONDS / 2
    for row in held_actions(environment, 10, 1):
        before = batch.states.tobytes()
        call_rule(environment, "draw", batch.states[0], batch.params, PygameCanvas(environment.size))
        call_rule(environment, "draw", batch.states[0], batch.params, operations)
        if batch.states.tobytes() != before:
            raise wrong(environment, "draw", "it changes the state; a picture must not")
        if time.thread_time() > end:
            break
        with np.errstate(all="ignore"):
            arrays.step(batch, row)


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


def rule_checks(seconds: float = PLAY_SECONDS) -> dict[str, Callable[[Environment], str | None]]:
    """The checks by title, in their order; `seconds` are for playing long."""
    return {
        "the rules run as plain Python": partial(rules_run_as_python, seconds=trial_run.SLOW_SECONDS),
        "it can be drawn": can_be_drawn,
        "it plays long without a fault": partial(long_play_holds, seconds=seconds),
        "nothing follows the end of an episode": nothing_follows_the_end,
        "compiled equals uncompiled": compiled_equals_python,
        "a snapshot restores everything": snapshots_restore,
        "agents know its spaces": agents_know_the_spaces,
    }


def _play(
    environment: Environment, backend: Backend, actions: np.ndarray, seed: int, seconds: float = math.inf
) -> dict[str, np.ndarray]:
    """Everything that a batch writes while it plays `actions`, or as many as fit; first axis is time.

    Empty if not one step was played in the time.
    """
    batch = Batch(environment, actions.shape[1], max_episode_steps=LIMIT, backend=backend)
    batch.seed(seed)
    arrays, steps = Arrays(batch), []
    with np.errstate(all="ignore"), suppress(TooSlow), at_most(seconds):
        batch.reset(arrays.obs)
        for row in actions:
            steps.append(arrays.step(batch, row))
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]} if steps else {}


def _copies(environment: Environment) -> int:
    return NUM_ENVS if environment.obs_bytes < LARGE else 1


def _fitting(environment: Environment, steps: int) -> int:
    """So many of `steps` that what they return can be kept."""
    return max(FEWEST_STEPS, min(steps, ROOM // (2 * _copies(environment) * environment.obs_bytes)))
