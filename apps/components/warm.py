"""Heavy imports in a background thread, so that the first page never waits for torch."""

import importlib
import logging
import sys
import threading
import time

HEAVY = ("torch", "sandbox.task", "envs", "agents.player", "agents.evaluate")
"""Imported in this order; pages that need one of them ask `ready` and show what they can until then."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_done: set[str] = set()
_started = False


def start(delay: float = 0.3) -> None:
    """Begin importing, once per server; called after the first page was drawn.

    Args:
        delay: seconds to leave the processor to the page that has just been sent.
    """
    global _started
    with _lock:
        if _started:
            return
        _started = True
    threading.Thread(target=_import_all, args=(delay,), daemon=True, name="warm").start()


def ready(*modules: str) -> bool:
    """Whether modules of `HEAVY` can be imported without waiting; also when importing them failed."""
    return not _started or all(module in _done for module in modules)


def _import_all(delay: float) -> None:
    time.sleep(delay)
    for module in HEAVY:
        try:
            importlib.import_module(module)
            if module == "torch":
                # One thread: what the studio computes is small, and the cores belong to the job that trains.
                sys.modules["torch"].set_num_threads(1)
        except Exception:
            _log.exception("could not import %s in the background", module)
        _done.add(module)
