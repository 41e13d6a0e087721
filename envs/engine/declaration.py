"""What an environment file may declare: each wrong declaration is a sentence that names file and line."""

from __future__ import annotations

import inspect
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from gymnasium import spaces

from envs.engine.errors import BrokenEnvironment

ENGINE_FIELDS = (("rng", "u8"), ("steps", "i8"), ("over", "?"))
"""What the engine adds to each record: the generator, the steps of this episode, and whether it is over."""

RESERVED = {"environment", "num_envs", "render_mode", "max_episode_steps", "autoreset_mode", "device"}
RESERVED |= {"stream", "num_threads", "batch"}
"""Keyword arguments of `gym.make` and `gym.make_vec` that are no parameters."""

SHADOWED = frozenset(dir(np.record))
"""Names that mean something else on a NumPy record, where a field of that name could not be read."""

FUNCTIONS = {"reset": 2, "step": 3, "observe": 3, "draw": 3}
"""The functions of an environment file and how many arguments each takes."""

OPTIONAL = {"mask": 3}
"""Functions that a file may leave out."""

MOST_NUMBERS = 2**20
"""Numbers that a state or an observation may hold: a picture of 591 x 591 pixels in three colours, say."""


@dataclass(frozen=True)
class Param:
    """One number of an environment that a user may turn, also while it runs.

    Attributes:
        default: value when nothing is said; its type (bool, int or float) is the type of the parameter.
        low: least value allowed.
        high: greatest value allowed.
        unit: physical unit, for display.
        help: what it does, in a few words.
    """

    default: float
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    help: str = ""

    @property
    def dtype(self) -> np.dtype:
        """How the parameter is stored: `bool`, `int64` or `float64`."""
        kind = type(self.default)
        return np.dtype("?" if kind is bool else "i8" if kind is int else "f8")


def fail(environment: Any, reason: str, function: str | None = None) -> BrokenEnvironment:
    """The error for `reason`, at a function or else at the statement that declares the environment."""
    code = getattr(getattr(environment, function), "__code__", None) if function else None
    if code is not None:
        return BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)
    frame = sys._getframe()
    engine = str(Path(__file__).parent)
    while frame.f_back and (frame.f_code.co_filename.startswith((engine, "<string>"))):
        frame = frame.f_back
    return BrokenEnvironment(frame.f_code.co_filename, frame.f_lineno, None, reason)


def check(environment: Any) -> None:
    """Check all that an `Environment` declares.

    Raises:
        BrokenEnvironment: what is wrong with the first that is.
    """
    _check_functions(environment)
    _check_state(environment)
    _check_params(environment)
    _check_spaces(environment)


def _check_functions(environment: Any) -> None:
    for name, count in (FUNCTIONS | OPTIONAL).items():
        function = getattr(environment, name)
        if function is None and name in OPTIONAL:
            continue
        if not isinstance(function, FunctionType):
            raise fail(environment, f"{name} must be a plain function, not {type(function).__name__}")
        code = function.__code__
        if code.co_argcount != count or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
            takes = ", ".join(code.co_varnames[: code.co_argcount])
            raise fail(environment, f"{name}({takes}) must take {count} arguments", name)


def _check_state(environment: Any) -> None:
    state = environment.state
    if not isinstance(state, np.dtype) or not state.names:
        raise fail(environment, "state must be a structured NumPy dtype with at least one field")
    taken = {name for name, _ in ENGINE_FIELDS}
    for name in state.names:
        base = state[name].base
        if name in taken:
            raise fail(environment, f"state field {name!r} has a name that the engine uses; choose another")
        if not name.isidentifier() or name.startswith("_"):
            raise fail(environment, f"state field {name!r} must be a plain Python name")
        if name in SHADOWED:
            raise fail(environment, f"state field {name!r} has a name that NumPy uses; choose another")
        if base.kind not in "biuf" or base.itemsize > 8:
            raise fail(environment, f"state field {name!r} must hold numbers or bools, not {base}")
    numbers = sum(int(np.prod(state[name].shape, dtype=np.float64)) for name in state.names)
    if numbers > MOST_NUMBERS:
        raise fail(environment, f"state holds {numbers:,} numbers, {MOST_NUMBERS:,} are the most")
    for name in environment.info:
        if name not in state.names:
            raise fail(environment, f"info names {name!r}, which is no field of state")
        if name == "action_mask" and environment.mask is not None:
            raise fail(environment, "info names 'action_mask', under which infos report the mask")


def _check_params(environment: Any) -> None:
    for name, param in environment.params.items():
        if not isinstance(param, Param):
            raise fail(environment, f"parameter {name!r} must be a Param, not {type(param).__name__}")
        if name in RESERVED or not name.isidentifier() or name.startswith("_"):
            raise fail(environment, f"a parameter cannot be named {name!r}; choose another name")
        if name in SHADOWED:
            raise fail(environment, f"parameter {name!r} has a name that NumPy uses; choose another")
        if not param.low <= param.default <= param.high:
            raise fail(environment, f"the default of parameter {name!r} is outside its own range")


def _check_spaces(environment: Any) -> None:
    for name in ("observation_space", "action_space"):
        space = getattr(environment, name)
        known = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
        if not isinstance(space, known):
            kinds = "Box, Discrete, MultiDiscrete or MultiBinary"
            raise fail(environment, f"{name} must be a {kinds} space, not {space}")
        shape = space.shape or ()
        number = (spaces.Discrete, spaces.Box) if name == "action_space" else spaces.Discrete
        if 0 in shape or not (shape or isinstance(space, number)):
            raise fail(environment, f"{name} must have at least one number, its shape is {space.shape}")
        numbers = int(np.prod(space.shape or (1,), dtype=np.float64))
        if numbers > MOST_NUMBERS:
            raise fail(environment, f"{name} has {numbers:,} numbers, {MOST_NUMBERS:,} are the most")
    if environment.mask is not None and not isinstance(
        environment.action_space, (spaces.Discrete, spaces.MultiDiscrete)
    ):
        raise fail(environment, "mask is for actions of a Discrete or MultiDiscrete space")
    steps = environment.max_episode_steps
    if steps is not None and (not isinstance(steps, int) or steps < 1):
        raise fail(environment, f"max_episode_steps must be at least 1 or None, not {steps!r}")
    actions = environment.action_space
    if environment.action_names and (
        not isinstance(actions, spaces.Discrete) or len(environment.action_names) != actions.n
    ):
        raise fail(environment, "action_names must have one name for each action of a Discrete space")
    shape = environment.observation_space.shape
    if environment.obs_names and (not shape or shape[-1] != len(environment.obs_names)):
        raise fail(environment, f"obs_names must have one name for each number or channel of {shape}")
    for key, action in environment.keys.items():
        discrete = isinstance(actions, spaces.Discrete)
        if not actions.contains(action if discrete else np.asarray(action, actions.dtype)):
            raise fail(environment, f"key {key!r} stands for {action!r}, which is no action")
    for key in environment.key_words:
        if key not in environment.keys:
            raise fail(environment, f"key_words says what {key!r} does, which is none of its keys")
