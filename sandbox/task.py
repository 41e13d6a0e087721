"""The contract of tasks before `sandbox.tasks`, for those that have not moved yet.

When none is left, this file and `sandbox/task_script.py` go, and with them the lines that say `old contract`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from sandbox.build_limit import BuildLimit
from sandbox.data.formats import images
from sandbox.devices import pick_device, seed_everything
from sandbox.errors import UserError, did_you_mean
from sandbox.task_script import with_library
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.script import Recipe
from sandbox.tasks.training import Prepared, find_rate, follow_task, train_task
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.fit import Learner

__all__ = [
    "Baseline",
    "Task",
    "Training",
    "find_rate",
    "follow_task",
    "load_predictor",
    "settings_from",
    "train_task",
]

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True)
class Training:
    """All that one training of a task needs."""

    learner: Learner[Any]
    """Owns the model and learns."""
    batches: Callable[[int], Any]
    """The batch of each step."""
    total: int
    """Steps in all."""
    evaluate: Callable[[], Mapping[str, float]]
    """Figures for the curve while training, fast."""
    test: Callable[[], Mapping[str, float]]
    """The final figures on what was held out, with `<figure>_low` and `<figure>_high` around the main one."""
    stopping: EarlyStopping | None = None
    """May end the training early, by examples of the training part that were kept aside."""
    threads: int | None = None
    """Threads of the CPU that suit it best, if the user names none; None for torch's own choice."""
    notes: Sequence[str] = ()
    """What a person should know of the data, such as how many files were left out; one sentence each."""
    meta: Mapping[str, Any]
    """JSON values from which, with a checkpoint's tensors, `Task.predictor` makes a predictor."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a sensible person would try first, on the same split."""

    name: str
    """Such as `nearest neighbour`."""
    metrics: Mapping[str, float]
    """The same figures as `Training.test` gives."""


class Task(ABC, Generic[Settings]):
    """A demo's contract. Subclass it, and put one instance named `TASK` into the file."""

    title: ClassVar[str]
    """The question a person would ask."""
    metric: ClassVar[str]
    """The main figure of `Training.test`; larger is better."""
    presets: ClassVar[Mapping[str, Any]]
    """Settings by name; the first is the default."""
    data_sets: ClassVar[Collection[str]] = ()
    """Names that `data` may have besides a path: data sets that are built in."""

    def settings(self, preset: str | None = None) -> Settings:
        """The settings of a preset, by default the first.

        Raises:
            UserError: there is no such preset; names the nearest.
        """
        if preset is None:
            return next(iter(self.presets.values()))
        if preset not in self.presets:
            hint = did_you_mean(preset, self.presets) or f" There are {', '.join(self.presets)}."
            raise UserError(f"There is no preset {preset!r}.{hint}")
        return self.presets[preset]

    @abstractmethod
    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the data and build what learns.

        Args:
            settings: of the training.
            data: name of a data set or a path; None for the task's own.
            seed: of weights and batches; torch's generators are seeded with it already.
            device: to learn on.

        Raises:
            UserError: the data cannot be used, or a setting makes no sense.
        """

    @abstractmethod
    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """Figures of the baseline on the same split."""

    @abstractmethod
    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Any:
        """What a demo asks for answers, from the tensors and meta data of a checkpoint; on the CPU."""

    def script(self, recipe: Recipe) -> str:
        """A Python file that trains the same again, or measures its weights, without the command line."""
        return with_library(recipe)

    def prepared(self, settings: Settings, data: str | None, seed: int, device: torch.device) -> Prepared:
        """What `sandbox.tasks.training` trains."""
        training = self.prepare(settings, data=data, seed=seed, device=device)
        return Prepared(
            training=training,
            evaluate=training.evaluate,
            test=training.test,
            notes=training.notes,
            device=device,
        )

    def tested(
        self,
        name: str,
        settings: Settings,
        data: str | None,
        seed: int,
        checkpoint: tuple[Mapping[str, Tensor], Mapping[str, Any]],
        numbers: int,
    ) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]], Sequence[str]]:
        """Figures of a run's checkpoint, those of the baseline by its name, and notes; see `evaluation`."""
        tensors, meta = checkpoint
        seed_everything(seed)
        with BuildLimit(tensors.values(), numbers):
            training = self.prepare(settings, data=data, seed=seed, device=pick_device("auto"))
        classes = meta.get("classes") or []
        if classes != list(training.meta.get("classes", ())):
            raise UserError(f"{name} knows other classes than {data} has: {', '.join(map(str, classes))}.")
        try:
            training.learner.load_state(dict(tensors), *training.learner.state())
        except (RuntimeError, KeyError, ValueError) as error:
            raise UserError(f"The network of {name} does not fit this data: {error}.") from error
        return training.test(), self.baselines_tested(settings, data), training.notes

    def baselines_tested(self, settings: Settings, data: str | None) -> Mapping[str, Mapping[str, float]]:
        """Figures of the baseline by its name."""
        baseline = self.baseline(settings, data)
        return {baseline.name: baseline.metrics}


class OldPredictor:
    """A predictor of the old contract with what `sandbox predict` asks of the new one.

    Args:
        predictor: with a `predict_file`, or with `classes` and a `predict` of pictures.
    """

    def __init__(self, predictor: Any) -> None:
        self.predictor, self.input, self.output = predictor, self, self
        self.files = "a file, such as a picture"

    def read(self, file: Path) -> Path:
        """The file itself."""
        return file

    def encode(self, raw: Path) -> Mapping[str, float]:
        """The answer already: old predictors read files themselves."""
        if hasattr(self.predictor, "predict_file"):
            return self.predictor.predict_file(raw)
        numbers = self.predictor.predict(images.values(raw)).tolist()
        return dict(zip(self.predictor.classes, numbers, strict=True))

    def predict(self, answers: Sequence[Any]) -> Sequence[Any]:
        """The answers."""
        return answers

    def text(self, answer: Mapping[str, float]) -> str:
        """The most probable names; of numbers that are no probabilities, all."""
        sums_to_one = math.isclose(sum(answer.values()), 1.0, abs_tol=0.01)
        kind = Probabilities if sums_to_one else Numbers
        return kind(list(answer)).text(list(answer.values()))

    def to_json(self, answer: Mapping[str, float]) -> Mapping[str, float]:
        """The answer itself."""
        return answer

    def save(self, answer: Mapping[str, float], folder: Path, stem: str) -> Path:
        """Write the JSON form."""
        return Probabilities(list(answer)).save(list(answer.values()), folder, stem)
