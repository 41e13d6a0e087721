"""A training in the page's process as the studio's tabs know it: a run at one age."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from torch import Tensor

from apps.neurons.live_training import LiveTraining
from apps.neurons.plane import Plane, PlaneSplit, Settings
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from sandbox.data.plane_points import SETS
from sandbox.settings import as_words

TARGET = "neurons/plane"


class LiveRun:
    """What the studio asks of a run, answered for a training that is in no folder.

    Args:
        training: in this process.
    """

    name = "neurons"
    path = "neurons"

    def __init__(self, training: LiveTraining) -> None:
        self.training = training

    @property
    def config(self) -> dict[str, Any]:
        """As a run's `config.json`."""
        training = self.training
        options = ["--data", training.data, "--seed", str(training.seed), "--device", "cpu"]
        return {
            "kind": "task",
            "target": TARGET,
            "settings": asdict(training.settings),
            "seed": training.seed,
            "device": "cpu",
            "threads": 1,
            "data": training.data,
            "argv": ["train", TARGET, *options, *as_words(training.settings, Settings())],
        }

    def status(self) -> dict[str, Any]:
        """As a run's `status.json`."""
        training = self.training
        return {
            "state": training.state,
            "step": training.step,
            "total": training.total,
            "unit": "step",
            "seconds": training.seconds,
        }

    def stop_requested(self) -> bool:
        """Never: it stops at once."""
        return False

    def metrics(self) -> list[dict[str, Any]]:
        """Its figures, and those with their intervals as the last row."""
        return [*self.training.rows, {"step": self.training.step, **self.training.final()}]

    def checkpoints(self) -> list[int]:
        """Steps of which there are weights, the present one among them."""
        return sorted({*self.training.ages, self.training.step})

    def load_model(self, step: int | None = None) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Weights and meta data, now by default."""
        now = step is None or step == self.training.step
        meta = self.training.meta
        return self.training.tensors(None if now else step), meta if now else {**meta, "step": step}


@dataclass(frozen=True)
class LiveView(RunView):
    """A training at one age.

    Attributes:
        training: in this process.
    """

    training: LiveTraining

    @classmethod
    def of(cls, training: LiveTraining, age: int | None) -> LiveView:
        """The training at one of its ages; None for now."""
        run: Any = LiveRun(training)
        step = training.step if age is None else age
        return cls(run, step, float(len(training.rows)), training.predictor(age), training)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this view from others: other points and weights changed by hand make another row."""
        return "neurons", self.training.number, self.step, len(self.training.rows)

    @cached_property
    def task(self) -> Plane:
        """What is learned, in the words of these points."""
        return CLASSES if self.training.points.classes else VALUES

    @cached_property
    def settings(self) -> Settings:
        """Settings of the training."""
        return self.training.settings

    @cached_property
    def split(self) -> PlaneSplit:
        """Its points."""
        return self.training.split

    @property
    def data_key(self) -> tuple[Any, ...]:
        """What decides the points and which of them are unseen."""
        if self.training.data in SETS:
            return super().data_key
        return TARGET, self.training.points.fingerprint

    def later(self, what: str, work: Callable[[], Any]) -> Any:
        """At once: these networks are small, and while they learn there is another view at each look."""
        return kept((what, *self.key), work)

    def aged(self, step: int) -> RunView:
        """The same training at another age."""
        return LiveView.of(self.training, None if step == self.training.step else step)


class Classes(Plane):
    """The task in words for points with a class each."""

    metric = replace(
        Plane.metric,
        title="accuracy",
        help="Accuracy is the share of unseen points that are classified correctly.",
    )
    says = "it classifies **{value}** of {count} unseen {things} correctly"


class Values(Plane):
    """The task in words for points with a value each."""

    metric = replace(
        Plane.metric,
        title="variance explained",
        complement="variance not explained",
        help="Variance explained (R²) is 100 % for exact predictions, and 0 for always the mean.",
    )
    says = "it explains **{value}** of the variance of {count} unseen {things}"


CLASSES, VALUES = Classes(), Values()
WORDS: Mapping[str, str] = {"mlp": "perceptron", "rbfn": "radial basis network"}
"""What people call the networks."""
