"""Points in the plane: a small network learns which class, or what value, is where.

A third of the points is held out; nothing is chosen by it. Of classes the figure is the share told right, of
values the share of their variance that is explained (R²).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from apps.neurons import table
from apps.neurons.points import FEWEST_POINTS, MOST_POINTS, SETS, Points, generate
from apps.neurons.scores import figures, final_figures, neighbours
from sandbox.blocks.descent import OPTIMIZERS
from sandbox.blocks.mlp import ACTIVATIONS, MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data import point_table
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError, did_you_mean
from sandbox.files import typed_path
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, check, setting
from sandbox.task import Baseline, Task, Training
from sandbox.training.supervised import Supervised

FIRST = "moons"
MOST_UNITS, MOST_LAYERS = 512, 8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    network: Literal["mlp", "rbfn"] = setting(
        "mlp", "a multilayer perceptron, or a radial basis function network"
    )
    hidden: tuple[int, ...] = setting(
        (8, 6),
        "neurons of each hidden layer of the perceptron",
        low=1,
        high=MOST_UNITS,
        count=(0, MOST_LAYERS),
    )
    activation: str = setting("tanh", "of the perceptron's hidden layers", choices=tuple(ACTIVATIONS))
    centres: int = setting(
        12,
        "bumps of the radial basis network; k-means puts them where the points are",
        low=1,
        high=MOST_UNITS,
    )
    optimizer: str = setting("adam", "how a step is made of the gradient", choices=tuple(OPTIMIZERS))
    learning_rate: float = setting(0.02, "step size", low=0, high=10)
    batch_size: int = setting(32, "points in a minibatch", low=1, high=MOST_EXAMPLES)
    steps: int = setting(1500, "minibatches to learn from", low=1, high=MOST_STEPS)
    points: int = setting(
        300,
        "points that are made, a third of them held out; not for a file",
        low=FEWEST_POINTS,
        high=MOST_POINTS,
    )
    noise: float = setting(
        0.1,
        "how far made points are moved, standard deviation; the plane reaches from -1 to 1",
        low=0,
        below=10,
    )
    turns: float = setting(
        1.0, "of a spiral around the middle, or waves across the plane", above=0, below=100
    )
    points_seed: int = setting(0, "decides which points are made", low=0, high=LARGEST_SEED)
    split_seed: int = setting(0, "decides which third is held out", low=0, high=LARGEST_SEED)


class Predictor:
    """A trained network that answers in the user's own units.

    Attributes:
        model: the network, on points in units of the plane.
        classes: their names; empty if it predicts a value.
        shift: of the axes, see `Points`.
        scale: of the axes.
        value: shift and scale of the values.
    """

    def __init__(self, model: nn.Module, meta: Mapping[str, Any]) -> None:
        self.model = model
        self.classes = tuple(meta["classes"])
        self.shift, self.scale = np.array(meta["shift"]), np.array(meta["scale"])
        self.value = tuple(meta["value"])

    def predict(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """For each point (N, 2) the probability of each class (N, K), or the value (N,)."""
        inside = torch.from_numpy(((np.asarray(x) - self.shift) / self.scale).astype(np.float32))
        with torch.inference_mode():
            outputs = self.model(inside)
        if self.classes:
            return outputs.softmax(1).numpy()
        return (self.value[0] + self.value[1] * outputs[:, 0]).numpy()

    def predict_file(self, path: Path) -> Mapping[str, float]:
        """For a file with two columns of numbers, a row for each point: the mean probability of each class.

        Raises:
            UserError: a row is not two numbers, or the network predicts values.
        """
        if not self.classes:
            raise UserError("This network predicts values, not classes; ask its `predict` in Python.")
        return dict(zip(self.classes, self.predict(point_table.read(path)).mean(0).tolist(), strict=True))


class Plane(Task[Settings]):
    """Classes or values of points in the plane."""

    title = "What does each neuron do while a network learns?"
    metric = "test_score"
    data_sets: ClassVar[Collection[str]] = tuple(SETS)
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "best": Settings(hidden=(24, 24), steps=6000, learning_rate=0.01),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read or make the points and build the network; see `Task.prepare`."""
        return build(load_points(settings, data), settings, seed, device)

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """The nearest five neighbours on the same split."""
        return neighbours(load_points(settings, data))

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Predictor:
        """A `Predictor` from a checkpoint."""
        model = make_model(meta["network"])
        model.load_state_dict(dict(tensors))
        return Predictor(model.eval(), meta)


