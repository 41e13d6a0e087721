"""Seconds of training: what stands between its steps, such as an evaluation, is not counted."""

import contextlib
import time
from collections.abc import Iterator


class Clock:
    """Counts from when it was made.

    Attributes:
        before: seconds of the parts of this training before a resume.
    """

    def __init__(self) -> None:
        self.before = 0.0
        self._begin = time.perf_counter()

    def seconds(self) -> float:
        """Seconds so far, those before a resume included."""
        return time.perf_counter() - self._begin + self.before

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """What happens meanwhile is not counted."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._begin += time.perf_counter() - begin
