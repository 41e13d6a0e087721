"""Where compiled kernels are kept between processes."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from types import FunctionType
from typing import Any, TypeVar

T = TypeVar("T")
INTERNALS = (
    "numba.core.caching:FunctionCache.load_overload",
    "numba.core.caching:FunctionCache._load_overload",
    "numba.core.dispatcher:Dispatcher.compile",
    "numba.core.dispatcher:Dispatcher.disable_compile",
    "numba.core.runtime.nrt:rtsys.initialize",
    "numba.core.typeinfer:register_dispatcher",
    "numba.cpython.hashing",
)
"""All that `kept` uses of numba beyond what is documented there, and a dispatcher's `_cache`."""


def kept(function: FunctionType, signature: Any, options: dict[str, Any]) -> Callable[..., Any]:
    """A function compiled for one signature and kept beside its file: `numba.njit(signature, cache=True)`.

    Except that numba first collects all it knows of compiling, even if there is nothing left to compile. That
    takes several times as long as to load what was kept, and imports scipy. A numba whose internals are not
    those that this knows does it its own, slower way.
    """
    import numba

    made: Any = numba.njit(**options)(function)
    if made is function:  # numba is told to leave all as plain Python
        return made
    if missing_internals() or not hasattr(made, "_cache"):
        return numba.njit(signature, cache=True, **options)(function)
    from numba.core.typeinfer import register_dispatcher

    made._cache = _quick_cache(function)
    with register_dispatcher(made):
        made.compile(signature)
    made.disable_compile()
    return made


@cache
def missing_internals() -> tuple[str, ...]:
    """Those of `INTERNALS` that this version of numba does not have."""
    return tuple(name for name in INTERNALS if not _is_there(name))


def _is_there(name: str) -> bool:
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def _quick_cache(function: FunctionType) -> Any:
    """Numba's cache of a function, which loads without all that only compiling needs."""
    from numba.core.caching import FunctionCache
    from numba.core.runtime.nrt import rtsys
    from numba.cpython import hashing  # noqa: F401 - the other symbols that compiled code may ask for

    class QuickCache(FunctionCache):
        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                rtsys.initialize(target_context)
                return self._load_overload(sig, target_context)
            except Exception:
                # The file is damaged, or numba has changed: numba's own way fails at the first only.
                return super().load_overload(sig, target_context)

    return QuickCache(function)


def cached_source(source: str, name: str, key: str) -> Path:
    """A copy of `source` for one environment's kernels; numba keeps what it compiles beside it."""
    folder = cache_folder()
    file = folder / f"{name}_{key}.py"
    if not file.exists():
        # Written under another name first: a process that starts meanwhile must never see half a file.
        handle, draft = tempfile.mkstemp(dir=folder, suffix=".tmp")
        with os.fdopen(handle, "w") as stream:
            stream.write(Path(source).read_text())
        Path(draft).replace(file)
    return file


def from_cache(file: Path, load: Callable[[], T]) -> T:
    """What `load` gives; if it fails while there is compiled code beside `file`, that is thrown away first.

    A file that was cut short, by a full disk or a killed process, must not be taken for a fault of the rules.
    """
    try:
        return load()
    except Exception:
        compiled = [path for path in file.parent.rglob(f"{file.stem}.*") if path.suffix in (".nbi", ".nbc")]
        if not compiled:
            raise
        for path in compiled:
            path.unlink(missing_ok=True)
        return load()


def is_cached(name: str, key: str) -> bool:
    """Whether there are kernels of an environment under this key, or somebody is compiling them."""
    return (cache_folder() / f"{name}_{key}.py").exists()


def cache_folder() -> Path:
    """Where compiled kernels are kept: SANDBOX_CACHE, else the platform's cache folder, or a private one."""
    chosen = os.environ.get("SANDBOX_CACHE")
    if chosen:
        folder = Path(chosen)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "deep-sandbox" / "kernels"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Caches" / "deep-sandbox" / "kernels"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deep-sandbox" / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _temporary_folder()


def _temporary_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"deep-sandbox-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.stat()
        private = not hasattr(os, "getuid") or (
            status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        )
        if private and os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    # Compiled code is run as it is found, so never from a folder that somebody else could have filled.
    return Path(tempfile.mkdtemp(prefix="deep-sandbox-"))
