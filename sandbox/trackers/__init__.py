"""Programs in which people watch trainings: one file each, with a function `track(run)`.

`sandbox train NAME --log tensorboard` tells them every row of figures that the run writes down; the record
stays `metrics.jsonl` in the run's folder. A file here imports its package when it is asked for, not before.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Protocol

from sandbox import registry
from sandbox.errors import UserError, did_you_mean
from sandbox.runs import Run


class Tracker(Protocol):
    """Something that is told figures while a run trains."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Take note of the figures of one step."""
        ...

    def close(self) -> None:
        """Write what is not yet written."""
        ...


def names() -> list[str]:
    """What `--log` takes."""
    return [entry.name for entry in registry.trackers()]


def check(wanted: Sequence[str]) -> None:
    """Refuse what there is not, before there is a run.

    Raises:
        UserError: no such tracker, or its package is not installed; says how to install it.
    """
    for name in wanted:
        if name not in names():
            hint = did_you_mean(name, names()) or f" There are {', '.join(names())}."
            raise UserError(f"There is no {name!r} to log to.{hint}")
        package = importlib.import_module(f"sandbox.trackers.{name}").PACKAGE
        if find_spec(package) is None:
            raise UserError(f"--log {name} needs the package {package}: pip install {package}")


@contextlib.contextmanager
def tracked(run: Run, wanted: Sequence[str]) -> Iterator[None]:
    """Tell trackers what the run logs inside.

    Args:
        run: the run; what it has logged so far was told before.
        wanted: names of trackers.
    """
    check(wanted)
    with contextlib.ExitStack() as stack:
        for name in wanted:
            tracker: Tracker = importlib.import_module(f"sandbox.trackers.{name}").track(run)
            stack.callback(tracker.close)
            run.listeners.append(tracker.log)
            stack.callback(run.listeners.remove, tracker.log)
        yield
