"""Holding a run: the lock of the process that trains it, and whether its folder is still the same."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from sandbox.errors import UserError
from sandbox.files import refused
from sandbox.locks import hold_folder, is_locked

LOCK = "lock"

Identity = tuple[int, int]
"""What stays the same when a folder is renamed, and differs for another of its name."""


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[Identity]:
    """Hold a run: by its lock file, and by the folder itself, should somebody remove the lock file.

    Raises:
        UserError: another process holds it, or it cannot be held.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(hold_folder(folder))
            stack.enter_context(FileLock(folder / LOCK, timeout=1.0))
            found = folder.stat()
        except Timeout:
            raise UserError(f"{folder.name} is being trained by another process.") from None
        except OSError as error:
            raise refused("lock", folder, error) from error
        yield found.st_dev, found.st_ino


def is_held(folder: Path) -> bool:
    """Whether a living process holds a run."""
    return is_locked(folder / LOCK) or is_locked(folder)


def check_same(folder: Path, held: Identity | None) -> None:
    """See to it that what a process began to train is still what it writes to.

    Args:
        folder: where it is about to write.
        held: what `hold` gave; None if this process holds nothing.

    Raises:
        UserError: the folder was renamed or removed; another may have its name by now.
    """
    if held is None:
        return
    with contextlib.suppress(OSError):
        found = folder.stat()
        if (found.st_dev, found.st_ino) == held:
            return
    raise UserError(
        f"The folder {folder} was renamed or removed while it trained, so training ended and wrote nothing "
        "more; a renamed one goes on from what was saved with `sandbox train --resume NEW_NAME`."
    )
