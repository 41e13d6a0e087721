"""How far features at each place of a picture are from those of good ones: what finds defects shares it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.outputs.anomaly_map import AnomalyMap

SMOOTH = 1.5
"""Standard deviation of the Gaussian over a map, in pixels."""
FALSE_ALARMS, CONFIDENCE = 0.05, 0.9
"""Share of good pictures that may be alarms, and how sure the threshold is to keep it to that."""
LEAST_STRANGE = 1e-9
"""Logarithms are taken of nothing less."""
RIDGE = 0.01
"""Added to the variance of standardised features: directions in which good ones hardly differ count less."""
PLACES = 40_000
"""About how many places of good pictures features are counted by."""
AT_ONCE = 150_000
"""Pixels that are looked at together."""


class Strangeness(nn.Module):
    """The Mahalanobis distance of features from their mean over good pictures, squared, for each place.

    Rippel et al. 2021; Defard et al. 2021 (PaDiM), here with one Gaussian for all places.

    Args:
        count: features, F.

    Attributes:
        mean: (F,), of good pictures.
        whiten: (F, F), turns and scales features so that those of good pictures have a variance of 1.
        threshold: the distance from which on a place is an alarm.
    """

    mean: Tensor
    whiten: Tensor
    threshold: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("whiten", torch.eye(count))
        self.register_buffer("threshold", torch.ones(()))

    def forward(self, features: Float[Tensor, "B F H W"]) -> Float[Tensor, "B H W"]:
        """The mean over features of the squared distance: about 1 in good pictures."""
        rows = features.movedim(1, -1) - self.mean
        return (rows @ self.whiten).square().mean(-1)

    @torch.no_grad()
    def fit(self, features: Float[Tensor, "N F"]) -> None:
        """Learn what good features are like."""
        rows = features.double()
        mean, spread = rows.mean(0), rows.std(0).clamp_min(1e-6)
        values, vectors = torch.linalg.eigh(((rows - mean) / spread).T.cov())
        self.mean.copy_(mean)
        self.whiten.copy_(vectors / (values.clamp_min(0) + RIDGE).sqrt() / spread[:, None])


class Inspector(ABC):
    """Answers with maps of strangeness of photos of any size.

    Args:
        colours: of a photo.
    """

    def __init__(self, colours: int) -> None:
        self.input, self.output = Photo(colours), AnomalyMap()

    @abstractmethod
    def raw(self, photos: Float[Tensor, "B C H W"]) -> Float[Tensor, "B h w"]:
        """Strangeness, perhaps of every other pixel only, not smoothed."""

    @property
    @abstractmethod
    def threshold(self) -> float:
        """From which on raw strangeness, smoothed, is an alarm."""

    def strangeness(self, photos: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Smoothed maps (H, W), without a threshold."""
        found: list[NDArray[np.float32]] = []
        for group in _of_one_size([np.asarray(photo, np.float32) for photo in photos]):
            maps = self.raw(torch.from_numpy(group))[:, None]
            maps = F.interpolate(maps, size=group.shape[2:], mode="bilinear")[:, 0].cpu().numpy()
            found += [
                cv2.GaussianBlur(one, (0, 0), SMOOTH, borderType=cv2.BORDER_REFLECT_101).astype(np.float32)
                for one in maps
            ]
        return found

    def predict(self, inputs: Any) -> list[NDArray[np.float32]]:
        """The map (H, W) of each photo (C, H, W), in units of the threshold."""
        bound = np.float32(max(self.threshold, 1e-9))
        return [one / bound for one in self.strangeness(self.input.encoded(inputs))]


def some(rows: Tensor, most: int) -> Tensor:
    """At most about so many rows, evenly spread."""
    return rows[:: max(1, len(rows) // most)]


def threshold_of(inspector: Inspector, train: Sequence[NDArray[Any]], aside: Sequence[NDArray[Any]]) -> float:
    """What hardly a good picture reaches: an upper tolerance bound of the strangest place of each.

    The quantile of a few pictures would be exceeded by many more of the next ones. So the logarithms of what
    is known, of pictures kept aside and of learned ones, count as normally distributed (Hahn & Meeker 1991).

    Args:
        inspector: what judges.
        train: good pictures that it has learned, of which as many count as are kept aside; larger ones count
            as several of those.
        aside: others.
    """
    from scipy import stats

    height, width = aside[0].shape[1:]
    tops = [one.max() for one in inspector.strangeness(aside)]
    for one in inspector.strangeness(train[: len(aside)]):
        rows, columns = (max(1, side // each) for side, each in zip(one.shape, (height, width), strict=True))
        tops += [
            tile.max() for band in np.array_split(one, rows) for tile in np.array_split(band, columns, 1)
        ]
    logs = np.log(np.maximum(tops, LEAST_STRANGE))
    root = np.sqrt(len(logs))
    deviations = stats.nct.ppf(CONFIDENCE, len(logs) - 1, root * stats.norm.ppf(1 - FALSE_ALARMS)) / root
    return float(np.exp(logs.mean() + deviations * logs.std(ddof=1)))


class StrangeFeatures(Inspector):
    """An inspector by features that nothing has learned.

    Args:
        features: of photos (B, C, H, W): (B, F, h, w).
        train: good photos (C, H, W).
        aside: others, for the threshold.
    """

    def __init__(
        self,
        features: Callable[[Tensor], Tensor],
        train: Sequence[NDArray[Any]],
        aside: Sequence[NDArray[Any]],
    ) -> None:
        super().__init__(train[0].shape[0])
        self.features = features
        each = -(-PLACES // len(train))
        rows = torch.cat([some(features(torch.from_numpy(one)[None])[0].flatten(1).T, each) for one in train])
        self.distance = Strangeness(rows.shape[1])
        self.distance.fit(rows)
        self._threshold = threshold_of(self, train, aside)

    @property
    def threshold(self) -> float:
        """See `Inspector.threshold`."""
        return self._threshold

    def raw(self, photos: Tensor) -> Tensor:
        """See `Inspector.raw`."""
        return self.distance(self.features(photos))


def _of_one_size(photos: Sequence[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Photos in their order, those of one size that follow each other together, as far as memory allows."""
    group: list[NDArray[np.float32]] = []
    for photo in photos:
        full = (len(group) + 1) * photo[0].size > AT_ONCE
        if group and (full or photo.shape != group[0].shape):
            yield np.stack(group)
            group = []
        group.append(photo)
    if group:
        yield np.stack(group)
