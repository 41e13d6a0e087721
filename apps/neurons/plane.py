"""Points in the plane: a small network learns which class, or what value, is where.

A third of the points is unseen; nothing is chosen by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from apps.neurons.predictor import PlanePredictor, kinds, make_model
from sandbox.baselines.linear import Linear
from sandbox.baselines.neighbours import Neighbours
from sandbox.blocks.descent import OPTIMIZERS
from sandbox.blocks.mlp import ACTIVATIONS
from sandbox.blocks.rbf import RBFN
from sandbox.data import labelled_points
from sandbox.data.batches import ShuffledBatches
from sandbox.data.plane_points import FEWEST_POINTS, FIRST, MOST_POINTS, SETS, Points, generate
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.supervised import Supervised

MOST_UNITS, MOST_LAYERS = 512, 8
OWN = OwnData(
    "my own CSV file",
    f"A CSV file: two columns of numbers, then a label, a word or a number to predict. At most "
    f"{labelled_points.MOST_ROWS:,} rows.",
    files=(".csv", ".tsv", ".txt"),
    things="points",
)
LARGEST = 1e6
"""A diverged network's values are measured as at most this, so that it has a score."""


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
        "points that are made, a third of them unseen; not for a file",
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
    split_seed: int = setting(0, "decides which third is unseen", low=0, high=LARGEST_SEED)


@dataclass(frozen=True, kw_only=True)
class PlaneSplit(Split[NDArray[np.float32], Any]):
    """Points to learn from and unseen ones; targets are classes, or values in the user's units.

    Attributes:
        points: all of them.
    """

    points: Points

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none if each point has a value."""
        return self.points.classes

    def meta(self) -> dict[str, Any]:
        """What a predictor has to know of the points, in values for JSON."""
        points = self.points
        return {
            "classes": list(points.classes),
            "axes": list(points.axes),
            "shift": list(points.shift),
            "scale": list(points.scale),
            "value": list(points.value),
            "data": points.name,
        }


class Plane(Task[Settings, NDArray[np.float32], NDArray[np.float32]]):
    """Classes or values of points in the plane."""

    title = "What does each neuron do while a network learns?"
    metric = Metric(
        "score",
        "score",
        "%",
        digits=1,
        help="For classes the share of correct answers; for values the share of their variance that is "
        "explained (R²).",
        complement="errors",
    )
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60}
    split_settings = ("points", "noise", "turns", "points_seed", "split_seed")
    sources: ClassVar[Sequence[Source | OwnData]] = (
        *(
            Source(name, each.title, f"Synthetic: {each.title}.", synthetic=True)
            for name, each in SETS.items()
        ),
        OWN,
    )
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "best": Settings(hidden=(24, 24), steps=6000, learning_rate=0.01),
    }

    def load(self, settings: Settings, source: str | None) -> PlaneSplit:
        """Make the points, or read them from a file."""
        return split_of(load_points(settings, source))

    def prepare(
        self, settings: Settings, split: Split[NDArray[np.float32], Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the network."""
        assert isinstance(split, PlaneSplit)
        keywords = network(settings, split.points)
        model = make_model(keywords)
        if isinstance(model, RBFN):
            model.place(torch.from_numpy(split.train.inputs))
        model.to(device)
        optimizer = OPTIMIZERS[settings.optimizer](model.parameters(), lr=settings.learning_rate)
        meta = {"network": keywords, **split.meta()}
        return Training(
            learner=Supervised(model, optimizer, F.cross_entropy if split.classes else F.mse_loss),
            predictor=PlanePredictor(model, meta),
            batches=batches_of(split, settings, seed, device),
            total=settings.steps,
            threads=1,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> PlanePredictor:
        """A `PlanePredictor` from a checkpoint."""
        model = make_model(meta["network"])
        model.load_state_dict(dict(tensors))
        return PlanePredictor(model.eval(), meta)

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """The score of each point, and its loss: cross-entropy in nats, or the squared error."""
        said, y = np.asarray(predictor.predict(examples.inputs), np.float64), np.asarray(examples.targets)
        classes = isinstance(predictor.output, Probabilities)
        if classes != np.issubdtype(y.dtype, np.integer):
            raise UserError(
                "The network predicts classes, and these points have values."
                if classes
                else "The network predicts values, and these points have classes."
            )
        said = np.nan_to_num(said, posinf=LARGEST, neginf=-LARGEST).clip(-LARGEST, LARGEST)
        if classes:
            picked = said[np.arange(len(y)), y]
            score, loss = said.argmax(1) == y, -np.log(picked.clip(1e-12, 1))
        else:
            loss = (said[:, 0] - y) ** 2
            score = 1 - loss / max(float(y.var()), 1e-12)
        return {"score": PerExample(score.astype(np.float64)), "loss": PerExample(loss)}

    def baselines(
        self, settings: Settings, split: Split[NDArray[np.float32], Any]
    ) -> Mapping[str, Predictor[Any, Any]]:
        """The nearest neighbours, and a straight cut."""
        assert isinstance(split, PlaneSplit)
        x, y = split.train.inputs, np.asarray(split.train.targets)
        point, output = kinds(split.meta())
        near = Neighbours(x, y, point, output)
        straight = "logistic regression" if split.classes else "linear regression"
        return {f"{near.count} nearest neighbours": near, straight: Linear(x, y, point, output)}


def split_of(points: Points) -> PlaneSplit:
    """Points as examples to learn from and unseen ones.

    Raises:
        UserError: nothing can be learned from them; says what is missing.
    """
    points.check()
    shift, scale = points.value
    y = points.y.astype(np.int64) if points.classes else shift + scale * points.y.astype(np.float64)
    train, test = (Examples(points.x[rows], y[rows]) for rows in (~points.unseen, points.unseen))
    about = About(points.name, "points", synthetic=points.synthetic, notes=points.notes)
    return PlaneSplit(train=train, test=test, about=about, points=points)


def batches_of(split: PlaneSplit, settings: Settings, seed: int, device: torch.device) -> ShuffledBatches:
    """Minibatches of training points; values are learned in units in which they go from -1 to 1."""
    points, rows = split.points, ~split.points.unseen
    x, y = (torch.from_numpy(each[rows]).to(device) for each in (points.x, points.y))
    targets = y.long() if points.classes else y[:, None]
    return ShuffledBatches(x, targets, batch_size=settings.batch_size, seed=seed)


def load_points(settings: Settings, data: str | None = None) -> Points:
    """The points, made or read.

    Args:
        settings: how many are made and how.
        data: a key of `SETS` (two moons if None) or the path of a CSV file.

    Raises:
        UserError: no such set or file, or it cannot be used; says why.
    """
    if data is not None and data not in SETS:
        path = typed_path(data)
        if not path.is_file():
            raise unknown(Plane.sources, data)
        return labelled_points.load(path, settings.split_seed)
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
        # Centres without points of their own would only crowd: never more than training points.
        count = min(settings.centres, int((~points.unseen).sum()))
        return {"kind": "rbfn", "in_dim": 2, "out_dim": out, "centres": count}
    return {
        "kind": "mlp",
        "in_dim": 2,
        "hidden": list(settings.hidden),
        "out_dim": out,
        "activation": settings.activation,
    }


TASK = Plane()
