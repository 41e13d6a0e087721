"""One training of a task, for whoever measures many."""

import tempfile
from pathlib import Path
from typing import Any

from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.training import train_task


def train_once(name: str, seed: int, settings: Any = None, **config: Any) -> dict[str, float]:
    """The last figures of one training, among them `seconds` and `parameters`.

    Args:
        name: of the task.
        seed: of the training.
        settings: of the task; by default its first preset.
        config: what the run's config says besides, such as `data`.

    Raises:
        RuntimeError: the training failed; says why.
    """
    task, figures = import_task(name), {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(name, {"kind": "task", "seed": seed, **config}, root=Path(folder))
        events = train_task(task, settings or task.settings(), run)
        state = drive(run, events, lambda progress: figures.update(progress.metrics))
        if state != "done":
            raise RuntimeError(
                f"training {name} with seed {seed} ended as {state}: {run.status()['message']}"
            )
        tensors, _ = run.load_model()
        figures["parameters"] = sum(tensor.numel() for tensor in tensors.values())
    return figures
