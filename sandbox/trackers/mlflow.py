"""MLflow: a run of the same name in the experiment of its target; `MLFLOW_TRACKING_URI` says where."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from sandbox.runs import Run

PACKAGE = "mlflow"
LONGEST = 500
"""Characters of a setting that MLflow takes."""


class _MlflowRun:
    def __init__(self, run: Run) -> None:
        self._mlflow = importlib.import_module(PACKAGE)
        self._mlflow.set_experiment(run.config["target"])
        self._mlflow.start_run(run_name=run.name)
        settings = {**(run.config.get("settings") or {}), "seed": run.config.get("seed")}
        self._mlflow.log_params({name: str(value)[:LONGEST] for name, value in settings.items()})

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._mlflow.log_metrics(dict(figures), step=step)

    def close(self) -> None:
        self._mlflow.end_run()


def track(run: Run) -> _MlflowRun:
    """Begin a new one."""
    return _MlflowRun(run)
