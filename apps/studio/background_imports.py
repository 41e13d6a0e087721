"""Heavy imports in a background thread, so that no page waits for torch before it shows anything.

Only imports: a chart made here would send its data with a page's chart. Streamlit collects what a chart shows
through a setting of Altair's that all threads share, and the browser fails on data that it does not know.
"""

import gc
import importlib
import logging
import queue
import sys
import threading
import time
from collections.abc import Sequence

FIRST = ("torch", "altair")
"""Imported while the first page is drawn, before what that page asks for; curves are altair's."""
LATER = ("torch._dynamo", "envs", "stable_baselines3")
"""Imported when nobody has asked for anything for a while: what most pages need sooner or later. The first
step of an optimizer imports the first, which takes as long as torch itself."""
IDLE = 10.0
"""Seconds without a question: the first page's training begins sooner when nothing competes with it."""
BREATH = 0.05
"""Seconds between two modules that nobody has asked for."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_wanted: "queue.SimpleQueue[str]" = queue.SimpleQueue()
_asked: set[str] = set()
_done: set[str] = set()
_started = False
_rest_until = 0.0


def start(delay: float = 0.3, later: Sequence[str] = ()) -> None:
    """Begin importing, once per server.

    Args:
        delay: seconds to leave the processor to the page that is being drawn.
        later: what pages need, to be imported with `LATER`.
    """
    global _started
    rest()
    with _lock:
        if _started:
            return
        _started = True
    for module in FIRST:
        _ask(module)
    modules = list(dict.fromkeys([*LATER, *later]))
    threading.Thread(target=_import_all, args=(delay, modules), daemon=True, name="warm").start()


def rest() -> None:
    """Import nothing for a while that nobody has asked for: something else comes first."""
    global _rest_until
    _rest_until = time.monotonic() + IDLE


def ready(*modules: str) -> bool:
    """Whether modules can be imported without waiting; those that cannot are imported in the background.

    One that fails to import counts as ready: importing it again shows its error where it is needed.
    """
    if not _started:
        return True
    # Not sys.modules: a module there may still be importing itself in the other thread.
    waiting = [module for module in modules if module not in _done]
    for module in waiting:
        _ask(module)
    return not waiting


def _ask(module: str) -> None:
    with _lock:
        if module in _asked:
            return
        _asked.add(module)
    rest()
    _wanted.put(module)


def _import_all(delay: float, later: list[str]) -> None:
    time.sleep(delay)
    settled = False
    while True:
        if not later and not settled:
            settled = True
            # What has come to stay is looked through for garbage no more.
            gc.collect()
            gc.freeze()
        try:
            pause = max(BREATH, _rest_until - time.monotonic())
            module = _wanted.get(timeout=pause if later else None)
        except queue.Empty:
            if time.monotonic() < _rest_until:
                continue
            module = later.pop(0)
        try:
            importlib.import_module(module)
            if module == "torch":
                # One thread: what the studio computes is small, and the cores belong to the job that trains.
                sys.modules["torch"].set_num_threads(1)
        except Exception:
            _log.exception("could not import %s in the background", module)
        _done.add(module)
