"""Who is alive: locks that the system releases when a process dies, however it dies."""

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout


def is_locked(path: Path) -> bool:
    """Whether another holder has the lock file; looking does not disturb others who look."""
    if not path.exists():
        return False
    if sys.platform == "win32":
        try:
            FileLock(path).acquire(blocking=False).lock.release()
        except Timeout:
            return True
        return False
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who look at once do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def process_exists(pid: int) -> bool:
    """Whether a process of this number exists."""
    if sys.platform == "win32":  # os.kill would end it there
        import ctypes

        query_limited_information = 0x1000
        handle = ctypes.windll.kernel32.OpenProcess(query_limited_information, False, pid)
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
