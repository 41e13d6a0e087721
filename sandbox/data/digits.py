"""Handwritten digits of 43 people, 8x8: the ones that ship with scikit-learn. Alpaydin & Kaynak 1998.

Each digit was scaled to fill a 32x32 bitmap; the 64 numbers count the ink in its 4x4 blocks. Who wrote which
digit is not in the file, so the split is by example: the same hands are on both sides.
"""

import importlib.util
from pathlib import Path

import numpy as np
import torch

from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.errors import UserError

HELD_OUT = 1 / 3
SOURCE = "UCI Optical Recognition of Handwritten Digits, as in scikit-learn (CC BY 4.0)"


def load(split_seed: int = 0) -> LabelledImages:
    """1,198 digits to learn from and 599 held out, the same for the same `split_seed`.

    Raises:
        UserError: scikit-learn is not installed.
    """
    table = _table()
    images = torch.from_numpy(table[:, :64].astype(np.float32) / 16.0).reshape(-1, 1, 8, 8)
    labels = torch.from_numpy(table[:, 64].astype(np.int64))
    train, test = split_by_class(labels, HELD_OUT, split_seed)
    return LabelledImages(
        name="digits",
        classes=tuple("0123456789"),
        train_images=images[train],
        train_labels=labels[train],
        test_images=images[test],
        test_labels=labels[test],
        source=SOURCE,
    )


def _table() -> np.ndarray:
    """1797 rows: 64 numbers from 0 to 16, then the digit."""
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise UserError("The digits ship with scikit-learn, which is not installed; run make setup.")
    path = Path(next(iter(package.submodule_search_locations))) / "datasets" / "data" / "digits.csv.gz"
    if path.exists():  # importing scikit-learn takes a second, reading its file a few milliseconds
        return np.loadtxt(path, delimiter=",", dtype=np.uint8)
    import sklearn.datasets

    data, target = sklearn.datasets.load_digits(return_X_y=True)
    return np.column_stack([data, target]).astype(np.uint8)
