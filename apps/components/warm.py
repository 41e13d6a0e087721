"""Heavy imports in a background thread, so that no page waits for torch before it shows anything."""

import importlib
import logging
import queue
import sys
import threading
import time

FIRST = ("torch", "altair")
"""Imported while the first page is drawn, before what that page asks for; curves are altair's."""
LATER = ("envs", "stable_baselines3")
"""Imported when nobody has asked for anything for a while: what most pages need sooner or later."""
IDLE = 10.0
"""Seconds without a question: the first page's training begins sooner when nothing competes with it."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_wanted: "queue.SimpleQueue[str]" = queue.SimpleQueue()
_asked: set[str] = set()
_done: set[str] = set()
_started = False


def start(delay: float = 0.3) -> None:
    """Begin importing, once per server.

    Args:
        delay: seconds to leave the processor to the page that is being drawn.
    """
    global _started
    with _lock:
        if _started:
            return
        _started = True
    for module in FIRST:
        _ask(module)
    threading.Thread(target=_import_all, args=(delay,), daemon=True, name="warm").start()


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
    _wanted.put(module)


def _import_all(delay: float) -> None:
    time.sleep(delay)
    later = list(LATER)
    while True:
        try:
            module = _wanted.get(timeout=IDLE if later else None)
        except queue.Empty:
            module = later.pop(0)
        try:
            importlib.import_module(module)
            if module == "torch":
                # One thread: what the studio computes is small, and the cores belong to the job that trains.
                sys.modules["torch"].set_num_threads(1)
        except Exception:
            _log.exception("could not import %s in the background", module)
        _done.add(module)
