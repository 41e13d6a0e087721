"""One training in the page's own process, a few milliseconds at a time, with all that the page shows of it.

It takes the steps that `sandbox train neurons/plane` takes, one by one: with the same settings and seed both
end with the same weights, as long as nobody paints points or changes weights on the way.
"""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from apps.neurons.plane import TASK, PlaneSplit, Settings, batches_of, split_of
from apps.neurons.predictor import PlanePredictor, make_model
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data.plane_points import FIRST, Points
from sandbox.errors import UserError
from sandbox.metrics.scores import means, with_intervals
from sandbox.runs.checkpoints import next_kept
from sandbox.settings import check
from sandbox.tasks.task import Training
from sandbox.training.fit import LIKELY_CAUSE
from sandbox.training.supervised import Supervised

PATIENCE = 0.05
"""Seconds that one look may train at most."""
CPU = torch.device("cpu")

_drawing = threading.Lock()
_numbers = itertools.count()


def fresh(points: Points, settings: Settings, seed: int) -> tuple[PlaneSplit, Training, Supervised]:
    """An untrained network with its data and its learner, as `train_task` makes it; for any thread."""
    check(settings)
    split = split_of(points)
    with _drawing, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        training = TASK.prepare(settings, split, seed=seed, device=CPU)
    assert isinstance(training.learner, Supervised)
    return split, training, training.learner


class LiveTraining:
    """A network that learns while the page looks.

    Attributes:
        data: name of the set, or of a file of own points.
        settings: of the training.
        seed: of weights and minibatches.
        split: its points.
        model: the network.
        step: minibatches learned from.
        rows: figures of each look, as a run's metrics.
        playing: whether it goes on at the next look.
        trouble: why it cannot go on, one sentence; empty while it can.
        changed: what a person has changed on the way, so that no script comes to the same: `points` or
            `weights`.
        seconds: of training.
        number: another one for each training in this process.
    """

    def __init__(self, points: Points, settings: Settings, seed: int = 0, data: str = FIRST) -> None:
        self.split, self._training, self._learner = fresh(points, settings, seed)
        self.data, self.settings, self.seed = data, settings, seed
        model = self._learner.model
        assert isinstance(model, MLP | RBFN)
        self.model: MLP | RBFN = model
        self.step, self.seconds = 0, 0.0
        self.rows: list[dict[str, float]] = []
        self.playing, self.trouble = False, ""
        self.changed: set[str] = set()
        self.number = next(_numbers)
        self._kept: dict[int, dict[str, Tensor]] = {}
        self._look()
        self._keep()

    @property
    def points(self) -> Points:
        """What it learns from, and is tested on."""
        return self.split.points

    @property
    def total(self) -> int:
        """Steps in all."""
        return self.settings.steps

    @property
    def meta(self) -> dict[str, Any]:
        """What `TASK.predictor` makes a predictor from, with the model's tensors."""
        return {**self._training.meta, "step": self.step}

    @property
    def ages(self) -> list[int]:
        """Steps of which the weights were kept."""
        return sorted(self._kept)

    @property
    def state(self) -> str:
        """As a run's state: running, stopped, done or failed; queued before the first step."""
        if self.trouble:
            return "failed"
        if self.playing:
            return "running"
        if self.step >= self.total:
            return "done"
        return "stopped" if self.step else "queued"

    def advance(self, steps: int, clock: Callable[[], float] = time.perf_counter) -> int:
        """Learn from a few minibatches, for `PATIENCE` at most; returns how many it were.

        Args:
            steps: at most.
            clock: seconds.
        """
        if self.trouble:
            return 0
        begin, taken = clock(), 0
        losses: list[Tensor] = []
        while taken < steps and self.step < self.total and (not taken or clock() - begin < PATIENCE):
            losses.append(self._learner.step(self._training.batches(self.step))["loss"])
            self.step += 1
            taken += 1
            if self.step == next_kept(self.step - 1):
                self._keep()
        if not taken:
            self.playing = False
            return 0
        loss = torch.stack(losses).mean().item()
        self.seconds += clock() - begin
        if not abs(loss) < float("inf"):
            self.trouble = f"At step {self.step} the loss is no longer a number; {LIKELY_CAUSE}"
            self.playing = False
            return taken
        self._look(loss=loss)
        if self.step >= self.total:
            self.playing = False
            self._keep()
        return taken

    def final(self) -> dict[str, float]:
        """The figures on unseen points, with their intervals."""
        return with_intervals(TASK.measure(self._training.predictor, self.split.test))

    def turn(self, layer: int, to: int, of: int, value: float) -> None:
        """Set one weight.

        Args:
            layer: 1 for the first behind the input.
            to: the neuron it leads to.
            of: the neuron it comes from; -1 for the bias, or the width of a bump.
            value: new.

        Raises:
            UserError: there is no such weight.
        """
        known = layers_of(self.model)
        weight, bias = known[layer - 1] if 1 <= layer <= len(known) else (None, None)
        if weight is None or bias is None or not (0 <= to < len(weight) and -1 <= of < weight.shape[1]):
            raise UserError("There is no such weight in this network.")
        if not abs(value) <= 100:
            raise UserError(f"A weight may be from -100 to 100, not {value}.")
        with torch.no_grad():
            if of >= 0:
                weight[to, of] = value
            elif isinstance(self.model, RBFN) and layer == 1:
                bias[to] = torch.tensor(max(0.01, abs(value))).log()
            else:
                bias[to] = value
        self.changed.add("weights")
        self._look()
        self._keep()

    def repaint(self, points: Points, data: str) -> None:
        """Go on with other points of the same classes; all figures are about these from now on.

        Raises:
            UserError: too few points, or other classes than before.
        """
        split = split_of(points)
        if points.classes != self.points.classes:
            raise UserError("Other classes need another network.")
        self.split, self.data = split, data
        self._training = replace(
            self._training,
            batches=batches_of(split, self.settings, self.seed, CPU),
            meta={**self._training.meta, **split.meta()},
        )
        self._look()
        if self.step:
            self.changed.add("points")

    def tensors(self, age: int | None = None) -> dict[str, Tensor]:
        """The weights at one of `ages`, or as they are now if None."""
        found = self.model.state_dict() if age is None or age not in self._kept else self._kept[age]
        return {name: value.clone() for name, value in found.items()}

    def at(self, age: int | None) -> MLP | RBFN:
        """The network as it was at one of `ages`, or as it is now if None."""
        if age is None or age not in self._kept:
            return self.model
        model = make_model(self._training.meta["network"])
        model.load_state_dict(self._kept[age])
        return model

    def predictor(self, age: int | None) -> PlanePredictor:
        """What answers, as it was at one of `ages`, or as it is now if None."""
        return PlanePredictor(self.at(age), self._training.meta)

    def _look(self, **figures: float) -> None:
        """Add a row of figures."""
        seen = TASK.measure(self._training.predictor, self.split.train)["score"].mean
        unseen = means(TASK.measure(self._training.predictor, self.split.test))
        self.rows.append({"step": self.step, **figures, **unseen, "score": seen})

    def _keep(self) -> None:
        self._kept[self.step] = self.tensors()


def layers_of(model: MLP | RBFN) -> list[tuple[Tensor, Tensor]]:
    """Weights (to, of) and biases (to,) of each layer; of bumps their centres and log widths."""
    if isinstance(model, RBFN):
        return [(model.centres, model.log_width), (model.head.weight, model.head.bias)]
    return [(layer.weight, layer.bias) for layer in model if isinstance(layer, torch.nn.Linear)]
