"""Small JSON files that are read again and again: what has not changed is not read and checked anew.

A page looks at all runs several times a second; nearly all of them have ended. A file counts as unchanged
while its inode, size and times are the same. One that was written a moment ago is always read: two writes
within one tick of the file system's clock would look alike.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from sandbox.files import read_object

SETTLED = 2.0
"""Seconds after its last change from which on a file is kept."""
MOST, LARGEST = 20_000, 2**16
"""Files that are kept, and bytes of the largest."""

_lock = threading.Lock()
_kept: OrderedDict[str, tuple[tuple[int, ...], bytes]] = OrderedDict()


def read_checked(path: Path, check: Callable[[dict[str, Any], Path], None]) -> dict[str, Any]:
    """A JSON object that fits; a new one at each call.

    Args:
        path: of the file.
        check: raises if the object does not fit.

    Raises:
        UserError: as `read_object`, or the object does not fit.
    """
    name = os.fspath(path)
    seen = _signature(name)
    with _lock:
        known = _kept.get(name)
    if seen is not None and known is not None and known[0] == seen:
        return msgspec.json.decode(known[1])
    value = read_object(path)
    check(value, path)
    # Only what was the same before and after the reading.
    if seen is not None and seen == _signature(name) and abs(time.time() - seen[-1] / 1e9) > SETTLED:
        content = msgspec.json.encode(value)
        with _lock:
            if len(content) <= LARGEST:
                _kept[name] = seen, content
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return value


def is_kept(path: Path) -> bool:
    """Whether a file was the same, and had not changed for a while, when it was last read."""
    return os.fspath(path) in _kept


def _signature(name: str) -> tuple[int, ...] | None:
    """What changes when a file does, the time of its last change at the end; None if it is not there."""
    try:
        found = os.lstat(name)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns
