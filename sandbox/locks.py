"""Who is alive: locks that the system releases when a process dies, however it dies."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


def is_locked(path: Path) -> bool:
    """Whether another holder has the lock file, or the folder; looking does not disturb others who look."""
    if not path.exists():
        return False
    if sys.platform == "win32":
        if path.is_dir():
            return False  # no lock on folders there
        try:
            FileLock(path).acquire(blocking=False).lock.release()
        except Timeout:
            return True
        return False
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Shared, so that two who look at once do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without such locks: nobody can hold one
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def hold_folder(path: Path, timeout: float = 1.0) -> Iterator[None]:
    """Hold a folder itself, so that deleting a lock file in it lets nobody else in; renaming does not matter.

    Where the system or the file system has no locks on folders, nothing is held.

    Args:
        path: the folder.
        timeout: seconds to wait for another holder, who may only be looking.

    Raises:
        Timeout: another process holds it.
        OSError: it is gone.
    """
    if sys.platform == "win32":  # nor can a file or folder in use be removed there
        yield
        return
    import fcntl

    descriptor = os.open(path, os.O_RDONLY)
    end = time.monotonic() + timeout
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise Timeout(str(path)) from None
                time.sleep(0.02)
            except OSError:
                break
        yield
    finally:
        os.close(descriptor)


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
