"""What a page has read or computed, kept for all sessions; called from pages and from the background."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST = 128
"""Results kept; the oldest goes first."""

_lock = threading.Lock()
_results: OrderedDict[Hashable, Any] = OrderedDict()


def kept(key: Hashable, work: Callable[[], Any]) -> Any:
    """The result of `work`, which is called when `key` is asked for the first time.

    Two threads that ask at the same moment may both call it.

    Raises:
        Exception: whatever `work` raised; nothing is kept then.
    """
    with _lock:
        if key in _results:
            _results.move_to_end(key)
            return _results[key]
    result = work()
    with _lock:
        _results[key] = result
        while len(_results) > MOST:
            _results.popitem(last=False)
    return result
