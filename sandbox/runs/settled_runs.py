"""Runs that have ended, which are looked at anew only now and then: nearly all of a folder's runs have.

A page asks for all runs several times in each redraw. Between two looks at an ended run, others of this
process take the same `Run` and read no file of it. What this process itself changes is forgotten at once.
What another process changes is seen after `AGAIN` seconds at the latest; whoever cannot wait looks afresh.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.runs import json_cache

if TYPE_CHECKING:
    from sandbox.runs import Run

AGAIN = 3.0
"""Seconds after which an ended run is looked at anew."""
ENDED = ("done", "stopped", "failed")
"""States that only a person changes."""
MOST = 20_000
"""Runs that are kept."""

_known: dict[Path, tuple[float, "Run", Mapping[str, Any]]] = {}


def known(path: Path) -> "Run | None":
    """The run of a folder, if it could be read and had ended when somebody looked just now."""
    found = _known.get(path)
    return found[1] if found is not None and time.monotonic() - found[0] < AGAIN else None


def status_of(run: "Run") -> Mapping[str, Any] | None:
    """The status of a run that is known, as it was then; None for any other."""
    found = _known.get(run.path)
    return found[2] if found is not None and found[1] is run else None


def note(run: "Run", status: Mapping[str, Any], files: tuple[Path, ...]) -> None:
    """Keep a run that has been looked at, if its files have not changed for a while.

    Args:
        run: could be read, and has ended.
        status: of the run.
        files: that were read for this.
    """
    if all(json_cache.is_kept(file) for file in files):
        if len(_known) >= MOST:
            _known.clear()
        _known[run.path] = time.monotonic(), run, status


def forget(path: Path) -> None:
    """Look at a run anew: it has been made, changed, moved or removed."""
    _known.pop(path, None)
