"""Rows of a table into classes: numbers and categories, some of them missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.logistic import Logistic
from sandbox.baselines.random_forest import RandomForest
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data import class_table, columns
from sandbox.data.batches import ShuffledBatches
from sandbox.data.class_table import ClassTable
from sandbox.data.columns import Column
from sandbox.data.labelled_images import split_by_class
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.classification import BALANCED_ACCURACY, classification_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.row import Row
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.averaging import Averaged
from sandbox.training.schedules import schedule

OWN_TABLE = OwnData(
    "my own table",
    "A CSV file with a row for each example and its class in one column, by default the last.",
    files=(".csv", ".tsv", ".txt"),
    things="rows",
)


@dataclass(frozen=True, kw_only=True)
class TabularSettings:
    """What can be chosen about a training with a table."""

    label: str = setting(
        "", "the column with the class, by its name or its number from 1; the last one if empty"
    )
    split_seed: int = setting(
        0, "decides which third of the rows of each class is unseen", low=0, high=LARGEST_SEED
    )
    block: Literal["mlp", "rbfn"] = setting(
        "mlp", "the network: layers that mix all columns (MLP), or bumps around typical rows (RBFN)"
    )
    hidden: tuple[int, ...] = setting(
        (64, 32), "sizes of the MLP's hidden layers", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    centres: int = setting(40, "typical rows that the RBFN compares with", low=1, high=4096)
    steps: int = setting(1200, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "rows in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.003, "largest step size of AdamW; --find-lr suggests one", low=0, high=10
    )
    weight_decay: float = setting(0.05, "pull of the weights towards zero", low=0, high=10)
    smoothing: float = setting(
        0.02, "how far below 1 the probability of the right answer is asked to be", low=0, below=1
    )
    hide: float = setting(
        0.05, "share of the numbers that are hidden while training, so that none is relied on", low=0, below=1
    )
    balance: bool = setting(True, "every class counts the same, however rare it is")
    average: float = setting(
        0.98,
        "the answers come from a running mean of the weights; the share of it that each step keeps",
        low=0,
        below=1,
    )
    aside: float = setting(
        0.1,
        "share of the training rows that is kept aside, to calibrate probabilities by and to choose "
        "a threshold",
        low=0,
        high=0.5,
    )


@dataclass(frozen=True, kw_only=True)
class RowSplit(Split[NDArray[np.float32], NDArray[np.int64]]):
    """Rows (N, F) with the numbers of their classes (N,).

    Attributes:
        classes: names of the classes.
        columns: what the training rows are like.
    """

    classes: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Rows(Examples[NDArray[np.float32], NDArray[np.int64]]):
    """Rows that know their columns, so that those of another table can be read as a network's own.

    Attributes:
        columns: what they are like.
    """

    columns: tuple[Column, ...] = ()


class RowClassifier:
    """A trained network with what it needs to read a row.

    Attributes:
        model: makes scores (N, C) of a row's numbers (N, D), which `input.features` gives.
        input: how a row is read.
        output: the names of the classes.
    """

    def __init__(self, model: nn.Module, columns: Sequence[Column], classes: Sequence[str]) -> None:
        self.model = model
        self.input, self.output = Row(tuple(columns)), Probabilities(tuple(classes))

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The probability of each class (N, C) for rows (N, F)."""
        return batched(self.model, torch.from_numpy(self.input.features(inputs))).softmax(1).numpy()


