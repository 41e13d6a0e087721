"""The contract of a task: what goes in, what comes out, how it is learned, and how it is judged.

A task is one file, `apps/<domain>/<task>.py`, with an instance `TASK` of a subclass of `Task`. From it come
`sandbox train`, `evaluate` and `predict`, the tests that every task must pass, and its page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from sandbox.errors import UserError, did_you_mean
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.reference import Reference
from sandbox.tasks.script import Recipe, over_task
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Examples, Split
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.fit import Learner

S = TypeVar("S")
X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True, kw_only=True)
class Training:
    """All that one training of a task needs.

    Attributes:
        learner: owns the model and learns.
        predictor: answers with the model as it is at the moment; the curve measures it.
        batches: the batch of each step, counted from 0.
        total: steps in all.
        stopping: may end the training early, by examples of the training part that were kept aside.
        threads: threads of the CPU that suit it best, if the user names none; None for torch's own choice.
        meta: JSON values from which, with a checkpoint's tensors, `Task.predictor` makes a predictor.
    """

    learner: Learner[Any]
    predictor: Predictor[Any, Any]
    batches: Callable[[int], Any]
    total: int
    meta: Mapping[str, Any]
    stopping: EarlyStopping | None = None
    threads: int | None = None


class Task(ABC, Generic[S, X, Y]):
    """Settings `S`, one input `X`, one answer `Y`. Subclass it, and put one instance `TASK` into the file.

    Attributes:
        title: the question a person would ask.
        metric: the main one of the figures that `measure` gives.
        presets: settings by name; the first is the default, and learns something useful within 60 s.
        preset_titles: what a menu calls them, where the name does not say it: `{"wide": "16 numbers"}`.
        sources: where data may come from, the default first, which needs no network.
        says: how a page says the main figure behind `After 100 steps`, with `{value}`, `{count}` and
            `{things}`: `it reads **{value}** of {count} unseen {things} correctly`; empty for a general one.
        says_other: the same of a method that is not trained, with `{name}`.
        live: unseen examples that are measured for the curve; the final figures use all of them.
        spoilt: unseen examples that a page spoils at each of several amounts; few where each takes long.
        tiny: changes of the default settings with which it trains in about a second and gets better at all:
            `{"steps": 60}`; the tests that every task must pass use them.
        curve: the figure that the curve shows; None for the main one.
        networks: what each of several networks of one run is called, by the end of its figures' names:
            `accuracy_rnn` is the accuracy of `{"rnn": "RNN"}`.
        code: functions and classes worth reading, which the tab *Code* shows besides the blocks.
        split_settings: settings that decide which examples there are and which are unseen; None for all.
        method: what a page's menu of several tasks calls it, such as `autoencoder`; empty for the title.
        references: public figures on the same data, to be printed beside what is reached here.
    """

    title: ClassVar[str]
    metric: ClassVar[Metric]
    presets: ClassVar[Mapping[str, Any]]
    preset_titles: ClassVar[Mapping[str, str]] = {}
    sources: ClassVar[Sequence[Source | OwnData]] = ()
    says: ClassVar[str] = ""
    says_other: ClassVar[str] = ""
    live: ClassVar[int] = 600
    spoilt: ClassVar[int] = 600
    tiny: ClassVar[Mapping[str, Any]] = {}
    curve: ClassVar[Metric | None] = None
    networks: ClassVar[Mapping[str, str]] = {}
    code: ClassVar[Sequence[Any]] = ()
    split_settings: ClassVar[Collection[str] | None] = None
    method: ClassVar[str] = ""
    references: ClassVar[Sequence[Reference]] = ()

    def settings(self, preset: str | None = None) -> S:
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

    def metric_at(self, settings: S, step: int) -> Metric:
        """The figure to tell at a step: another one while the training does not yet move the main one."""
        return self.metric

    @property
    def data_sets(self) -> Sequence[str]:
        """Names that `--data` takes besides paths."""
        return [source.name for source in self.sources if isinstance(source, Source)]

    def script(self, recipe: Recipe) -> str:
        """A Python file that trains as a run did and comes to the same figures; by default over this task."""
        return over_task(recipe)

    @abstractmethod
    def load(self, settings: S, source: str | None) -> Split[X, Any]:
        """Read the data, split without leaks.

        Args:
            settings: of the training; those that say which data there are count.
            source: name of one of `sources`, or a path; None for the first.

        Raises:
            UserError: there is no such data, or it cannot be used; says why.
        """

    @abstractmethod
    def prepare(self, settings: S, split: Split[X, Any], *, seed: int, device: torch.device) -> Training:
        """Build what learns.

        Args:
            settings: of the training.
            split: from `load`.
            seed: of weights and batches; torch's generators are seeded with it already.
            device: to learn on.

        Raises:
            UserError: a setting does not fit the data.
        """

    def truth(self, settings: S, inputs: Any) -> Any:
        """The right answers for inputs of any kind, where a rule gives them; None where nobody knows them."""
        return None

    def aside(self, settings: S, split: Split[X, Any]) -> Examples[X, Any] | None:
        """Training examples that were kept aside, to calibrate by; None if all were learned from."""
        return None

    @abstractmethod
    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Predictor[X, Y]:
        """What answers, from the tensors and meta data of a checkpoint alone; on the CPU."""

    @abstractmethod
    def measure(self, predictor: Predictor[X, Y], examples: Examples[X, Any]) -> Mapping[str, Scores]:
        """Figures of a predictor, a baseline's likewise, on examples.

        The curve, the final figures, `sandbox evaluate`, pages and tables all call this.
        """

    @abstractmethod
    def baselines(self, settings: S, split: Split[X, Any]) -> Mapping[str, Predictor[X, Y]]:
        """By name, what a sensible person would try first on the same split; the strongest first."""
