"""When to save so that a training can be resumed: soon, often, and for a small share of the time."""

FIRST, EVERY = 1.0, 5.0
"""Seconds of training until the first such checkpoint after step 0, and between later ones."""
SHARE = 0.03
"""Share of the time that saving them takes at most, the last one when a training ends left aside."""


class SaveSchedule:
    """Says after each step, or each update, whether to save a checkpoint that can be resumed.

    Steps that last longer than the interval are all saved, so that no more than one of them is ever lost.

    Args:
        seconds: of training so far, from which the first interval counts.
        first: seconds until the first.
        every: seconds between later ones.
    """

    def __init__(self, seconds: float, first: float = FIRST, every: float = EVERY) -> None:
        self._every = every
        self._due = seconds + first
        self._affordable = seconds

    def is_due(self, seconds: float) -> bool:
        """Whether to save now, by the time."""
        return seconds >= max(self._due, self._affordable)

    def is_affordable(self, seconds: float) -> bool:
        """Whether a checkpoint that is saved anyway, to look back, may also be one that can be resumed."""
        return seconds >= self._affordable

    def saved(self, seconds: float, cost: float) -> None:
        """Tell that one was saved.

        Args:
            seconds: of training when it was begun.
            cost: seconds that it took.
        """
        self._due = seconds + cost + self._every
        self._affordable = seconds + cost + cost / SHARE
