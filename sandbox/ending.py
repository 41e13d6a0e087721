"""How a training ended, in words and as an exit status."""

from __future__ import annotations

import importlib
import math
from collections.abc import Generator
from typing import Any

from sandbox import registry
from sandbox.progress import Progress
from sandbox.progress_view import ProgressView, duration
from sandbox.runs import Run
from sandbox.targets import import_task

STOPPED = 130


class Failure:
    """Notices what ends a training, for the exit status.

    Attributes:
        error: what it raised, or None.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def noticed(self, events: Generator[Progress, None, None]) -> Generator[Progress, None, None]:
        """The same training."""
        try:
            yield from events
        except Exception as error:
            self.error = error
            raise


def is_worth_keeping(run: Run, failure: Failure) -> bool:
    """Whether it has learned anything, or has been saved and can go on once there is room on the disk."""
    steps = run.checkpoints()
    disk = failure.error is not None and isinstance(failure.error.__cause__, OSError)
    return any(steps) or (disk and bool(steps))


def record(run: Run, state: str, view: ProgressView) -> dict[str, Any]:
    """What came of it, as JSON."""
    status = run.status()
    found = {"run": run.name, "path": str(run.path), "state": state, "message": status["message"]}
    steps = status["step"] if view.last is None else view.last.step
    found |= {"seconds": status["seconds"], "steps": steps, "metrics": view.metrics}
    return found | {"notes": run.config.get("notes") or []}


def summary(run: Run, view: ProgressView) -> str:
    """What came of it, in a line."""
    if view.last is None:
        return f"{run.name}: nothing trained yet"
    parts = [f"{view.last.step:,} {view.last.unit}s in {duration(run.status()['seconds'])}"]
    parts += filter(None, [view.figure()])
    if run.config["kind"] == "agent":
        threshold = (
            importlib.import_module("agents.environments").find_target(run.config["target"]).reward_threshold
        )
        if threshold is not None and view.metrics.get("eval_return", -math.inf) >= threshold:
            parts.append(f"solved (at least {threshold:g})")
    return f"{run.name}: {', '.join(parts)}"


def next_steps(run: Run) -> str:
    """The commands that one would give now."""
    if run.config["kind"] == "task":
        watch = f" · sandbox watch {run.name}" if registry.loop_of(run.config["target"]) else ""
        return f"next: sandbox evaluate {run.name} · sandbox predict {run.name} FILE{watch}"
    return (
        f"next: sandbox watch {run.name} · sandbox evaluate {run.name} · sandbox export {run.name} --to video"
    )


def main_metrics(run: Run) -> tuple[str, ...]:
    """The metrics that say how good it is, the best one first."""
    if run.config["kind"] == "task":
        return (import_task(run.config["target"]).metric.key,)
    # New episodes say more than those of the training, in which the agent also tries things.
    return ("eval_return", "return")
