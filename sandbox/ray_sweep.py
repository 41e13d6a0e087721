"""Trials of a sweep side by side on a Ray cluster: Ray Tune trains what Optuna suggests.

Each trial is an ordinary run, and the journal is that of a sweep without Ray: either goes on with the
other's. All machines of the cluster have this project installed and see the same folder of runs.
"""

# The extra that brings Ray is not part of what is installed for the checks.
# pyright: reportMissingImports=false

from __future__ import annotations

import dataclasses
import logging
import os
import queue
import shutil
import sys
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.ending import STOPPED
from sandbox.errors import UserError, printable
from sandbox.ray_cluster import connected
from sandbox.runs.folder import runs_dir
from sandbox.sweep import Outcome, Sweep, Trial, journal, outcome_of
from sandbox.terminal import figure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ray import tune
    from ray.tune.schedulers import FIFOScheduler, TrialScheduler
    from ray.tune.search import Searcher


@dataclass(frozen=True)
class Order:
    """What every trial trains.

    Attributes:
        target: an environment or a task.
        words: those of `sandbox train`, behind the name.
        study: name of the sweep.
        metric: the figure that is searched for.
        seed: of every training.
    """

    target: str
    words: tuple[str, ...]
    study: str
    metric: str
    seed: int


class TrialRun(tune.Trainable):
    """A run in a process of the cluster; a step of Ray's goes from one evaluation to the next."""

    def setup(self, config: dict[str, Any]) -> None:
        """Begin to train.

        Raises:
            UserError: this machine does not see the folder of runs.
        """
        from sandbox.commands.sweep import trial_of
        from sandbox.commands.train import options_for
        from sandbox.targets import find_target

        os.environ["SANDBOX_RUNS"] = config["runs"]
        os.chdir(config["folder"] if Path(config["folder"]).is_dir() else ".")
        order = Order(**config["order"])
        if not journal(order.study).exists():
            raise UserError(
                f"A machine of the cluster does not see {runs_dir()}: SANDBOX_RUNS must name a folder that "
                "all of them share."
            )
        target = find_target(order.target)
        self.order = order
        self.training, self.total = trial_of(
            target,
            options_for(target, order.words),
            order.words,
            config["chosen"],
            sweep=order.study,
            seed=order.seed,
        )
        self.figures: queue.Queue[tuple[int, float] | None] = queue.Queue()
        self.state = "failed"
        self.training.run.listeners.append(self._look)
        self.thread = threading.Thread(target=self._drive, daemon=True)
        self.thread.start()

    def step(self) -> dict[str, Any]:
        """Wait for the next evaluation, or for the end."""
        found = self.figures.get()
        run = self.training.run
        if found is not None:
            return {"run": run.name, "at": found[0], "total": self.total, "figure": found[1]}
        outcome = outcome_of(run, self.state, self.order.metric, False)
        message = str(run.status().get("message") or "")
        return {"run": run.name, "done": True, **dataclasses.asdict(outcome), "message": message}

    def cleanup(self) -> None:
        """Stop and save, if it was given up."""
        if self.thread.is_alive():
            self.training.run.request_stop()
            self.thread.join()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: the run saves itself."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing, likewise."""

    def _drive(self) -> None:
        from sandbox.progress import drive

        try:
            self.state = drive(self.training.run, self.training.events)
        finally:
            self.figures.put(None)

    def _look(self, step: int, figures: Any) -> None:
        if self.order.metric in figures:
            self.figures.put((step, figures[self.order.metric]))


class Suggestions(Searcher):
    """Asks the sweep what to train, and tells it what came of it.

    Args:
        sweep: the study.
        order: what every trial trains.
    """

    def __init__(self, sweep: Sweep, order: Order) -> None:
        super().__init__()
        self.sweep, self.order = sweep, order
        self.trials: dict[str, Trial] = {}
        self.given_up: set[str] = set()
        self.stopped = False

    def suggest(self, trial_id: str) -> dict[str, Any]:
        """Choose what is trained next."""
        trial = self.trials[trial_id] = self.sweep.ask()
        order = dataclasses.asdict(self.order)
        where = {"folder": str(Path.cwd()), "runs": str(runs_dir())}
        return {"chosen": trial.chosen, "order": order, **where}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Nothing: `GivesUp` has looked at it."""

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Note what came of it."""
        trial = self.trials.pop(trial_id, None)
        if trial is None:
            return
        if error or not result or "run" not in result:
            trial.fail()
            return
        if trial_id in self.given_up:
            outcome = Outcome(result["figure"], "pruned")
        else:
            outcome = Outcome(result.get("value"), result.get("state", "stopped"))
        self.stopped |= outcome.state == "stopped"
        trial.end(result["run"], outcome)
        value = "no figure" if outcome.value is None else f"{self.order.metric} {figure(outcome.value)}"
        said = f"{result['run']} (trial {trial.number + 1}): {outcome.state}, {value}"
        print(printable(f"{said} {result.get('message', '')}".rstrip()), file=sys.stderr)

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the journal has everything."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing, likewise."""


class GivesUp(FIFOScheduler):
    """Gives a trial up where the sweep says so.

    Args:
        suggestions: knows the trials.
    """

    def __init__(self, suggestions: Suggestions) -> None:
        super().__init__()
        self.suggestions = suggestions

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Ask after each evaluation."""
        asked = self.suggestions.trials.get(trial.trial_id)
        if asked is None or "figure" not in result or result["at"] >= result["total"] > 0:
            return TrialScheduler.CONTINUE
        if asked.goes_on(result["at"], result["total"], result["figure"]):
            return TrialScheduler.CONTINUE
        self.suggestions.given_up.add(trial.trial_id)
        return TrialScheduler.STOP


def run_on_ray(address: str, sweep: Sweep, order: Order, trials: int) -> int:
    """Train until a sweep has so many trials.

    Args:
        address: of the cluster's head, `auto`, `local` for all processors of this machine, or `local:2`.
        sweep: the study.
        order: what every trial trains.
        trials: in all, with those that were trained before.

    Returns:
        The exit status: 0, 130 when it was stopped, 1 when trials came to no end.

    Raises:
        UserError: there is no such cluster, or its machines do not see the folder of runs.
    """
    missing = trials - sweep.finished
    if missing <= 0:
        return 0
    logging.getLogger("ray.tune").setLevel(logging.ERROR)  # it misses files that nobody asked for
    suggestions = Suggestions(sweep, order)
    scratch = runs_dir() / ".sweeps" / f".ray-{order.study}-{os.getpid()}"
    with connected(address):
        try:
            results = tune.Tuner(
                tune.with_resources(TrialRun, {"cpu": 1}),
                tune_config=tune.TuneConfig(
                    search_alg=suggestions,
                    scheduler=GivesUp(suggestions),
                    num_samples=missing,
                    reuse_actors=False,
                    trial_dirname_creator=lambda trial: trial.trial_id,
                ),
                run_config=tune.RunConfig(name=scratch.name, storage_path=str(scratch.parent), verbose=0),
            ).fit()
        finally:
            left = list(suggestions.trials.values())  # of a sweep that was stopped
            for trial in left:
                trial.fail()
            shutil.rmtree(scratch, ignore_errors=True)
    for error in results.errors:
        sentence = next((text for text in str(error).splitlines() if "UserError: " in text), None)
        if sentence is not None:
            raise UserError(sentence.partition("UserError: ")[2])
    if suggestions.stopped or left:
        return STOPPED
    return 0 if sweep.finished >= trials else 1
