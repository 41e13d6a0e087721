"""A training's progress: on a terminal a bar with steps/s, time left, newest figure; elsewhere lines."""

import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType

from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from sandbox.progress import Progress
from sandbox.terminal import console

REFRESH = 0.1
"""Seconds between redraws of the bar."""
LINE_EVERY = 5.0
"""Seconds between lines where there is no terminal."""
WIDE = 110
"""Letters in a line from which on there is room for a bar."""
AROUND = 4
"""Letters for the spinner and the space between columns."""
WINDOW = 5.0
"""Seconds over which the speed is taken."""


class ProgressView:
    """Shows progress on stderr, so that stdout is left to results.

    Args:
        name: of the run, in front of the bar.
        main: metrics, one of which is shown: the first that there is.

    Attributes:
        last: the newest progress, or None.
        metrics: the newest value of every metric.
    """

    def __init__(self, name: str, main: Sequence[str] = ()) -> None:
        self.name = name
        self.last: Progress | None = None
        self.metrics: dict[str, float] = {}
        self._main = main
        self._console = console(stderr=True)
        self._bar: Bar | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._shown = time.monotonic()

    def __enter__(self) -> "ProgressView":
        if self._console.is_terminal:
            columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False)]
            if self._console.width >= WIDE:
                columns.append(BarColumn(bar_width=24))
            # Drawn when there is news and by no thread of its own: the processor is for training.
            self._bar = Bar(
                *columns,
                TextColumn("{task.fields[text]}", markup=False),
                console=self._console,
                auto_refresh=False,
                transient=True,
            )
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
        self.last = progress
        self.metrics |= progress.metrics
        self._recent.append((now, progress.step))
        while len(self._recent) > 2 and now - self._recent[0][0] > WINDOW:
            self._recent.popleft()
        if now - self._shown < (REFRESH if self._bar else LINE_EVERY):
            return
        self._shown = now
        if self._bar is None:
            self._console.print(f"{self.name}  {self.text()}", markup=False, soft_wrap=True)
        else:
            total = progress.total or None
            room = self._console.width - len(self.name) - AROUND - (24 + 1) * (self._console.width >= WIDE)
            text = self.text(room)
            self._bar.update(self._task, completed=progress.step, total=total, text=text, refresh=True)

    def speed(self) -> float | None:
        """Steps a second over the last seconds; None before there are two points in time."""
        if len(self._recent) < 2:
            return None
        (before, first), (now, last) = self._recent[0], self._recent[-1]
        return (last - first) / (now - before) if now > before and last > first else None

    def text(self, room: int | None = None) -> str:
        """The newest progress in words.

        Args:
            room: letters there are; the speed is left out first, the figure last. None for as many as needed.
        """
        if self.last is None:
            return ""
        step, total, speed = self.last.step, self.last.total, self.speed()
        parts = {"steps": f"{step:,}/{total:,}" if total else f"{step:,}"}
        if speed is not None:
            parts["speed"] = f"{speed:,.0f} {self.last.unit}s/s"
            if total > step:
                parts["left"] = f"{duration((total - step) / speed)} left"
        if figure := self.figure():
            parts["figure"] = figure
        for least in ("speed", "left", "steps"):
            if room is not None and len("  ".join(parts.values())) > room and len(parts) > 1:
                parts.pop(least, None)
        return "  ".join(parts.values())

    def figure(self) -> str | None:
        """The main metric with its interval, if it has one: `return 487.3 [480.1, 493.2]`."""
        for name in self._main:
            if name in self.metrics:
                # The interval of eval_return is eval_low and eval_high.
                low, high = (
                    self.metrics.get(f"{name}_{end}", self.metrics.get(f"{name.partition('_')[0]}_{end}"))
                    for end in ("low", "high")
                )
                # Adding 0.0 makes 0 of -0.
                interval = "" if low is None or high is None else f" [{low + 0.0:.4g}, {high + 0.0:.4g}]"
                return f"{name.replace('_', ' ')} {self.metrics[name] + 0.0:.4g}{interval}"
        return None


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.8 s`, `12 s`, `2:05 min`, `1:02 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
