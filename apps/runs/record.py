"""A run as Runs looks at it: what was written down, without its network."""

from dataclasses import dataclass
from typing import Any

from apps.studio.page.checkpoint_view import CheckpointView


@dataclass(frozen=True)
class RecordView(CheckpointView):
    """Any run at its newest checkpoint; nothing is read from the checkpoint, so `predictor` is None."""

    @staticmethod
    def read(path: str, step: int, written: float) -> None:
        """Nothing: see the class."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its metrics."""
        return self.run.metrics()
