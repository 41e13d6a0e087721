"""What `train` and `evaluate` can be pointed at: an environment or a task, found by name."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sandbox import registry, trust
from sandbox.errors import UserError, did_you_mean


@dataclass(frozen=True)
class Target:
    """Something to train on.

    Attributes:
        name: the file's name (`cartpole`, `vision/classify`), its path if it lies elsewhere, or a Gymnasium
            id of somebody else's.
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
    if registry.is_task(name):
        return Target(name, "task")
    try:
        return Target(find_environment(name), "agent")
    except UserError:
        hint = did_you_mean(name, [entry.name for entry in [*registry.envs(), *registry.tasks()]])
        if not hint:
            raise
        raise UserError(f"There is no environment or task {name!r}.{hint}") from None


def find_environment(name: str) -> str:
    """The name of an environment: that of its file if it is one of `envs/`, else its Gymnasium id.

    For names that a person has typed: a file elsewhere is imported, and is known to this installation from
    then on. Names that are read from a run are checked when its config.json is read.

    Raises:
        UserError: there is none of that name; names the nearest.
        BrokenEnvironment: the file exists and is broken; names it and the line.
    """
    trust.remember(name)
    target = importlib.import_module("agents.environments").find_target(name)
    # A file outside of envs/ is found by its path only, and from any folder by its whole path.
    return str(Path(name).resolve()) if name.endswith(".py") else target.name


def import_task(name: str) -> Any:
    """The `TASK` of a task file, such as `vision/classify`.

    Raises:
        UserError: there is none of that name; names the nearest.
    """
    if not registry.is_task(name):
        names = [entry.name for entry in registry.tasks()]
        hint = did_you_mean(name, names) or " `sandbox list tasks` shows what there is."
        raise UserError(f"There is no task {name!r}.{hint}")
    return importlib.import_module(f"apps.{name.replace('/', '.')}").TASK
