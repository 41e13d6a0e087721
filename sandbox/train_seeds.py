"""`sandbox train NAME --seeds N`: the same training with several seeds, at once where they can be stacked."""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple

from sandbox.beside import Beside, can_fork, shares
from sandbox.command_words import without
from sandbox.ending import STOPPED, Failure, is_worth_keeping, main_metrics
from sandbox.errors import UserError, is_user_error, printable
from sandbox.progress import LOOK_EVERY, Progress, StopSignals, drive, how_to_resume
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
    processes = _processes(options)
    # Before anything is computed: a fork's threads cannot be those of the process it comes from.
    config = {**config, "threads": options.threads or (1 if processes > 1 else None)}
    if processes > 1:
        importlib.import_module("sandbox.devices").set_threads(1)
    reason = _why_not_together(target, options)
    if reason is not None:
        among = f" in {processes} processes" if processes > 1 else ""
        print(printable(f"The seeds train one after the other{among}: {reason}."), file=sys.stderr)

    words = without(without(without(arguments, "--seeds"), "--seed"), "--processes")
    argv = ["train", *words, "--seed"]
    runs = [
        Run.create(
            target.name,
            {**config, "seed": seed, "argv": [*argv, str(seed)]},
            state="stopped",
            message="It waits for the seeds before it.",
        )
        for seed in seeds
    ]
    started = time.perf_counter()
    code = train_runs(target, options.settings, runs, events, reason is None, processes)
    seconds = time.perf_counter() - started
    if code not in (0, STOPPED):
        return code
    if code == STOPPED:
        for run in runs:
            if run.path.exists() and run.status()["state"] != "done":
                print(f"{run.name}: {how_to_resume(run)}")
    found = _report(target, options.settings, runs, code == 0)
    if options.json:
        names = [run.name for run in runs]
        record: dict[str, Any] = {"runs": names, "seconds": seconds, "together": reason is None}
        print_json(record | {"processes": processes} | (found.record() if found is not None else {}))
    elif found is not None:
        found.show(runs, seconds)
    return code


def train_runs(
    target: Target, settings: Any, runs: Sequence[Run], events: Events, together: bool, processes: int
) -> int:
    """Train runs that differ in their seeds.

    Args:
        target: what is trained.
        settings: of all of them.
        runs: new ones, one for each seed.
        events: makes the training of one run.
        together: whether those of a process train at once, as one batched product.
        processes: among which they are shared, this one included; above 1 only where `beside.can_fork()`.

    Returns:
        0 when all are done, 130 when stopped; when one failed 2 if the user can mend it, else 1.
    """
    own, *rest = shares(runs, processes)
    train = functools.partial(_train_share, target, settings, events, together)
    helpers = [Beside(functools.partial(train, share, quiet=True)) for share in rest]

    def one_ended_early() -> bool:
        return any(helper.ended() and _came_to(helper).code for helper in helpers)

    outcomes = [train(own, end_when=one_ended_early)]
    stop_when = one_ended_early if not outcomes[0].code else lambda: True
    _await(helpers, [run for share in rest for run in share], stop_when)
    outcomes += [_came_to(helper) for helper in helpers]
    failed = [outcome for outcome in outcomes if outcome.code not in (0, STOPPED)]
    if not failed:
        return max(outcome.code for outcome in outcomes)
    print(printable(failed[0].message), file=sys.stderr)
    for run in runs:  # what has not begun leaves nothing behind
        if run.path.exists() and run.status()["state"] == "stopped" and not any(run.checkpoints()):
            run.delete()
    return failed[0].code


class _Outcome(NamedTuple):
    """How the training of some runs ended: the exit status, and a sentence about what went wrong."""

    code: int
    message: str = ""


def _came_to(helper: Beside[_Outcome]) -> _Outcome:
    return helper.result() or _Outcome(1, "A process that trained some of the seeds ended without a word.")


def _train_share(
    target: Target,
    settings: Any,
    events: Events,
    together: bool,
    runs: Sequence[Run],
    quiet: bool = False,
    end_when: Callable[[], bool] = bool,
) -> _Outcome:
    """Train the runs that are this process's, until one ends early or `end_when` says so."""
    if together:
        return _together(target, settings, runs, quiet, end_when)
    outcome = _Outcome(0)
    for run in runs:
        training = stop_together([run], events(target, settings, run, False), end_when)
        outcome = _drive([run], training, quiet)
        if outcome.code:
            break
    return outcome


def _together(
    target: Target, settings: Any, runs: Sequence[Run], quiet: bool, end_when: Callable[[], bool]
) -> _Outcome:
    events = importlib.import_module("agents.train_seeds").train_together(target.name, settings, runs)
    with hold_all(runs[1:]):
        outcome = _drive(runs, stop_together(runs, events, end_when), quiet)
        if not runs[0].path.exists():
            for run in runs[1:]:
                run.update_status(state="stopped")
    if not runs[0].path.exists():  # a mistake in the settings leaves nothing behind
        for run in runs[1:]:
            run.delete()
    return outcome


def _drive(runs: Sequence[Run], events: Generator[Progress, None, None], quiet: bool) -> _Outcome:
    """Train to the end, and write how it ended to every run."""
    first, failure = runs[0], Failure()
    with contextlib.ExitStack() as stack:
        for run in runs:
            stack.enter_context(tracked(run, run.config.get("log") or ()))
        view = None if quiet else stack.enter_context(ProgressView(_names(runs), main_metrics(first)))
        state = drive(first, failure.noticed(events), view and view.show)
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
        message = str(failure.error) if mistake else status["message"]
        if mistake and not is_worth_keeping(first, failure):
            first.delete()
        return _Outcome(2 if mistake else 1, message)
    return _Outcome(0 if state == "done" else STOPPED)


def _await(helpers: Sequence[Beside[_Outcome]], runs: Sequence[Run], stop_when: Callable[[], bool]) -> None:
    """Wait for the other processes; Ctrl-C stops them all, as `stop_when` does."""
    if all(helper.ended() for helper in helpers):
        return
    with ProgressView(_names(runs)) as view, StopSignals() as signals:
        while not all(helper.ended() for helper in helpers):
            stop = signals.received or stop_when()
            statuses = {run: run.status() for run in runs if run.path.exists()}
            running = [run for run, status in statuses.items() if status["state"] == "running"]
            if running:
                least = min((statuses[run] for run in running), key=lambda status: status["step"])
                view.show(Progress(least["step"], least["total"], least["unit"]))
            for run in running if stop else ():  # asked again and again: between two runs nobody listens
                run.request_stop()
            time.sleep(LOOK_EVERY)


def _names(runs: Sequence[Run]) -> str:
    return runs[0].name if len(runs) == 1 else f"{runs[0].name} to {runs[-1].name}"


def _processes(options: Any) -> int:
    """How many processes are to share the seeds.

    Raises:
        UserError: more than one was asked for, and this process cannot share.
    """
    devices = importlib.import_module("sandbox.devices")
    on_cpu = devices.pick_device(options.device).type == "cpu"
    if not (on_cpu and can_fork()):
        if (options.processes or 1) > 1:
            raise UserError("Several processes share seeds on Linux and without a GPU only.")
        return 1
    return min(options.seeds, options.processes or max(1, devices.cores() // (options.threads or 1)))


def _why_not_together(target: Target, options: Any) -> str | None:
    if target.kind == "task":
        return "only agents are stacked"
    module = importlib.import_module("agents.train_seeds")
    return module.why_not_together(target.name, options.settings, options.device)


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
