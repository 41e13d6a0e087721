"""What the page shows of a set that is here: its overview, and a few pictures of each class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data import overview, sets

EACH = 8
"""Pictures of each class."""
MOST_CLASSES = 12
MOST_PAIRS = 4
Samples = list[tuple[str, NDArray[np.float32]]]


@dataclass(frozen=True)
class Contents:
    """A set as it is shown.

    Attributes:
        record: see `sandbox.data.overview`.
        samples: by class: its name and some training pictures (N, H, W) or (N, H, W, 3).
        twins: pairs of a test picture and the training picture that is nearly the same, the most alike first.
    """

    record: dict[str, Any]
    samples: Samples
    twins: list[tuple[NDArray[np.float32], NDArray[np.float32], float]]


def contents(name: str) -> Contents:
    """Read a set and look through it; takes seconds for a large one, of which only this is kept.

    Raises:
        UserError: it is not here, or cannot be read.
    """
    if sets.find(name).images is None:
        return Contents(overview.overview(name), [], [])
    images = overview.read(name)
    record = overview.overview(name, images)
    samples = []
    for number, label in enumerate(images.classes[:MOST_CLASSES]):
        rows = (images.train_labels == number).nonzero().flatten()
        some = images.train_images[rows[:: max(1, len(rows) // EACH)][:EACH]]
        samples.append((label, _as_shown(some.numpy())))
    twins = [
        (
            _as_shown(images.test_images[pair["test"]].numpy()),
            _as_shown(images.train_images[pair["train"]].numpy()),
            pair["cosine"],
        )
        for pair in record["near_duplicates"]["pairs"][:MOST_PAIRS]
    ]
    return Contents(record, samples, twins)


def _as_shown(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., C, H, W) as (..., H, W) in ink, or (..., H, W, 3)."""
    if pictures.shape[-3] == 1:
        return pictures[..., 0, :, :]
    return np.moveaxis(pictures, -3, -1)
