"""Search for better settings: many trainings, each chosen by what came of those before."""

from __future__ import annotations

import dataclasses
import importlib
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Annotated, Any

import tyro

from sandbox.commands.train import Training, options_for, training_of
from sandbox.ending import STOPPED, Failure, main_metrics
from sandbox.errors import UserError, printable
from sandbox.options import Flag, Optional, parse
from sandbox.progress import drive
from sandbox.progress_view import ProgressView
from sandbox.runs import Run
from sandbox.settings import LARGEST_SEED, as_words, setting
from sandbox.sweep import (
    AGENT,
    TASK,
    Dimension,
    Outcome,
    Sweep,
    dimensions,
    new_name,
    outcome_of,
)
from sandbox.targets import Target, find_target, import_task
from sandbox.terminal import figure, print_json, print_table

MOST_TRIALS = 10_000


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox sweep`; what stands behind `--` goes to `sandbox train NAME`."""

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """an environment or a task"""
    trials: int = setting(20, "trainings in all", low=1, high=MOST_TRIALS)
    search: tuple[str, ...] = setting(
        (), "what to search: learning_rate=1e-4:1e-2 gamma=0.95,0.99; by default what usually matters"
    )
    study: Optional[str] = None
    """name of a sweep to go on with; several processes may work on one"""
    seed: int = setting(0, "of every training, and of what is tried", low=0, high=LARGEST_SEED)
    ray: Optional[str] = None
    """train on a Ray cluster, side by side: HOST:PORT of its head, auto, or local:2 for one made here"""
    json: Flag = False
    """print one JSON object as the last line"""


def main(arguments: Sequence[str]) -> int:
    """Searches. Returns 0 when done, 130 when stopped."""
    words = list(arguments)
    cut = words.index("--") if "--" in words else len(words)
    options = parse(Options, words[:cut], "sandbox sweep", __doc__ or "")
    target, rest = find_target(options.name), words[cut + 1 :]
    trained = options_for(target, rest)
    metric = "eval_return"
    higher = True
    if target.kind == "task":
        metric, higher = import_task(target.name).metric.key, import_task(target.name).metric.higher_is_better
    if options.ray is not None and find_spec("ray") is None:
        raise UserError("A sweep on a Ray cluster needs the package ray: pip install 'ray[tune]'")
    space = dimensions(trained.settings, options.search, AGENT if target.kind == "agent" else TASK)
    if not space:
        raise UserError(f"{target.name} has none of the settings that are usually searched; say --search.")
    name = options.study or new_name(target.name)
    sweep = Sweep(name, space, higher, options.seed)
    print(printable(f"{name} searches {', '.join(dimension.name for dimension in space)}."), file=sys.stderr)
    code = 0
    if options.ray is not None:
        on_ray = importlib.import_module("sandbox.ray_sweep")
        order = on_ray.Order(target.name, tuple(rest), name, metric, options.seed)
        code = on_ray.run_on_ray(options.ray, sweep, order, options.trials)
    while options.ray is None and sweep.finished < options.trials:
        outcome = sweep.run(_trainer(target, trained, rest, name, metric, options.seed))
        if outcome.state == "stopped":
            code = STOPPED
            break
    _show(sweep, name, space, metric, options.json)
    return code


def _trainer(
    target: Target, trained: Any, rest: Sequence[str], name: str, metric: str, seed: int
) -> Callable[..., tuple[str, Outcome]]:
    """Trains one trial as `sandbox train` does, and gives up where that is asked for."""

    def train(
        chosen: Mapping[str, Any], number: int, goes_on: Callable[[int, int, float], bool]
    ) -> tuple[str, Outcome]:
        training, total = trial_of(target, trained, rest, chosen, sweep=name, seed=seed)
        run, failure, given_up = training.run, Failure(), False

        def look(step: int, figures: Mapping[str, float]) -> None:
            nonlocal given_up
            if metric in figures and not given_up and not goes_on(step, total, figures[metric]):
                given_up = True
                run.request_stop()

        run.listeners.append(look)
        with ProgressView(f"{run.name} (trial {number + 1})", main_metrics(run)) as view:
            state = drive(run, failure.noticed(training.events), view.show)
        return run.name, outcome_of(run, state, metric, given_up and state == "stopped")

    return train


def trial_of(
    target: Target, options: Any, words: Sequence[str], chosen: Mapping[str, Any], sweep: str, seed: int
) -> tuple[Training, int]:
    """A new run of a sweep, with settings that were chosen for it.

    Args:
        target: what is trained.
        options: from `options_for`.
        words: of the command, behind the name.
        chosen: settings in place of those of the options.
        sweep: its name.
        seed: of the training.

    Returns:
        The training, and its steps in all; 0 if nobody knows.
    """
    settings = dataclasses.replace(options.settings, **chosen)
    own = dataclasses.replace(options, settings=settings, seed=seed)
    training = training_of(target, own, [*words, *as_words(settings, options.settings)], sweep=sweep)
    return training, getattr(settings, "total_timesteps", 0) or getattr(settings, "steps", 0)


def _show(sweep: Sweep, name: str, space: Sequence[Dimension], metric: str, as_json: bool) -> None:
    """Say what was best, and how to train it with several seeds."""
    best = sweep.best()
    if as_json:
        print_json(
            {
                "study": name,
                "trials": sweep.finished,
                "metric": metric,
                "best": [{"run": run, "value": value, **chosen} for run, value, chosen in best],
            }
        )
        return
    if not best:
        print(f"None of {sweep.finished} trials came to its end.")
        return
    print_table(
        ["run", f">{metric}", *(f">{dimension.name}" for dimension in space)],
        [
            [run, figure(value), *(_shown(chosen[dimension.name]) for dimension in space)]
            for run, value, chosen in best
        ],
        title=f"{name}: the best of {sweep.finished}",
    )
    again = Run.open(best[0][0]).config["argv"]
    print(printable(f"next: sandbox {shlex.join(again)} --seeds 5"))


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
