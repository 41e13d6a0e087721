"""Work of a second or more, done beside the page: ask again until it is there.

The work runs in one thread, without Streamlit; results are kept for all sessions.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

MOST = 128
"""Results kept; the oldest goes first."""

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
_lock = threading.Lock()
_futures: OrderedDict[Hashable, Future[Any]] = OrderedDict()
_look = threading.local()


def ask(key: Hashable, work: Callable[[], Any]) -> Any:
    """The result of `work`, or None while it is not there yet.

    Args:
        key: names the result; `work` is called once for it.
        work: must not call Streamlit.

    Raises:
        Exception: whatever `work` raised.
    """
    with _lock:
        future = _futures.get(key)
        if future is None:
            future = _futures[key] = _pool.submit(work)
            while len(_futures) > MOST:
                _futures.popitem(last=False)[1].cancel()
    if future.done():
        return future.result()
    _look.in_vain = True
    return None


def begin_look() -> None:
    """A page is drawn from now on, in this thread."""
    _look.in_vain = False


def pending() -> bool:
    """Whether something is not there yet, or was not when this thread's page asked for it."""
    if getattr(_look, "in_vain", False):
        return True  # it may have come since, and the page does not show it
    with _lock:
        return any(not future.done() for future in _futures.values())


def wait(seconds: float) -> None:
    """Wait until everything that was asked for is there, at most so many seconds."""
    with _lock:
        asked = list(_futures.values())
    wait_for(asked, timeout=seconds)
