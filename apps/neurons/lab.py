"""One training in the page's own process, a few milliseconds at a time, with all that the page shows of it.

It takes the steps that `sandbox train neurons/plane` takes, one by one: with the same settings and seed both
end with the same weights, as long as nobody paints points or turns weights on the way.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from apps.neurons import plane, scores
from apps.neurons.plane import Settings
from apps.neurons.points import Points
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.runs.checkpoints import next_kept
from sandbox.task import Training
from sandbox.training.fit import LIKELY_CAUSE
from sandbox.training.supervised import Supervised

PATIENCE = 0.05
"""Seconds that one look may train at most."""


_drawing = threading.Lock()


def fresh(points: Points, settings: Settings, seed: int) -> Training:
    """An untrained network with all that its training needs, as `train_task` makes it; for any thread."""
    with _drawing, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return plane.build(points, settings, seed, torch.device("cpu"))


class Lab:
    """A network that learns while the page looks.

    Attributes:
        points: what it learns from.
        settings: of the training.
        seed: of weights and minibatches.
        model: the network.
        step: minibatches learned from.
        rows: figures of each look, as a run's metrics.
        ages: the steps of which the weights were kept.
        playing: whether it goes on at the next look.
        trouble: why it cannot go on, one sentence; empty while it can.
        touched: what a person has changed on the way, so that no script comes to the same: `points` or
            `weights`.
        seconds: of training.
    """

    def __init__(self, points: Points, settings: Settings, seed: int = 0) -> None:
        self._training = fresh(points, settings, seed)
        self.points, self.settings, self.seed = points, settings, seed
        learner = self._training.learner
        assert isinstance(learner, Supervised)
        self._learner: Supervised = learner
        model = learner.model
        assert isinstance(model, MLP | RBFN)
        self.model: MLP | RBFN = model
        self.step, self.seconds = 0, 0.0
        self.rows: list[dict[str, float]] = [{"step": 0, **self._training.evaluate()}]
        self.playing, self.trouble = False, ""
        self.touched: set[str] = set()
        self._kept: dict[int, dict[str, Tensor]] = {}
        self._keep()

    @property
    def total(self) -> int:
        """Steps in all."""
        return self.settings.steps

    @property
    def meta(self) -> dict[str, Any]:
        """What `plane.TASK.predictor` makes a predictor from, with the model's tensors."""
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
        figures = {"step": self.step, "loss": torch.stack(losses).mean().item(), **self._training.evaluate()}
        self.seconds += clock() - begin
        if not all(abs(value) < float("inf") for value in figures.values()):
            self.trouble = f"At step {self.step} the loss is no longer a number; {LIKELY_CAUSE}"
            self.playing = False
            return taken
        self.rows.append(figures)
        if self.step >= self.total:
            self.playing = False
            self._keep()
        return taken

    def final(self) -> dict[str, float]:
        """Loss and score on what is held out, with its interval."""
        return dict(self._training.test())

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
        weight, bias = self.parameters()[layer - 1] if 1 <= layer <= len(self.parameters()) else (None, None)
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
        self.touched.add("weights")
        self.rows.append({"step": self.step, **self._training.evaluate()})
        self._keep()

    def parameters(self, model: MLP | RBFN | None = None) -> list[tuple[Tensor, Tensor]]:
        """Weights (to, of) and biases (to,) of each layer; of bumps their centres and log widths.

        Args:
            model: an earlier one; the one that learns if None.
        """
        model = model or self.model
        if isinstance(model, RBFN):
            return [(model.centres, model.log_width), (model.head.weight, model.head.bias)]
        return [(layer.weight, layer.bias) for layer in model if isinstance(layer, torch.nn.Linear)]

    def repaint(self, points: Points) -> None:
        """Go on with other points of the same classes; all figures are about these from now on.

        Raises:
            UserError: too few points, or other classes than before.
        """
        points.check()
        if points.classes != self.points.classes:
            raise UserError("Other classes need another network.")
        x, y = plane.tensors_of(points, torch.device("cpu"))
        held = torch.from_numpy(points.held)
        model = self.model
        batches = ShuffledBatches(x[~held], y[~held], batch_size=self.settings.batch_size, seed=self.seed)
        self._training = replace(
            self._training,
            batches=batches,
            evaluate=lambda: scores.figures(model, x, y, held),
            test=lambda: scores.final_figures(model, x[held], y[held]),
        )
        self.points = points
        self.rows.append({"step": self.step, **self._training.evaluate()})
        if self.step:
            self.touched.add("points")

    def at(self, age: int | None) -> MLP | RBFN:
        """The network as it was at one of `ages`, or as it is now if None."""
        if age is None or age not in self._kept:
            return self.model
        model = plane.make_model(self._training.meta["network"])
        model.load_state_dict(self._kept[age])
        return model

    def _keep(self) -> None:
        self._kept[self.step] = {name: value.clone() for name, value in self.model.state_dict().items()}
