"""Public data sets are fetched when a training or a test first wants them, and it is seen."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from sandbox.data import sets
from sandbox.data.remote_file import Arrived
from sandbox.progress import Progress
from sandbox.progress_view import ProgressView
from sandbox.tasks.source import named

SHOW_EVERY = 0.1
"""Seconds between two progresses."""


def wanted(task: Any, data: str | None) -> str | None:
    """The public set that `data` names and that is not on this machine yet; None if nothing is to be fetched.

    Args:
        task: a `Task`.
        data: as `--data` takes it.
    """
    source = named(task.sources, data)
    if source is None or not source.public or sets.is_here(source.name):
        return None
    return source.name


def fetching(name: str, *, trust_first: bool = False) -> Generator[Progress, None, None]:
    """Fetch a set, yielding progress; closing the generator keeps what has arrived.

    Raises:
        UserError: as `sets.fetching_set`.
    """
    shown = 0.0
    for arrived in sets.fetching_set(name, trust_first=trust_first):
        if time.monotonic() - shown >= SHOW_EVERY:
            shown = time.monotonic()
            yield _progress(arrived)


def fetch(name: str, *, trust_first: bool = False) -> None:
    """Fetch a set, with a bar on the terminal.

    Raises:
        UserError: as `sets.fetching_set`.
    """
    with ProgressView(sets.find(name).title) as view:
        for progress in fetching(name, trust_first=trust_first):
            view.show(progress)


def _progress(arrived: Arrived) -> Progress:
    done, total = (round(count / 10**6) for count in (arrived.done, arrived.total))
    return Progress(done, max(total, done) if arrived.total else 0, sets.UNIT)
