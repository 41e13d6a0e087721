"""Several seeds of one training: what comes of them together, with intervals over seeds."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from sandbox.progress import STATUS_EVERY, Progress
from sandbox.runs import Run
from sandbox.statistics import (
    Interval,
    bootstrap_interval,
    interquartile_mean,
    probability_of_improvement,
    stratified_interval,
)
from sandbox.terminal import console, figure, print_table

POINTS = 8
"""Rows of the learning curve that are printed; `--json` has all of them."""


@dataclasses.dataclass(frozen=True)
class SeedsReport:
    """What several seeds came to.

    Attributes:
        metric: what is reported, such as `eval_return`.
        scores: of each run's end, by the run's name.
        mean: over the runs.
        iqm: the mean of the middle half of them.
        baseline: scores of what they are compared with; empty if there is none.
        baseline_name: what that is.
        improvement: how likely a run is better than the baseline.
        curve: step and mean over the runs, where they were measured; a run that ended early keeps its last.
    """

    metric: str
    scores: Mapping[str, float]
    mean: Interval
    iqm: Interval
    baseline: Sequence[float]
    baseline_name: str
    improvement: Interval | None
    curve: Sequence[tuple[int, Interval]]

    def record(self) -> dict[str, Any]:
        """As JSON."""
        record = dataclasses.asdict(self)
        return record | {"curve": [{"step": step, **dataclasses.asdict(at)} for step, at in self.curve]}

    def show(self, runs: Sequence[Run], seconds: float) -> None:
        """Print it."""
        print_table(
            ["run", ">seed", ">steps", f">{self.metric}"],
            [
                [
                    run.name,
                    str(run.config["seed"]),
                    f"{run.status()['step']:,}",
                    figure(self.scores[run.name]),
                ]
                for run in runs
                if run.name in self.scores
            ],
            title=f"{len(self.scores)} seeds in {seconds:.1f} s",
        )
        every = max(1, -(-len(self.curve) // POINTS))
        shown = [*self.curve[::-1][::every]][::-1]
        print_table(
            [">step", f">mean {self.metric}", ">95 % interval"],
            [[f"{step:,}", figure(at.mean), f"{figure(at.low)} to {figure(at.high)}"] for step, at in shown],
        )
        lines = [("mean", self.mean), ("interquartile mean", self.iqm)]
        if self.improvement is not None:
            lines.append((f"probability to be better than {self.baseline_name}", self.improvement))
        for name, interval in lines:
            console().print(f"{name}: {interval}", markup=False, highlight=False)
        if len(self.baseline):
            mean = sum(self.baseline) / len(self.baseline)
            console().print(f"{self.baseline_name}: {mean:.4g}", markup=False, highlight=False)


def report(
    runs: Sequence[Run],
    metric: str,
    baseline: Sequence[float] = (),
    baseline_name: str = "the baseline",
    higher_is_better: bool = True,
) -> SeedsReport | None:
    """Look at the rows of metrics of several runs; None if no run has the metric.

    Args:
        runs: of one training, with different seeds.
        metric: a name in their metrics.
        baseline: scores of what they are compared with.
        baseline_name: what that is.
        higher_is_better: whether a higher score is the better one.
    """
    curves = {}
    for run in runs:
        points = {int(row["step"]): float(row[metric]) for row in run.metrics() if metric in row}
        if points:
            curves[run.name] = dict(sorted(points.items()))
    if not curves:
        return None
    scores = {name: list(points.values())[-1] for name, points in curves.items()}
    steps = sorted({step for points in curves.values() for step in points})
    # From where each of them has been measured.
    steps = [step for step in steps if all(min(points) <= step for points in curves.values())]
    curve = [
        (
            step,
            bootstrap_interval([points[max(s for s in points if s <= step)] for points in curves.values()]),
        )
        for step in steps
    ]
    values = list(scores.values())
    sign = 1.0 if higher_is_better else -1.0
    improvement = None
    if len(baseline):
        ours, theirs = [sign * v for v in values], [sign * v for v in baseline]
        improvement = stratified_interval([ours, theirs], probability_of_improvement)
    return SeedsReport(
        metric,
        scores,
        bootstrap_interval(values),
        stratified_interval([values], interquartile_mean),
        list(baseline),
        baseline_name,
        improvement,
        curve,
    )


@contextlib.contextmanager
def hold_all(runs: Sequence[Run]) -> Generator[None, None, None]:
    """Hold the locks of runs that another run's training trains, and say that they run."""
    with contextlib.ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.hold())
            run.update_status(state="running", message="", launching=None)
        yield


def stop_together(
    runs: Sequence[Run], events: Generator[Progress, None, None], end_when: Callable[[], bool] = bool
) -> Generator[Progress, None, None]:
    """Pass on the progress of several runs, write it to all, and stop all if one is asked to stop.

    Args:
        runs: that are trained together; the first leads.
        events: their training.
        end_when: whether there is another reason to stop all of them.
    """
    leader, others = runs[0], runs[1:]
    next_look = 0.0
    try:
        for progress in events:
            if (now := time.monotonic()) >= next_look:
                next_look = now + STATUS_EVERY
                if end_when() or any(run.stop_requested() for run in others):
                    leader.request_stop()
                for run in others:
                    if run.status()["state"] == "running":  # not done yet
                        run.update_status(step=progress.step, total=progress.total)
            yield progress
    finally:
        events.close()
