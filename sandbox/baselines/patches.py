"""Good parts without a network: what principal components leave of a patch, and local statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.tasks.families.strangeness import Inspector, some, threshold_of

PATCH, COMPONENTS = 8, 16
"""Pixels of a patch's side, and directions by which it is rebuilt."""
FITTED = 20_000
"""Patches of good pictures by which the directions are found."""


class PatchComponents(Inspector):
    """The squared error of each patch that is rebuilt from the principal components of good ones.

    Args:
        train: good photos (C, H, W).
        aside: others, for the threshold.
    """

    def __init__(self, train: Sequence[NDArray[Any]], aside: Sequence[NDArray[Any]]) -> None:
        super().__init__(train[0].shape[0])
        each = -(-FITTED // len(train))
        rows = torch.cat(
            [
                some(F.unfold(torch.from_numpy(one)[None], PATCH, stride=PATCH // 4)[0].T, each)
                for one in train
            ]
        )
        self.mean = rows.mean(0)
        _, vectors = torch.linalg.eigh((rows - self.mean).double().T.cov())
        self.directions = vectors[:, -COMPONENTS:].float()
        self._threshold = threshold_of(self, train, aside)

    @property
    def threshold(self) -> float:
        """See `Inspector.threshold`."""
        return self._threshold

    def raw(self, photos: Tensor) -> Tensor:
        """The error of the patch around every other pixel."""
        before = PATCH // 2 - 1
        padded = F.pad(photos, (before, PATCH - 1 - before) * 2, mode="reflect")
        patches = F.unfold(padded, PATCH, stride=2).mT - self.mean
        left = patches.square().sum(-1) - (patches @ self.directions).square().sum(-1)
        height, width = (-(-side // 2) for side in photos.shape[2:])
        return left.view(len(photos), height, width)


def local_statistics(photos: Float[Tensor, "B C H W"]) -> Float[Tensor, "B F h w"]:
    """Mean, spread and the strength of edges across and down around every other pixel, at three scales."""
    size = [max(1, side // 2) for side in photos.shape[2:]]
    found = []
    for scale, wide in ((1, 7), (2, 5), (4, 3)):
        seen = F.avg_pool2d(photos, scale) if scale > 1 else photos
        across = F.pad(seen[..., 1:] - seen[..., :-1], (0, 1, 0, 0))
        down = F.pad(seen[..., 1:, :] - seen[..., :-1, :], (0, 0, 0, 1))
        mean = around(seen, wide)
        spread = (around(seen.square(), wide) - mean.square()).clamp_min(0).sqrt()
        edges = [around(each.square(), wide).sqrt() for each in (across, down)]
        found += [F.interpolate(each, size=size, mode="bilinear") for each in (mean, spread, *edges)]
    return torch.cat(found, 1)


def around(photos: Tensor, wide: int) -> Tensor:
    """The mean over squares of odd width."""
    return F.avg_pool2d(F.pad(photos, (wide // 2,) * 4, mode="reflect"), wide, 1)
