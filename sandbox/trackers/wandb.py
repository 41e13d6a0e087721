"""Weights & Biases: a run of the same name in the project `deep-sandbox`; on disk if `WANDB_MODE=offline`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from sandbox.runs import Run

PACKAGE = "wandb"


class _WandbRun:
    def __init__(self, run: Run) -> None:
        wandb = importlib.import_module(PACKAGE)
        self._run = wandb.init(
            project="deep-sandbox",
            name=run.name,
            id=run.name,
            resume="allow",
            config=dict(run.config),
            dir=str(run.path),
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def close(self) -> None:
        self._run.finish()


def track(run: Run) -> _WandbRun:
    """Begin or go on."""
    return _WandbRun(run)
