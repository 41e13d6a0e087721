"""Hold out whole groups of pictures that look alike, so that none that is learned from gives one away.

Several pictures of one person are alike. Where nobody says who is who, examples that are drawn one by one
have near relatives on the other side of a split: a network is then surer of them than of strangers, and a
threshold or a temperature that is fitted to them does not hold for strangers.
"""

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from sandbox.data.labelled_images import split_by_class
from sandbox.data.near_duplicates import signatures

GROUP = 10
"""Pictures of a group on average."""
ROUNDS = 10
"""Of k-means, at most."""


def split_by_likeness(
    images: Float[Tensor, "N C H W"], labels: Int64[Tensor, " N"], held_out: float, seed: int
) -> tuple[Int64[Tensor, " L"], Int64[Tensor, " A"]]:
    """Positions to learn from and positions to hold out: of each class whole groups of alike pictures.

    Args:
        images: in [0, 1]; compared as in `near_duplicates`.
        labels: class of each.
        held_out: share of each class to hold out, in (0, 1); a little more where a group is large. A class of
            too few pictures for two groups is split one by one.
        seed: decides the groups and which of them are held out.

    Raises:
        UserError: a class has a single example.
    """
    from sklearn.cluster import KMeans

    _, aside = split_by_class(labels, held_out, seed)
    small = signatures(images).numpy()
    array, generator = labels.numpy(), np.random.default_rng(seed)
    kept = np.zeros(len(array), bool)
    kept[aside.numpy()] = True
    for label in np.unique(array):
        positions = np.flatnonzero(array == label)
        groups = len(positions) // GROUP
        wanted = round(held_out * len(positions))
        if groups < 2 or wanted < 1:
            continue
        means = KMeans(groups, max_iter=ROUNDS, random_state=seed).fit(small[positions])
        drawn = np.argsort(generator.permutation(groups))[means.labels_]
        # Whole groups in a random order, until there are enough; one group is always learned from.
        sizes = np.cumsum(np.bincount(drawn, minlength=groups))
        last = min(int(np.searchsorted(sizes, wanted)), groups - 2)
        kept[positions] = drawn <= last
    return torch.from_numpy(np.flatnonzero(~kept)), torch.from_numpy(np.flatnonzero(kept))
