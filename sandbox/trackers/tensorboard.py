"""TensorBoard: event files in the run's own folder; `tensorboard --logdir runs` shows all runs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from sandbox.runs import Run

PACKAGE = "tensorboard"


class _Events:
    def __init__(self, run: Run) -> None:
        writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter
        rows = run.metrics()
        # What a resumed run had logged after its checkpoint is played again.
        purge = rows[-1]["step"] + 1 if rows else None
        self._writer = writer(str(run.path / "tensorboard"), purge_step=purge)

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


def track(run: Run) -> _Events:
    """Begin or go on."""
    return _Events(run)
