"""A run at one age: its network, data, answers and figures; read when they are asked for, then kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from apps.studio import background_work
from apps.studio.page.checkpoint_view import CheckpointView
from apps.studio.page.kept import kept
from sandbox.data.fingerprint import Source, source_of
from sandbox.metrics.scores import Scores, with_intervals
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples
from sandbox.tasks.task import Task

Figures = Mapping[str, float]
"""By name: `test_accuracy`, `test_accuracy_low`, `test_accuracy_high`."""
ENDS = ("", "_low", "_high")
MOST = 2_000
"""Unseen examples that a page answers for; figures with their intervals use all of them."""


@dataclass(frozen=True)
class RunView(CheckpointView):
    """A run of a task at one age; its `predictor` is the `Predictor` of the checkpoint."""

    @staticmethod
    def read(path: str, step: int, written: float) -> Predictor[Any, Any]:
        """The predictor of a checkpoint, read once."""
        return kept(("predictor", path, step, written), lambda: load_predictor(Run.open(path), step))

    @cached_property
    def task(self) -> Task[Any, Any, Any]:
        """What was learned."""
        return import_task(self.run.config["target"])

    @cached_property
    def settings(self) -> Any:
        """Settings that the run was trained with."""
        return settings_from(self.task, self.run.config.get("settings") or {})

    @property
    def data_key(self) -> tuple[Any, ...]:
        """What decides the run's examples and which of them are unseen."""
        values = asdict(self.settings)
        names = self.task.split_settings
        told = values if names is None else {name: values[name] for name in names}
        return self.run.config["target"], self.source.key, repr(told)

    @property
    def source(self) -> Source:
        """Which data it was trained on, and whether they are still the same."""
        return source_of(self.run.name, self.run.config)

    @cached_property
    def split(self) -> Any:
        """The run's data, split as for the training: a `Split`; views know what kind it is."""
        return kept(("split", *self.data_key), lambda: self.task.load(self.settings, self.source.checked()))

    @property
    def test(self) -> Examples[Any, Any]:
        """Unseen examples, at most `MOST`."""
        return self.split.test.some(MOST)

    @property
    def things(self) -> str:
        """What the examples are called, in the plural."""
        return self.split.about.things

    @cached_property
    def answers(self) -> Any:
        """The network's answer for each of `test`."""
        return kept(("answers", *self.key), lambda: self.predictor.predict(self.test.inputs))

    @property
    def measured(self) -> Mapping[str, Scores] | None:
        """What `measure` says of all unseen examples; None while it is computed."""
        found = self._measured
        return None if found is None else found[0]

    @property
    def scores(self) -> Figures | None:
        """Figures on all unseen examples with their intervals; None while they are computed."""
        found = self._measured
        return None if found is None else found[1]

    @property
    def _measured(self) -> tuple[Mapping[str, Scores], Figures] | None:
        def measure() -> tuple[Mapping[str, Scores], Figures]:
            found = self.task.measure(self.predictor, self.split.test)
            return found, with_intervals(found)

        return self.later("scores", measure)

    @property
    def baselines(self) -> Mapping[str, Predictor[Any, Any]]:
        """What a sensible person would try first, by name."""
        return kept(
            ("baselines", *self._baseline_key), lambda: self.task.baselines(self.settings, self.split)
        )

    @property
    def _baseline_key(self) -> tuple[Any, ...]:
        return *self.data_key, repr(asdict(self.settings))

    @property
    def baseline_scores(self) -> Mapping[str, Figures] | None:
        """Their figures on the same examples; None while they are computed."""

        def measure() -> Mapping[str, Figures]:
            return {
                name: with_intervals(self.task.measure(predictor, self.split.test))
                for name, predictor in self.baselines.items()
            }

        return background_work.ask(("baseline scores", *self._baseline_key), measure)

    @property
    def members(self) -> Mapping[str, Predictor[Any, Any]]:
        """Each of several networks of the run alone, by name; none if there is one only."""
        found = getattr(self.predictor, "members", {})
        return found if len(found) > 1 else {}

    def apart(self, figures: Figures, key: str) -> dict[str, Figures]:
        """A figure of each of several networks, by name; none if there is one only, or they are not there."""
        return {
            name: {
                key + end: figures[f"{key}_{name}{end}"] for end in ENDS if f"{key}_{name}{end}" in figures
            }
            for name in self.members
            if f"{key}_{name}" in figures
        }

    def title(self, name: str) -> str:
        """What one of several networks is called."""
        return self.task.networks.get(name, name)

    def block(self, kind: type) -> bool:
        """Whether the network is, or contains, a block of that class."""
        model = getattr(self.predictor, "model", None)
        return model is not None and any(isinstance(module, kind) for module in model.modules())