class Tabular(Task[Any, NDArray[np.float32], NDArray[np.float32]]):
    """A task that sorts rows into classes; `load_named` says its data, `TabularSettings` its settings."""

    metric: ClassVar[Metric] = BALANCED_ACCURACY
    says: ClassVar[str] = "it reaches **{value}** on {count} unseen {things}, each class counting the same"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    live: ClassVar[int] = 2_000
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_TABLE,)
    split_settings: ClassVar[Collection[str] | None] = ("label", "split_seed")

    def load_named(self, settings: Any, source: Source) -> ClassTable:
        """One of the task's `sources` by name."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: Any, source: str | None) -> RowSplit:
        """A named table, or a CSV file."""
        found = named(self.sources, source)
        if found is not None:
            return split_of(self.load_named(settings, found))
        path = typed_path(str(source))
        if not path.is_file():
            raise unknown(self.sources, str(source))
        return split_of(class_table.load(path, settings.label, settings.split_seed))

    def aside(self, settings: Any, split: Any) -> Examples[Any, Any] | None:
        """The rows that the setting `aside` keeps back."""
        return _parted(split, settings)[1]

    def prepare(self, settings: Any, split: Any, *, seed: int, device: torch.device) -> Training:
        """The network learns with AdamW and cross-entropy; the mean of its last weights answers."""
        row, train = Row(split.columns), _parted(split, settings)[0]
        inputs = torch.from_numpy(row.features(train.inputs)).to(device)
        labels = torch.from_numpy(train.targets).to(device)
        model = _network(settings, inputs.shape[1], len(split.classes))
        if isinstance(model, RBFN):
            if len(inputs) < settings.centres:
                raise UserError(
                    f"centres must be at most {len(inputs)} here, the rows that are learned from."
                )
            model.place(inputs.cpu())
        model.to(device)
        counts = torch.bincount(labels, minlength=len(split.classes)).clamp_min(1)
        weight = len(labels) / (counts * len(counts)) if settings.balance else None
        learner = Averaged(
            model,
            torch.optim.AdamW(
                model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
            ),
            partial(F.cross_entropy, weight=weight, label_smoothing=settings.smoothing),
            schedule=schedule("cosine", settings.steps),
            augment=partial(F.dropout, p=settings.hide) if settings.hide else None,
            metrics=lambda scores, truth: {"accuracy": (scores.argmax(1) == truth).float().mean()},
            decay=settings.average,
        )
        return Training(
            learner=learner,
            predictor=RowClassifier(learner.averaged, split.columns, split.classes),
            batches=ShuffledBatches(inputs, labels, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,  # these networks are too small for more
            meta={
                "settings": asdict(settings),
                "classes": split.classes,
                "columns": columns.to_json(split.columns),
                "data": split.about.name,
            },
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> RowClassifier:
        """The network of a checkpoint."""
        known = columns.from_json(meta["columns"])
        width = sum(column.width for column in known)
        model = _network(settings_from(self, meta["settings"]), width, len(meta["classes"]))
        model.load_state_dict(dict(tensors))
        return RowClassifier(model.eval(), known, meta["classes"])

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """See `classification_scores`; columns of another table are found by their names."""
        rows, wanted = examples.inputs, getattr(predictor.input, "columns", ())
        if isinstance(examples, Rows) and examples.columns != wanted:
            rows = columns.recoded(rows, examples.columns, wanted)
        return classification_scores(np.asarray(predictor.predict(rows)), examples.targets)

    def baselines(self, settings: Any, split: Any) -> Mapping[str, Predictor[Any, Any]]:
        """Logistic regression and a random forest of the same numbers."""
        row, output = Row(split.columns), Probabilities(split.classes)
        known = row.features(split.train.inputs), split.train.targets, row, output, row.features
        logistic = Logistic(*known, balanced=settings.balance)
        return {"logistic regression": logistic, "random forest": RandomForest(*known)}


def split_of(table: ClassTable) -> RowSplit:
    """A split of a table that has been read; only its training rows say what the columns are like."""
    known = tuple(columns.fit(table.names, table.levels, table.train))
    return RowSplit(
        train=Rows(table.train, table.train_labels, known),
        test=Rows(table.test, table.test_labels, known),
        about=About(table.name, "rows", table.source, notes=table.notes),
        classes=table.classes,
        columns=known,
    )


def _parted(split: RowSplit, settings: Any) -> tuple[Examples[Any, Any], Examples[Any, Any] | None]:
    if not settings.aside:
        return split.train, None
    rows, labels = split.train.inputs, split.train.targets
    counts = np.bincount(labels)
    if counts[counts > 0].min() < 2:  # a class with one row to learn from
        return split.train, None
    parts = split_by_class(labels.tolist(), settings.aside, settings.split_seed)
    learned, aside = (Examples(rows[part.numpy()], labels[part.numpy()]) for part in parts)
    return learned, aside


def _network(settings: Any, width: int, classes: int) -> MLP | RBFN:
    if settings.block == "rbfn":
        return RBFN(width, classes, settings.centres, width=width**0.5, normalised=True)
    return MLP(width, settings.hidden, classes, "relu")
