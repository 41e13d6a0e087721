"""A run at one age: one of its checkpoints, with what was made of it and what is computed about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from apps.studio import background_work
from apps.studio.page import checkpoint_at
from sandbox.runs import Run


@dataclass(frozen=True)
class CheckpointView:
    """A run at one age.

    Attributes:
        run: which.
        step: of the checkpoint.
        written: when the checkpoint was written: a run's name may come again after it was deleted.
        predictor: what `read` made of the checkpoint; views know what kind it is.
    """

    run: Run
    step: int
    written: float
    predictor: Any

    @staticmethod
    def read(path: str, step: int, written: float) -> Any:
        """Make something of a checkpoint.

        Args:
            path: of the run.
            step: of the checkpoint.
            written: when it was written.

        Raises:
            UserError: it cannot be read.
        """
        raise NotImplementedError

    @classmethod
    def at(cls, run: Run, age: int | None) -> Self | None:
        """The run at an age, or the newest if None; None before its first checkpoint.

        Raises:
            UserError: a checkpoint is there and cannot be read.
        """
        found = checkpoint_at.at_age(run, age, cls.read)
        return None if found is None else cls(run, found.step, found.written, found.model)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this view from others."""
        return str(self.run.path), self.step, self.written

    def later(self, what: str, work: Callable[[], Any]) -> Any:
        """Something of this run at this age that takes a while; None while it is computed.

        Args:
            what: names it.
            work: computes it, without Streamlit.
        """
        return background_work.ask((what, *self.key), work)

    def aged(self, step: int) -> Self | None:
        """The run at another of its checkpoints."""
        return self.at(self.run, step)

    def ages(self, most: int, until: int | None = None) -> list[Self]:
        """The run at its kept checkpoints, at most so many, evenly spread.

        Args:
            most: how many.
            until: step of the last one; None for the newest.
        """
        steps = [step for step in self.run.checkpoints() if until is None or step <= until]
        count = min(most, len(steps))
        chosen = {round(i * (len(steps) - 1) / max(1, count - 1)) for i in range(count)}
        found = ((steps[i], self.at(self.run, steps[i])) for i in sorted(chosen))
        # A training thins its checkpoints out while somebody looks.
        return [view for step, view in found if view is not None and view.step == step]
