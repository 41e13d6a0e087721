"""Environments written as plain Python functions, run at compiled speed.

Importing this package registers every file in it with Gymnasium: the folder is the list. A file that cannot
be imported does no harm to the others; asking for it says what is wrong with it.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import multiprocessing
import os
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType

import gymnasium

from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, UnknownEnvironment

_environments: dict[str, Environment] = {}
_broken: dict[str, BrokenEnvironment] = {}
_files: dict[str, tuple[int, Environment]] = {}
"""Files outside of this folder: path to time of change in ns, and the environment."""


def names() -> list[str]:
    """File names of all environments that can be used, in alphabetical order."""
    return sorted(_environments)


def broken() -> dict[str, BrokenEnvironment]:
    """File names of the environments that could not be imported, and what is wrong with each."""
    return dict(_broken)


def find(name: str) -> Environment:
    """An environment by its name.

    Args:
        name: name of a file here ("cartpole"), its Gymnasium id ("sandbox/CartPole-v1"), or the path of a
            file anywhere ("./maze.py").

    Raises:
        BrokenEnvironment: the file could not be imported.
        UnknownEnvironment: there is no such file; names the nearest.
    """
    if name in _environments:
        return _environments[name]
    if name.endswith(".py"):
        return _find_file(Path(name))
    for environment in (*_environments.values(), *(loaded for _, loaded in _files.values())):
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


def _register(environment: Environment, name: str) -> None:
    """Make an environment known to Gymnasium; `find(name)` must give it in any process."""
    if environment.id in gymnasium.registry:
        reason = f"the id {environment.id!r} is taken by another environment; choose another id or version"
        raise BrokenEnvironment(environment.file, None, None, reason)
    gymnasium.register(
        environment.id,
        entry_point="envs.engine.core.single:SingleEnv",
        vector_entry_point="envs.engine.make:make_vector",
        max_episode_steps=environment.max_episode_steps,
        reward_threshold=environment.reward_threshold,
        kwargs={"environment": name},
    )


def _import_file(name: str) -> None:
    try:
        module = importlib.import_module(f"envs.{name}")
        environment = _declared(module)
        _register(environment, name)
        _environments[name] = environment
    except BrokenEnvironment as error:
        _broken[name] = error
    except (Exception, SystemExit) as error:
        _broken[name] = _import_error(Path(__file__).with_name(f"{name}.py"), error)


def _find_file(path: Path) -> Environment:
    """The environment of a file outside of this folder, imported anew whenever the file has changed."""
    path = path.resolve()
    # Unlike Path's, this says no to a name that no file can have.
    if not os.path.isfile(path):  # noqa: PTH113
        raise UnknownEnvironment(f"There is no file {path}.")
    if path.parent == Path(__file__).parent:
        return find(path.stem)
    changed = path.stat().st_mtime_ns
    if str(path) in _files:
        known, environment = _files[str(path)]
        if known == changed:
            return environment
        del gymnasium.registry[environment.id]
    spec = importlib.util.spec_from_file_location(f"outside.{path.stem}", path)
    assert spec is not None and spec.loader is not None  # a file whose name ends in .py has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        # Read here and not by the loader, whose cached bytecode overlooks two changes within a second.
        exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
        environment = _declared(module)
    except BrokenEnvironment:
        raise
    except (Exception, SystemExit) as error:
        raise _import_error(path, error) from error
    _register(environment, str(path))
    _files[str(path)] = changed, environment
    return environment


def _declared(module: ModuleType) -> Environment:
    environment = getattr(module, "ENV", None)
    if not isinstance(environment, Environment):
        raise BrokenEnvironment(str(module.__file__), None, None, "it has no ENV = Environment(...)")
    return environment


def _import_error(file: Path, error: Exception | SystemExit) -> BrokenEnvironment:
    if isinstance(error, SyntaxError):
        return BrokenEnvironment(error.filename or file, error.lineno, None, error.msg)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file]
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SystemExit):
        said = "it ends the whole program (SystemExit) while it is imported; move that into a function"
    return BrokenEnvironment(file, lines[-1] if lines else None, None, said)


def _reach_later_processes() -> None:
    """See to it that processes which a fork server starts know these environments, too.

    Stable-Baselines3's `SubprocVecEnv` makes environments there, by their ids. It helps as long as the server
    does not run yet; the id "envs:sandbox/CartPole-v1", which names the module to import, always does.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        known = getattr(forkserver._forkserver, "_preload_modules", ["__main__"])
        if __name__ not in known:
            multiprocessing.set_forkserver_preload([*known, __name__])


_reach_later_processes()

for _module in pkgutil.iter_modules(__path__):
    if not _module.ispkg:
        _import_file(_module.name)