def load_points(settings: Settings, data: str | None = None) -> Points:
    """The points to learn from and those held out.

    Args:
        settings: how many are made and how.
        data: a key of `SETS` (two moons if None) or the path of a CSV file.

    Raises:
        UserError: no such set or file, or it cannot be used; says why.
    """
    if data is not None and data not in SETS:
        path = typed_path(data)
        if not path.is_file():
            known = ", ".join(SETS)
            raise UserError(
                f"There is no set of points or file {data!r}; there are {known}.{did_you_mean(data, SETS)}"
            )
        return table.load(path, settings.split_seed)
    return generate(
        data or FIRST,
        count=settings.points,
        noise=settings.noise,
        turns=settings.turns,
        seed=settings.points_seed,
        split_seed=settings.split_seed,
    )


def network(settings: Settings, points: Points) -> dict[str, Any]:
    """What `make_model` makes the network from, in values for JSON."""
    out = len(points.classes) or 1
    if settings.network == "rbfn":
        # Centres without points of their own would only crowd: never more than there are to learn from.
        count = min(settings.centres, int((~points.held).sum()))
        return {"kind": "rbfn", "in_dim": 2, "out_dim": out, "centres": count}
    return {
        "kind": "mlp",
        "in_dim": 2,
        "hidden": list(settings.hidden),
        "out_dim": out,
        "activation": settings.activation,
    }


def make_model(keywords: Mapping[str, Any]) -> MLP | RBFN:
    """The network that `network` describes, with fresh weights."""
    rest = {name: value for name, value in keywords.items() if name != "kind"}
    return RBFN(**rest, width=0.4) if keywords["kind"] == "rbfn" else MLP(**rest)


def tensors_of(points: Points, device: torch.device) -> tuple[Tensor, Tensor]:
    """Inputs (N, 2), and targets: classes (N,) or values (N, 1)."""
    y = torch.from_numpy(points.y)
    return torch.from_numpy(points.x).to(device), (y.long() if points.classes else y[:, None]).to(device)


def build(points: Points, settings: Settings, seed: int, device: torch.device) -> Training:
    """All that one training on these points needs.

    Args:
        points: split into learned and held out.
        settings: of network and optimiser.
        seed: of the minibatches; the weights come from torch's generator, which the caller has seeded.
        device: to learn on.

    Raises:
        UserError: too few points, or a setting that makes no sense.
    """
    check(settings)
    points.check()
    keywords = network(settings, points)
    model = make_model(keywords)
    x, y = tensors_of(points, device)
    held = torch.from_numpy(points.held).to(device)
    if isinstance(model, RBFN):
        model.place(x[~held].cpu())
    model.to(device)
    optimizer = OPTIMIZERS[settings.optimizer](model.parameters(), lr=settings.learning_rate)
    loss = F.cross_entropy if points.classes else F.mse_loss
    return Training(
        learner=Supervised(model, optimizer, loss),
        batches=ShuffledBatches(x[~held], y[~held], batch_size=settings.batch_size, seed=seed),
        total=settings.steps,
        evaluate=lambda: figures(model, x, y, held),
        test=lambda: final_figures(model, x[held], y[held]),
        threads=1,
        notes=points.notes,
        meta={
            "network": keywords,
            "classes": list(points.classes),
            "axes": list(points.axes),
            "shift": list(points.shift),
            "scale": list(points.scale),
            "value": list(points.value),
            "data": points.name,
        },
    )


TASK = Plane()
