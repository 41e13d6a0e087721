"""Many trainings with other settings, each chosen by what came of those before: Optuna over run folders.

Each trial is an ordinary run. What was tried lies in a journal beside the runs, so that a sweep goes on after
it was stopped, and several processes may work on one.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import UserError, did_you_mean
from sandbox.runs import Run
from sandbox.runs.folder import runs_dir
from sandbox.setting_spec import Spec
from sandbox.settings import specs

LOOKS = 20
"""How often in a training it is asked whether it is worth going on."""
FEWEST = 4
"""Trials that are trained to the end before any is given up."""
WIDE = 10.0
"""A range whose end is this many times its begin is searched by orders of magnitude."""
AGENT = {
    "learning_rate": "1e-4:1e-2",
    "gamma": "0.95,0.98,0.99,0.995",
    "ent_coef": "0.0,0.003,0.01,0.03",
    "num_steps": "16,32,64,128",
}
"""What is searched of an agent, as far as its algorithm has it, if nobody says."""
TASK = {"learning_rate": "1e-4:3e-2", "weight_decay": "0.0,0.001,0.01,0.1", "dropout": "0.0,0.1,0.3,0.5"}
"""Likewise of a task."""


@dataclass(frozen=True)
class Dimension:
    """One setting and what it may be.

    Attributes:
        name: of the setting.
        kind: int, float, bool or str.
        choices: the values, if they are listed.
        low: least value otherwise.
        high: greatest value.
    """

    name: str
    kind: type
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def suggest(self, trial: Any) -> Any:
        """The value that a trial shall have."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        log = self.low > 0 and self.high / self.low >= WIDE
        if self.kind is int:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=log)
        return trial.suggest_float(self.name, self.low, self.high, log=log)


@dataclass(frozen=True)
class Outcome:
    """What came of one trial.

    Attributes:
        value: the figure that is searched for; None if there is none.
        state: `done`, `pruned`, `failed` or `stopped`.
    """

    value: float | None
    state: str


Train = Callable[[Mapping[str, Any], int, Callable[[int, int, float], bool]], tuple[str, Outcome]]
"""Trains with settings and a trial's number; asks `(step, total, figure)` whether to go on; name, outcome."""


def dimensions(settings: Any, wanted: Sequence[str], default: Mapping[str, str]) -> list[Dimension]:
    """What is searched.

    Args:
        settings: those of the preset.
        wanted: `learning_rate=1e-4:1e-2` or `hidden_size=32,64`; the defaults if empty.
        default: name and range of what is searched then, as far as the settings have it.

    Raises:
        UserError: no such setting, or a range that makes no sense; says which.
    """
    known = specs(type(settings))
    if not wanted:
        return [_dimension(known[name], said) for name, said in default.items() if name in known]
    found = []
    for words in wanted:
        name, _, said = words.partition("=")
        name = name.strip().replace("-", "_")
        if name not in known:
            raise UserError(f"There is no setting {name!r} to search.{did_you_mean(name, known)}")
        found.append(_dimension(known[name], said))
    return found


def _dimension(spec: Spec, said: str) -> Dimension:
    if spec.many is not None or spec.kind not in (int, float, bool, str):
        raise UserError(f"{spec.name} has several numbers, which cannot be searched; leave it out.")
    try:
        if ":" in said and spec.kind in (int, float):
            low, high = (float(part) for part in said.split(":"))
            if not low < high or not (spec.range.holds(low) and spec.range.holds(high)):
                raise ValueError
            return Dimension(spec.name, spec.kind, low=low, high=high)
        choices = tuple(_value(spec, word.strip()) for word in said.split(",") if word.strip())
        if not choices:
            raise ValueError
    except ValueError:
        raise UserError(
            f"{spec.name} can be searched as {spec.name}=LOW:HIGH or {spec.name}=A,B,C with each "
            f"{spec.allowed()}, not as {said!r}."
        ) from None
    return Dimension(spec.name, spec.kind, choices)


def _value(spec: Spec, word: str) -> Any:
    if spec.kind is bool:
        if word.lower() not in ("true", "false"):
            raise ValueError
        return word.lower() == "true"
    value = spec.kind(word)
    fits = value in spec.range.choices if spec.range.choices else spec.kind is str or spec.range.holds(value)
    if not fits:
        raise ValueError
    return value


