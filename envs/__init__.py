"""Environments written as plain Python functions, run at compiled speed.

Importing this package registers every file in it with Gymnasium: the folder is the list. A file that cannot
be imported does no harm to the others; asking for it says what is wrong with it.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import traceback
from pathlib import Path

import gymnasium

from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, UnknownEnvironment

_environments: dict[str, Environment] = {}
_broken: dict[str, BrokenEnvironment] = {}


def names() -> list[str]:
    """File names of all environments that can be used, in alphabetical order."""
    return sorted(_environments)


def broken() -> dict[str, BrokenEnvironment]:
    """File names of the environments that could not be imported, and what is wrong with each."""
    return dict(_broken)


def find(name: str) -> Environment:
    """An environment by the name of its file ("cartpole") or its Gymnasium id ("sandbox/CartPole-v1").

    Raises:
        BrokenEnvironment: the file of this name could not be imported.
        UnknownEnvironment: there is no such file; names the nearest.
    """
    if name in _environments:
        return _environments[name]
    for environment in _environments.values():
        if environment.id == name:
            return environment
    if name in _broken:
        raise _broken[name]
    known = names()
    ids = {environment.id: key for key, environment in _environments.items()}
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    near = near or [ids[match] for match in difflib.get_close_matches(name, ids, n=1, cutoff=0.5)]
    guess = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    raise UnknownEnvironment(f"No environment is called {name!r}. {guess}")


def register(environment: Environment) -> None:
    """Make an environment known to `find`, `gymnasium.make` and `gymnasium.make_vec`."""
    _environments[environment.name] = environment
    gymnasium.register(
        environment.id,
        entry_point="envs.engine.single:SingleEnv",
        vector_entry_point="envs.engine.vector:BatchVectorEnv",
        max_episode_steps=environment.max_episode_steps,
        reward_threshold=environment.reward_threshold,
        kwargs={"environment": environment.name},
    )


def _import_file(name: str) -> None:
    try:
        module = importlib.import_module(f"envs.{name}")
        environment = getattr(module, "ENV", None)
        if not isinstance(environment, Environment):
            raise BrokenEnvironment(str(module.__file__), None, None, "it has no ENV = Environment(...)")
        register(environment)
    except BrokenEnvironment as error:
        _broken[name] = error
    except Exception as error:
        _broken[name] = _import_error(Path(__file__).with_name(f"{name}.py"), error)


def _import_error(file: Path, error: Exception) -> BrokenEnvironment:
    if isinstance(error, SyntaxError):
        return BrokenEnvironment(error.filename or file, error.lineno, None, error.msg)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file]
    return BrokenEnvironment(file, lines[-1] if lines else None, None, f"{type(error).__name__}: {error}")


for _module in pkgutil.iter_modules(__path__):
    if not _module.ispkg:
        _import_file(_module.name)
