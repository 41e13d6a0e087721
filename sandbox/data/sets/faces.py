"""The Olivetti faces: 40 people who worked at a laboratory in Cambridge, ten pictures of each.

Address and checksum as in scikit-learn, which offers the same file. It is in Matlab's format, which holds
numbers only: nothing is unpickled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sandbox.data.named_set import PICTURES, NamedSet
from sandbox.data.remote_file import RemoteFile
from sandbox.errors import UserError

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

FILE = "olivettifaces.mat"
SIDE, EACH, HELD_OUT = 64, 10, 0.3


def _images(folder: Path, size: int, split_seed: int) -> LabelledImages:
    """Grey pictures of `size` x `size` pixels, a class for each person; three of ten are held out."""
    import torch
    from scipy.io import loadmat
    from torch.nn import functional as F

    from sandbox.data.labelled_images import LabelledImages, split_by_class

    try:
        found = np.asarray(loadmat(folder / FILE)["faces"], np.float32).T
        columns = found.reshape(-1, 1, SIDE, SIDE)
    except (ValueError, KeyError, TypeError, NotImplementedError, OSError) as error:
        raise UserError(f"{FILE} does not hold pictures of {SIDE} x {SIDE} pixels: {error}.") from error
    low, high = columns.min(), columns.max()
    pictures = torch.from_numpy((columns.transpose(0, 1, 3, 2) - low) / max(high - low, 1e-6))
    if size != SIDE:
        pictures = F.interpolate(pictures, (size, size), mode="bilinear", antialias=True).clamp(0, 1)
    people = torch.arange(len(pictures)) // EACH
    train, test = split_by_class(people, HELD_OUT, split_seed)
    return LabelledImages(
        name="olivetti",
        classes=tuple(f"person {number + 1}" for number in people.unique().tolist()),
        train_images=pictures[train],
        train_labels=people[train],
        test_images=pictures[test],
        test_labels=people[test],
    )


SETS = (
    NamedSet(
        name="olivetti",
        title="Olivetti faces",
        about="400 grey pictures of the faces of 40 people, 64 x 64 pixels, ten of each person.",
        kind=PICTURES,
        licence="none stated; credit to AT&T Laboratories Cambridge",
        citation="Samaria & Harter 1994, Parameterisation of a stochastic model (IEEE WACV)",
        homepage="https://scikit-learn.org/stable/datasets/real_world.html#olivetti-faces-dataset",
        files=(
            RemoteFile(
                FILE,
                ("https://ndownloader.figshare.com/files/5976027",),
                "sha256:b612fb967f2dc77c9c62d3e1266e0c73d5fca46a4b8906c18e454d41af987794",
                0,
            ),
        ),
        roughly=2 * 10**6,
        images=_images,
    ),
)