class Trial:
    """One training of a study.

    Args:
        study: Optuna's.
        trial: likewise.
        chosen: the settings that were suggested for it.

    Attributes:
        chosen: as given.
        number: of the trial in the study.
    """

    def __init__(self, study: Any, trial: Any, chosen: dict[str, Any]) -> None:
        self._study, self._trial, self.chosen = study, trial, chosen
        self.number: int = trial.number
        self._looked: set[int] = set()

    def goes_on(self, step: int, total: int, figure: float) -> bool:
        """Note how far it has come; returns whether that is worth going on."""
        look = LOOKS * step // max(total, 1)
        if look in self._looked:
            return True
        self._looked.add(look)
        self._trial.report(figure, look)
        return not self._trial.should_prune()

    def end(self, run: str, outcome: Outcome) -> None:
        """Note what came of it, and in which run."""
        if outcome.state != "stopped":
            self._trial.set_user_attr("run", run)
        if outcome.state == "pruned":
            self._tell("PRUNED")
        elif outcome.state == "done" and outcome.value is not None:
            self._study.tell(self._trial, outcome.value)
        else:
            self._tell("FAIL")

    def fail(self) -> None:
        """Note that nothing came of it, not even a run that says why."""
        self._tell("FAIL")

    def _tell(self, state: str) -> None:
        from optuna.trial import TrialState

        self._study.tell(self._trial, state=TrialState[state])


class Sweep:
    """A study of trials.

    Args:
        name: of the sweep; its journal is `<runs>/.sweeps/<name>.jsonl`.
        space: what is searched.
        higher_is_better: direction of the figure.
        seed: of what is suggested.

    Raises:
        UserError: Optuna is not installed, or the journal searches something else.
    """

    def __init__(self, name: str, space: Sequence[Dimension], higher_is_better: bool, seed: int) -> None:
        if importlib.util.find_spec("optuna") is None:
            raise UserError("A sweep needs the package optuna: pip install optuna")
        import optuna
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(logging.WARNING)
        self.space = list(space)
        path = journal(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        backend = JournalFileBackend(str(path))
        before = path.exists() and path.stat().st_size > 0
        self.study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            study_name=name,
            direction="maximize" if higher_is_better else "minimize",
            load_if_exists=True,
        )
        searched = {dimension.name: repr(dimension) for dimension in space}
        if before and (known := self.study.user_attrs.get("space")) not in (None, searched):
            raise UserError(
                f"The sweep {name} searches {', '.join(known)} in ranges of its own; another search needs "
                "another --study."
            )
        self.study.set_user_attr("space", searched)
        # After a stop the next suggestions are others than the first ones.
        self.study.sampler = optuna.samplers.TPESampler(seed=seed + len(self.study.trials))
        self.study.pruner = optuna.pruners.MedianPruner(FEWEST, n_warmup_steps=LOOKS // 5)

    @property
    def finished(self) -> int:
        """Trials that came to an end, good or bad."""
        return sum(trial.state.is_finished() and "run" in trial.user_attrs for trial in self.study.trials)

    def ask(self) -> Trial:
        """Choose what is trained next."""
        trial = self.study.ask()
        return Trial(self.study, trial, {each.name: each.suggest(trial) for each in self.space})

    def run(self, train: Train) -> Outcome:
        """Train one trial.

        Args:
            train: trains it.

        Returns:
            What came of it; `stopped` means that nobody wants to go on.
        """
        trial = self.ask()
        try:
            run, outcome = train(trial.chosen, trial.number, trial.goes_on)
        except BaseException:
            trial.fail()
            raise
        trial.end(run, outcome)
        return outcome

    def best(self, count: int = 5) -> list[tuple[str, float, dict[str, Any]]]:
        """Runs that were trained to the end, the best first: name, figure, settings."""
        trials = self.study.trials
        done = [
            (t.user_attrs["run"], t.value, dict(t.params))
            for t in trials
            if t.state.name == "COMPLETE" and t.value is not None
        ]
        done.sort(key=lambda trial: trial[1], reverse=self.study.direction.name == "MAXIMIZE")
        return done[:count]


def journal(name: str) -> Path:
    """Where a sweep keeps what it tried."""
    return runs_dir() / ".sweeps" / f"{name}.jsonl"


def new_name(target: str) -> str:
    """A name that no sweep of a target has: `cartpole-sweep-001`."""
    stem = f"{target.replace('/', '-').lower()}-sweep"
    return next(name for n in range(1, 10_000) if not journal(name := f"{stem}-{n:03}").exists())


def outcome_of(run: Run, state: str, metric: str, pruned: bool) -> Outcome:
    """What a training came to, from its last row that has the figure."""
    values = [row[metric] for row in run.metrics() if metric in row]
    if pruned:
        return Outcome(values[-1] if values else None, "pruned")
    return Outcome(values[-1] if values else None, state)
