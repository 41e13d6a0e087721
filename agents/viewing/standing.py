"""What two players reached in the same episodes: who won how many, and how sure the difference is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sandbox.statistics import Interval, bootstrap_interval, probability_of_improvement, stratified_interval

FEW = 5
"""Episodes below which an interval would say less than it seems to."""
SAME = 1e-9
"""Returns this near to each other are a tie."""


@dataclass(frozen=True)
class Standing:
    """What two players reached in the same episodes.

    Attributes:
        names: of both.
        returns: one list for each player, in the same order of episodes.
    """

    names: tuple[str, str]
    returns: tuple[Sequence[float], Sequence[float]]

    @property
    def episodes(self) -> int:
        """How many were played to their end by both."""
        return len(self.returns[0])

    @cached_property
    def won(self) -> tuple[int, int, int]:
        """Episodes that the first won, that the second won, and ties."""
        ahead = self._ahead
        first, second = int((ahead > SAME).sum()), int((ahead < -SAME).sum())
        return first, second, len(ahead) - first - second

    @cached_property
    def difference(self) -> Interval | None:
        """How far the first is ahead in an episode, with its interval; None of too few episodes.

        The episodes are the same for both, so each gives one difference.
        """
        return bootstrap_interval(self._ahead) if self.episodes >= FEW else None

    @cached_property
    def improvement(self) -> Interval | None:
        """Probability that an episode of the first beats one of the second; None of too few episodes."""
        if self.episodes < FEW:
            return None
        return stratified_interval(self.returns, probability_of_improvement, resamples=1000)

    @property
    def _ahead(self) -> np.ndarray:
        return np.asarray(self.returns[0], np.float64) - np.asarray(self.returns[1], np.float64)

    def record(self) -> dict[str, Any]:
        """For JSON."""
        first, second, tied = self.won
        intervals = {"difference": self.difference, "improvement": self.improvement}
        return {
            "names": list(self.names),
            "episodes": self.episodes,
            "won": first,
            "lost": second,
            "tied": tied,
            **{name: None if found is None else asdict(found) for name, found in intervals.items()},
        }

    def verdict(self) -> str:
        """Who is better, in one sentence."""
        if (found := self.difference) is None:
            return f"After {FEW} episodes it is said how sure a difference is."
        if found.low == found.high == 0:
            return "Both reach the same."
        if found.low <= 0 <= found.high:
            return (
                f"Over {self.episodes} episodes neither is clearly better: the first is ahead by "
                f"{found.mean:.3g}, 95 % interval {found.low:.3g} to {found.high:.3g}."
            )
        sign = 1 if found.mean > 0 else -1
        low, high = sorted((sign * found.low, sign * found.high))
        better = self.names[0 if sign > 0 else 1]
        return (
            f"Clearly better: {better}, by {sign * found.mean:.3g} in an episode, 95 % interval {low:.3g} to "
            f"{high:.3g}."
        )

    def tally(self) -> str:
        """Who won how many."""
        first, second, tied = self.won
        ties = f", {tied} tie{'s' * (tied != 1)}" if tied else ""
        return f"{first} : {second}{ties}, {self.names[0]} against {self.names[1]}"
