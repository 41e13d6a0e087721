"""The pictures that both machines learn from: ink in [0, 1], one row of numbers each."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from apps.vision import classify
from sandbox.data.sketch import Style

SIDE = 16
"""To which pictures of one's own are scaled."""


@dataclass(frozen=True)
class Pictures:
    """Pictures as rows of numbers."""

    train: Tensor
    """(N, V)."""
    train_labels: Tensor
    test: Tensor
    """(M, V), held out."""
    test_labels: Tensor
    shape: tuple[int, int]
    """Rows and columns; V is their product."""
    classes: tuple[str, ...]
    name: str
    style: Style | None
    """How a drawing is made to look like them; None for photos."""
    notes: tuple[str, ...] = ()
    """What was left out or changed while reading, one sentence each."""


def load(data: str | None, split_seed: int) -> Pictures:
    """scikit-learn's digits (None), or a folder as `vision/classify` takes it, in grey.

    Raises:
        UserError: the folder cannot be used; says why.
    """
    found = classify.TASK.load(classify.Settings(size=SIDE, split_seed=split_seed), data)
    _, rows, columns = found.shape
    return Pictures(
        train=found.train.inputs.mean(1).flatten(1),
        train_labels=found.train.targets,
        test=found.test.inputs.mean(1).flatten(1),
        test_labels=found.test.targets,
        shape=(rows, columns),
        classes=found.classes,
        name=found.about.name,
        style=found.style,
        notes=found.about.notes,
    )


def meta(pictures: Pictures) -> dict[str, Any]:
    """Values for a checkpoint's meta data."""
    return {
        "shape": pictures.shape,
        "classes": pictures.classes,
        "style": pictures.style.to_json() if pictures.style else None,
        "data": pictures.name,
    }
