"""`Environment`: what one environment file declares, checked when the file is imported."""

from __future__ import annotations

import difflib
import dis
import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any

import numpy as np
from gymnasium import spaces

from envs.engine.declaration import ENGINE_FIELDS, FUNCTIONS, OPTIONAL, Param, check
from envs.engine.errors import BadParameter, UnknownParameter

__all__ = ["Baseline", "Environment", "Param"]

Baseline = Callable[..., Any]
"""`baseline(obs, action_space) -> action`, or `baseline(obs, action_space, memory) -> action, memory` of a
player that remembers; its memory is None when an episode begins, and is replaced, never changed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Environment:
    """One environment: its state, its parameters, its functions and its picture. See docs/architecture.md.

    Attributes:
        id: Gymnasium id, such as "sandbox/CartPole-v1".
        state: structured dtype of one environment's state.
        params: what a user may turn.
        reset: `reset(state, params)` writes the first state of an episode into a zeroed record.
        step: `step(state, action, params)` changes the state, returns `reward, terminated`.
        observe: `observe(state, params, obs)` writes one observation into a row of zeros.
        draw: `draw(state, params, canvas)` draws a picture; never compiled.
        mask: `mask(state, params, out)` writes True into a row of False for each action that is allowed now,
            or None where all always are. For `Discrete` one bool an action, for `MultiDiscrete` the bools of
            one choice after the other. What is allowed at the end of an episode is looked at by nobody.
        observation_space: `Box`, `Discrete`, `MultiDiscrete` or `MultiBinary`.
        action_space: the same kinds.
        max_episode_steps: steps after which an episode is truncated, or None.
        reward_threshold: return at which the environment counts as solved, or None.
        action_names: one for each action of a `Discrete` space.
        obs_names: one for each number of an observation `(n,)`, or for each channel of one `(H, W, C)`.
        lowest_row_first: whether row 0 of such an observation is the lowest one of the picture.
        keys: key name to action, for people who play.
        key_words: what keys do whose actions have no names.
        idle_action: what happens when a person presses nothing: an action, or None to repeat the last one.
        turn_based: nothing happens until a person presses a key; each press is one step.
        size: width and height of the picture, in the units that `draw` uses.
        fps: steps in a second when a person plays or watches.
        info: state fields that are reported in `info`.
        baseline: `baseline(obs, action_space)` returns the action of a simple hand-written player, or None.
            One that remembers takes what it remembers as a third argument and returns it after the action.
    """

    id: str
    state: np.dtype
    params: Mapping[str, Param]
    reset: Callable[..., Any]
    step: Callable[..., Any]
    observe: Callable[..., Any]
    draw: Callable[..., Any]
    observation_space: spaces.Space
    action_space: spaces.Space
    mask: Callable[..., Any] | None = None
    max_episode_steps: int | None = None
    reward_threshold: float | None = None
    action_names: tuple[str, ...] = ()
    obs_names: tuple[str, ...] = ()
    lowest_row_first: bool = False
    keys: Mapping[str, Any] = field(default_factory=dict)
    key_words: Mapping[str, str] = field(default_factory=dict)
    idle_action: Any = None
    turn_based: bool = False
    size: tuple[int, int] = (600, 400)
    fps: int = 30
    info: tuple[str, ...] = ()
    baseline: Baseline | None = None

    def __post_init__(self) -> None:
        check(self)

    @property
    def module(self) -> str:
        """Name of the module that the environment is written in."""
        return self.step.__module__

    @property
    def name(self) -> str:
        """Name of the file without its ending, such as "cartpole"."""
        return self.module.rpartition(".")[2]

    @property
    def file(self) -> str:
        """Path of the file that the environment is written in."""
        return self.step.__code__.co_filename

    @property
    def rules(self) -> str:
        """The rules in prose: the docstring of the file."""
        return inspect.cleandoc(getattr(sys.modules.get(self.module), "__doc__", None) or "")

    @property
    def goal(self) -> str:
        """The first sentence of the rules."""
        return re.split(r"(?<=[.!?])\s", " ".join(self.rules.split()), maxsplit=1)[0]

    def key_does(self, key: str) -> str:
        """What a key does, in words; empty if the file says nothing of it."""
        action = self.keys[key]
        named = isinstance(action, int) and 0 <= action < len(self.action_names)
        return self.action_names[action] if named else self.key_words.get(key, "")

    @cached_property
    def functions(self) -> dict[str, FunctionType]:
        """The functions that the file declares, by name."""
        found = {name: getattr(self, name) for name in (*FUNCTIONS, *OPTIONAL)}
        return {name: function for name, function in found.items() if function is not None}

    @cached_property
    def mask_size(self) -> int:
        """Bools of a mask: one for each action, or one for each option of each choice."""
        space = self.action_space
        if isinstance(space, spaces.MultiDiscrete):
            return int(space.nvec.sum())
        return int(space.n) if isinstance(space, spaces.Discrete) else 0

    @cached_property
    def baseline_remembers(self) -> bool:
        """Whether the hand-written player keeps something in mind from step to step."""
        code = getattr(self.baseline, "__code__", None)
        return code is not None and code.co_argcount == 3

    def baseline_step(self, obs: Any, memory: Any = None) -> tuple[Any, Any]:
        """Let the hand-written player decide.

        Args:
            obs: one observation.
            memory: what the last call in this episode returned; None in the first.

        Returns:
            The action, and what the player remembers: None unless it `baseline_remembers`.
        """
        assert self.baseline is not None, f"{self.id} has no hand-written player"
        if self.baseline_remembers:
            return self.baseline(obs, self.action_space, memory)
        return self.baseline(obs, self.action_space), None

    def function_at(self, line: int | None) -> str | None:
        """Name of the function of the file that contains a line, or None."""
        for name, function in self.functions.items():
            code = function.__code__
            last = max((n for _, _, n in code.co_lines() if n), default=code.co_firstlineno)
            if line is not None and code.co_filename == self.file and code.co_firstlineno <= line <= last:
                return name
        return None

    def line_naming(self, name: str) -> int | None:
        """The first line of one of the functions that mentions a name, or None."""
        for function in self.functions.values():
            line = None
            for instruction in dis.get_instructions(function):
                line = instruction.starts_line or line
                if instruction.argval == name:
                    return line
        return None

    @cached_property
    def state_dtype(self) -> np.dtype:
        """The state and the engine's fields, aligned, with attribute access."""
        fields = [(name, self.state[name]) for name in self.state.names or ()]
        return np.dtype((np.record, np.dtype([*fields, *ENGINE_FIELDS], align=True)))

    @property
    def obs_bytes(self) -> int:
        """Bytes of one observation."""
        space = self.observation_space
        return int(np.prod(space.shape or (1,), dtype=np.int64)) * np.dtype(space.dtype).itemsize

    @cached_property
    def param_dtype(self) -> np.dtype:
        """The parameters, aligned, with attribute access."""
        # A record needs a field, so an environment without parameters gets one that nobody reads.
        fields = [(name, param.dtype) for name, param in self.params.items()] or [("none", np.dtype("u1"))]
        return np.dtype((np.record, np.dtype(fields, align=True)))

    def param_values(self, **values: float) -> np.ndarray:
        """The parameters as an array of one record.

        Args:
            **values: parameters that differ from their defaults.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
        """
        record = np.zeros(1, self.param_dtype)
        for name, param in self.params.items():
            record[name] = param.default
        for name, value in values.items():
            record[name] = self.checked_param(name, value)
        return record

    def checked_param(self, name: str, value: Any) -> Any:
        """`value` if parameter `name` may have it.

        Raises:
            BadParameter: a value outside its range; an UnknownParameter: no such parameter.
        """
        param = self.params.get(name)
        if param is None:
            near = difflib.get_close_matches(name, self.params, n=3, cutoff=0.5) or list(self.params)
            known = f"did you mean {' or '.join(near)}?" if near else "it has none."
            raise UnknownParameter(f"{self.id} has no parameter {name!r}; {known}")
        unit = f" {param.unit}" if param.unit else ""
        bounded = math.isfinite(param.low) or math.isfinite(param.high)
        allowed = f"{param.low:g} to {param.high:g}{unit}" if bounded else "any finite number"
        if isinstance(param.default, bool):
            # 0 and 1 too: settings of agents and the command line hold numbers.
            allowed = "True or False, 1 or 0"
            good = isinstance(value, (bool, np.bool_)) or value in (0, 1)
        elif not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
            good = False
        else:
            finite = math.isfinite(value)
            whole = isinstance(param.default, float) or (finite and float(value).is_integer())
            good = finite and whole and param.low <= value <= param.high
            allowed += "" if isinstance(param.default, float) else ", whole numbers"
        if not good:
            raise BadParameter(f"{name} of {self.id} cannot be {value!r}: allowed is {allowed}.")
        return value

    def __repr__(self) -> str:
        return f"Environment({self.id!r})"

    def __deepcopy__(self, memo: dict) -> Environment:
        return self

    def __reduce__(self) -> tuple[Callable[[str], Environment], tuple[str]]:
        from envs import find

        return find, (self.file,)
