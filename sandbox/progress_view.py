"""A training's progress: on a terminal a bar with steps/s, time left, newest figure; elsewhere lines."""

import time
from collections import deque
from types import TracebackType

from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from sandbox.progress import Progress
from sandbox.terminal import console

REFRESH = 0.1
"""Seconds between redraws of the bar."""
LINE_EVERY = 5.0
"""Seconds between lines where there is no terminal."""
WINDOW = 5.0
"""Seconds over which the speed is taken."""


class ProgressView:
    """Shows progress on stderr, so that stdout is left to results.

    Args:
        name: of the run, in front of the bar.
        quiet: show nothing.

    Attributes:
        last: the newest progress, or None.
        begin: step of the first progress: that of a resumed run's checkpoint.
    """

    def __init__(self, name: str, quiet: bool = False) -> None:
        self.name = name
        self.last: Progress | None = None
        self.begin = 0
        self._quiet = quiet
        self._console = console(stderr=True)
        self._bar: Bar | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._started = time.monotonic()
        self._shown = self._started

    def __enter__(self) -> "ProgressView":
        if self._console.is_terminal and not self._quiet:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[text]}"),
            )
            # Drawn when there is news and by no thread: the processor is for training.
            self._bar = Bar(*columns, console=self._console, auto_refresh=False, transient=True)
            self._task = self._bar.add_task(self.name, total=None, text="starting")
            self._bar.start()
            self._bar.refresh()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Takes note of a progress, and draws it when it is time."""
        now = time.monotonic()
        if self.last is None:
            self.begin = progress.step
        self.last = progress
        self._recent.append((now, progress.step))
        while len(self._recent) > 2 and now - self._recent[0][0] > WINDOW:
            self._recent.popleft()
        if self._quiet or now - self._shown < (REFRESH if self._bar else LINE_EVERY):
            return
        self._shown = now
        if self._bar is None:
            self._console.print(f"{self.name}  {self.text()}", markup=False, soft_wrap=True)
        else:
            total = progress.total or None
            self._bar.update(self._task, completed=progress.step, total=total, text=self.text(), refresh=True)

    def speed(self) -> float | None:
        """Steps a second over the last seconds; None before there are two points in time."""
        if len(self._recent) < 2:
            return None
        (before, first), (now, last) = self._recent[0], self._recent[-1]
        return (last - first) / (now - before) if now > before and last > first else None

    def text(self) -> str:
        """The newest progress in words."""
        if self.last is None:
            return ""
        progress, speed = self.last, self.speed()
        parts = [f"{progress.step:,}/{progress.total:,}" if progress.total else f"{progress.step:,}"]
        if speed is not None:
            parts.append(f"{speed:,.0f} {progress.unit}s/s")
            if progress.total > progress.step:
                parts.append(f"{duration((progress.total - progress.step) / speed)} left")
        parts += [f"{name} {value:.4g}" for name, value in list(progress.metrics.items())[:1]]
        return "  ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as people say them: `8 s`, `2:05 min`, `1:02 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
