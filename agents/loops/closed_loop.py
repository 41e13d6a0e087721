"""The contract of a closed loop: how a task's answer about a camera picture becomes an action.

A task whose network can drive an environment has a file beside its own, `apps/<domain>/<task>_loop.py`, with
an instance `LOOP` of a subclass of `ClosedLoop`. From that follow `sandbox watch RUN`, the Arena, a view on
the task's page, and a table in `sandbox evaluate RUN`: the network beside the task's strongest baseline,
which sees the same pictures, and the environment's hand-written player, which is told the true state.

    class Brake(ClosedLoop):
        environment = "work_cell"
        counts = {"injuries": "injuries", "cycles": "cycles of work"}

        def own(self, obs):
            return obs[48:55]  # where the hand is and how fast: its own encoders say so

        def act(self, answer, own, memory):
            return (0 if len(answer.boxes) else 4), None

    LOOP = Brake()
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

import envs
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from envs.engine.environment import Environment
from sandbox import registry
from sandbox.corruptions.corruption import Corruption
from sandbox.corruptions.scene import CORRUPTIONS
from sandbox.errors import UserError, did_you_mean


class ClosedLoop(ABC):
    """How a task's network drives an environment. Subclass it, and put one instance `LOOP` into the file.

    Attributes:
        environment: name of its file.
        counts: what is counted in an episode besides its return, by the field of `info` that holds it at the
            end: `{"injuries": "injuries"}`; fields and the words for them.
        spoils: ways to spoil what the camera sees, of `sandbox.corruptions.scene`, which can be turned while
            it drives, as can the environment's parameters.
        grain: standard deviation of the noise of the camera's pixels, of 1.
        episodes: that `sandbox evaluate` lets everybody drive, unless it is told otherwise.
    """

    environment: ClassVar[str]
    counts: ClassVar[Mapping[str, str]] = {}
    spoils: ClassVar[Sequence[str]] = ("fog", "night", "blur", "noise")
    grain: ClassVar[float] = 3 / 255
    episodes: ClassVar[int] = 20

    def own(self, obs: Any) -> Any:
        """What a machine knows of itself without a camera, such as its speed; nothing else is passed on.

        Args:
            obs: an observation of the environment.
        """
        return None

    def size(self, predictor: Any) -> tuple[int, int]:
        """Height and width of the camera's pictures: by default those that the predictor takes."""
        height, width = predictor.input.shape[-2:]
        return int(height), int(width)

    def inputs(self, pictures: NDArray[Any]) -> Any:
        """What the predictor is asked about, of pictures `(N, 3, H, W)` f4 in [0, 1]; by default those."""
        return pictures

    def answers(self, predictor: Any, pictures: NDArray[Any]) -> Sequence[Any]:
        """What `act` and `draw` are given, for each picture; by default what the predictor answers."""
        return list(predictor.predict(self.inputs(pictures)))

    @abstractmethod
    def act(self, answer: Any, own: Any, memory: Any) -> tuple[Any, Any]:
        """The action, and what is to be remembered.

        Args:
            answer: about the picture of this moment, of `answers`.
            own: what `own` gave.
            memory: what was returned last in this episode; None at its start.
        """

    def draw(self, answer: Any, camera: Camera, canvas: Canvas) -> None:
        """Draw over the environment's picture what was seen; `camera.units` says where pixels lie."""
        return

    @property
    def world(self) -> Environment:
        """The environment."""
        return envs.find(self.environment)

    @property
    def ways(self) -> Mapping[str, Corruption]:
        """The corruptions that `spoils` names."""
        return {name: CORRUPTIONS[name] for name in self.spoils}

    def conditions(self, values: Mapping[str, float | int]) -> tuple[dict[str, Any], dict[str, float]]:
        """Sort conditions into parameters of the environment and amounts of each way to spoil pictures.

        Raises:
            UserError: there is no such condition, or an amount is out of its range.
            BadParameter: a parameter's value is out of its range.
        """
        declared, params, spoilt = self.world.params, {}, {}
        for name, value in values.items():
            if name in declared:
                kind = type(declared[name].default)
                whole = kind is not float and float(value).is_integer()
                self.world.checked_param(name, value := kind(value) if whole else value)
                params[name] = value
            elif name in self.spoils:
                most = self.ways[name].most
                if not 0 <= value <= most:
                    raise UserError(f"{name} goes from 0 to {most:g}, so it cannot be {value:g}.")
                spoilt[name] = float(value)
            else:
                known = [*self.spoils, *declared]
                hint = did_you_mean(name, known) or f" There are {', '.join(known)}."
                raise UserError(f"{self.environment} has no condition {name!r}.{hint}")
        return params, spoilt


def loop_of(task: str) -> ClosedLoop | None:
    """The closed loop of a task by its name, such as `safety/distance`; None if it drives nothing."""
    module = registry.loop_of(task)
    return None if module is None else importlib.import_module(module).LOOP  # upwards by name only


def the_loop_of(task: str) -> ClosedLoop:
    """As `loop_of`.

    Raises:
        UserError: the task drives nothing.
    """
    loop = loop_of(task)
    if loop is None:
        raise UserError(f"{task} drives no environment; only agents can be watched, and networks that drive.")
    return loop
