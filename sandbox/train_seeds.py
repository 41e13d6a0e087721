"""`sandbox train NAME --seeds N`: the same training with several seeds, at once where they can be stacked."""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from sandbox.command_words import without
from sandbox.ending import STOPPED, Failure, is_worth_keeping, main_metrics
from sandbox.errors import UserError, is_user_error, printable
from sandbox.progress import Progress, drive, how_to_resume
from sandbox.progress_view import ProgressView
from sandbox.runs import Run
from sandbox.seeds import SeedsReport, hold_all, report, stop_together
from sandbox.settings import LARGEST_SEED
from sandbox.targets import Target, import_task
from sandbox.terminal import print_json
from sandbox.trackers import tracked

BASELINE_EPISODES = 20
"""Episodes of the hand-written player for each seed."""

Events = Callable[[Target, Any, Run, bool], Generator[Progress, None, None]]


def train_seeds(
    target: Target, options: Any, arguments: Sequence[str], config: Mapping[str, Any], events: Events
) -> int:
    """Train with the seeds `options.seed`, `options.seed + 1`, ...; say what came of it.

    Args:
        target: what is trained.
        options: of the command, with `seeds` above 1.
        arguments: the command's words, the name first.
        config: of a run, but for its seed.
        events: makes the training of one run.

    Returns:
        0 when all are done, 130 when stopped; when one failed 2 if the user can mend it, else 1.
    """
    seeds = range(options.seed, options.seed + options.seeds)
    if seeds[-1] > LARGEST_SEED:
        raise UserError(f"The last seed would be {seeds[-1]:,}, and {LARGEST_SEED:,} is the largest.")
    words = without(without(arguments, "--seeds"), "--seed")

    def created(seed: int) -> Run:
        own = {**config, "seed": seed, "argv": ["train", *words, "--seed", str(seed)]}
        return Run.create(target.name, own)

    reason = _why_not_together(target, options)
    started = time.perf_counter()
    if reason is None:
        runs = [created(seed) for seed in seeds]
        code = _together(target, options.settings, runs)
    else:
        print(printable(f"The seeds train one after the other: {reason}."), file=sys.stderr)
        runs, code = [], 0
        for seed in seeds:
            runs.append(created(seed))
            training = events(target, options.settings, runs[-1], False)
            code = _drive([runs[-1]], training, runs[-1].name)
            if code:
                break
    seconds = time.perf_counter() - started
    if code not in (0, STOPPED):
        return code
    if code == STOPPED:
        for run in runs:
            if run.status()["state"] != "done":
                print(f"{run.name}: {how_to_resume(run)}")
    found = _report(target, options.settings, runs, code == 0)
    if options.json:
        names = [run.name for run in runs]
        record: dict[str, Any] = {"runs": names, "seconds": seconds, "together": reason is None}
        print_json(record | (found.record() if found is not None else {}))
    elif found is not None:
        found.show(runs, seconds)
    return code


def _why_not_together(target: Target, options: Any) -> str | None:
    if target.kind == "task":
        return "only agents are stacked"
    module = importlib.import_module("agents.train_seeds")
    return module.why_not_together(target.name, options.settings, options.device)


def _together(target: Target, settings: Any, runs: Sequence[Run]) -> int:
    events = importlib.import_module("agents.train_seeds").train_together(target.name, settings, runs)
    name = f"{runs[0].name} to {runs[-1].name}"
    with hold_all(runs[1:]):
        code = _drive(runs, stop_together(runs, events), name)
        if not runs[0].path.exists():
            for run in runs[1:]:
                run.update_status(state="stopped")
    if not runs[0].path.exists():  # a mistake in the settings leaves nothing behind
        for run in runs[1:]:
            run.delete()
    return code


def _drive(runs: Sequence[Run], events: Generator[Progress, None, None], name: str) -> int:
    """Train to the end, write how it ended to every run, and return the exit status."""
    first, failure = runs[0], Failure()
    with contextlib.ExitStack() as stack:
        for run in runs:
            stack.enter_context(tracked(run, run.config.get("log") or ()))
        view = stack.enter_context(ProgressView(name, main_metrics(first)))
        state = drive(first, failure.noticed(events), view.show)
    status = first.status()
    for run in runs:
        if len(runs) == 1:
            continue
        rows = run.metrics()
        own = {"total": status["total"]}
        own |= {name: rows[-1][name] for name in ("step", "seconds")} if rows else {}
        is_done = state == "done" or run.status()["state"] == "done"
        message = status["message"] if state == "failed" else how_to_resume(run)
        run.update_status(
            **own, state="done" if is_done else state, message="" if is_done else message, pid=None
        )
    if state == "failed":
        mistake = failure.error is not None and is_user_error(failure.error)
        print(printable(str(failure.error) if mistake else status["message"]), file=sys.stderr)
        if mistake and not is_worth_keeping(first, failure):
            first.delete()
        return 2 if mistake else 1
    return 0 if state == "done" else STOPPED


def _report(target: Target, settings: Any, runs: Sequence[Run], finished: bool) -> SeedsReport | None:
    metric = main_metrics(runs[0])[0]
    if target.kind == "task":
        kind = import_task(target.name).metric
        scores, name = _task_baseline(runs[-1], metric) if finished else ([], "")
        return report(runs, metric, scores, name, kind.higher_is_better)
    if not finished:
        return report(runs, metric)
    evaluate = importlib.import_module("agents.evaluate")
    found = importlib.import_module("agents.environments").find_target(target.name)
    policy = None if found.environment is None else evaluate.baseline_policy(found.environment)
    name = "the hand-written player"
    if policy is None:
        policy, name = evaluate.random_policy(found.spaces(settings.params)[1]), "random actions"
    scores = [
        evaluate.evaluate_policy(
            found.name, policy, BASELINE_EPISODES, evaluate.FIRST_SEED + 10**7 * (run.config["seed"] + 1),
            settings.params,
        )["interval"].mean
        for run in runs
    ]  # fmt: skip
    return report(runs, metric, scores, name)


def _task_baseline(run: Run, metric: str) -> tuple[list[float], str]:
    found = importlib.import_module("sandbox.tasks.evaluation").evaluate(run)
    for name, figures in found.baselines.items():
        if metric in figures:
            return [float(figures[metric])], f"the baseline {name}"
    return [], ""
