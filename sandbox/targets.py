"""What `train`, `watch`, `play`, `evaluate` and `check` can be pointed at, found by name."""

import importlib
from dataclasses import dataclass
from typing import Literal

from sandbox import catalog
from sandbox.errors import UserError, did_you_mean


@dataclass(frozen=True)
class Target:
    """Something to train on.

    Attributes:
        name: the file's name (`cartpole`, `vision/classify`), or a Gymnasium id of somebody else's.
        kind: an `agent` learns in an environment, a `task` is learned from data.
    """

    name: str
    kind: Literal["agent", "task"]


def find_target(name: str) -> Target:
    """Finds an environment or a task by its file's name, or any environment by its Gymnasium id.

    Raises:
        UserError: there is none of that name; names the nearest.
        BrokenEnvironment: the file exists and is broken; names it and the line.
    """
    if name in (entry.name for entry in catalog.tasks()):
        return Target(name, "task")
    return Target(find_environment(name), "agent")


def find_environment(name: str) -> str:
    """The name of an environment: its file's name if it is one of `envs/`, else its Gymnasium id.

    Raises:
        UserError: there is none of that name; names the nearest.
        BrokenEnvironment: the file exists and is broken; names it and the line.
    """
    files = [entry.name for entry in catalog.envs()]
    if name in files:
        return name
    envs = importlib.import_module("envs")
    for file in files:
        if name.startswith("sandbox/") and envs.find(file).id == name:
            return file
    gymnasium = importlib.import_module("gymnasium")
    try:
        gymnasium.spec(name)
    except (gymnasium.error.Error, ImportError) as error:
        known = [*files, *(entry.name for entry in catalog.tasks()), *gymnasium.registry]
        hint = did_you_mean(name, known) or " `sandbox list` shows what there is."
        raise UserError(f"There is no environment or task {name!r}.{hint}") from error
    return name


def import_task(name: str) -> object:
    """The `TASK` of a task file, such as `vision/classify`.

    Raises:
        UserError: there is none of that name; names the nearest.
    """
    names = [entry.name for entry in catalog.tasks()]
    if name not in names:
        hint = did_you_mean(name, names) or " `sandbox list tasks` shows what there is."
        raise UserError(f"There is no task {name!r}.{hint}")
    return importlib.import_module(f"apps.{name.replace('/', '.')}").TASK
