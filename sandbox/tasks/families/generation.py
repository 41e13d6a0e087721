"""Examples from noise: how they are judged, and what a simple method makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.baselines.gaussian_mixture import GaussianMixture
from sandbox.blocks.gan import gan_losses, gradient_penalty, r1_penalty, wasserstein_losses
from sandbox.data import mixtures
from sandbox.data.handwriting import style_of
from sandbox.data.labelled_images import LabelledImages
from sandbox.metrics.feature_classifier import feature_classifier
from sandbox.metrics.generation import FRECHET, MIXED, point_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.families import pictures
from sandbox.tasks.families.pictures import PictureSettings, PictureSplit
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.image import Image
from sandbox.tasks.outputs.points import Points
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task

SETS, LARGEST_SET = 8, 2_000
"""Sets of generated pictures behind an interval, and pictures of a set."""
COMPARED = 1_000
"""Generated points that are compared with as many unseen ones."""
S = TypeVar("S")


@dataclass(frozen=True)
class PictureSets(Examples[Tensor, Tensor]):
    """Noise for several sets, each as large as the unseen part of real pictures.

    The Fréchet distance depends on the size of a set; so there are only whole ones. The length is that of
    one set: as many real pictures are compared with it.

    Attributes:
        images: the real pictures.
    """

    images: LabelledImages | None = None

    @classmethod
    def of(cls, images: LabelledImages, noise: Noise) -> PictureSets:
        """The noise of `SETS` sets."""
        size = min(len(images.test_images), LARGEST_SET)
        drawn = [torch.from_numpy(noise.draw(size, seed)) for seed in range(SETS)]
        return cls(torch.cat(drawn), images=images)

    def __len__(self) -> int:
        assert self.images is not None
        return min(len(self.images.test_images), LARGEST_SET)

    def some(self, most: int) -> PictureSets:
        """As many whole sets as have at most so much noise, at least one."""
        sets = max(1, most // len(self))
        return replace(self, inputs=self.inputs[: sets * len(self)])


class PictureGeneration(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that makes pictures like those it has seen."""

    metric: ClassVar[Metric] = FRECHET
    code: ClassVar[Sequence[Any]] = (gan_losses, wasserstein_losses, r1_penalty, gradient_penalty)
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 150}

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """`frechet`, `score` and `variety` over sets, by a classifier of the real pictures."""
        assert isinstance(examples, PictureSets)
        assert examples.images is not None
        rows = torch.from_numpy(np.asarray(predictor.predict(examples.inputs))).flatten(1)
        sets = rows.split(len(examples))
        whole = [part for part in sets if len(part) == len(examples)] or sets
        return feature_classifier(examples.images).scores(whole)


def picture_split(
    sources: Sequence[Source | OwnData],
    source: str | None,
    settings: PictureSettings,
    size: int | None = None,
) -> PictureSplit:
    """Pictures to learn from; to test, noise for sets as large as the unseen part.

    Args:
        sources: of the task.
        source: one of them by name, or a path.
        settings: which pictures.
        size: numbers of noise for a picture; None for as many as it has itself.
    """
    images = pictures.load(sources, source, size=settings.size, split_seed=settings.split_seed)
    return PictureSplit(
        train=Examples(pictures.few(images, settings.examples, settings.split_seed)),
        test=PictureSets.of(images, Noise(size or torch.Size(images.in_shape).numel())),
        about=pictures.about(images),
        images=images,
        style=style_of(images),
    )


def picture_mixtures(split: PictureSplit, noise: Noise) -> dict[str, Predictor[Tensor, Any]]:
    """Baselines: a mixture of Gaussians, one for each class there is; and each pixel by itself.

    Args:
        split: of the pictures.
        noise: what the generator takes.
    """
    count, limits = len(split.class_names), (0.0, 1.0)
    image, known = Image(ink=split.style is not None), split.train.inputs
    return {
        f"mixture of {count} Gaussians": GaussianMixture(known, count, noise, image, limits),
        "each pixel by itself": GaussianMixture(known, None, noise, image, limits),
    }


@dataclass(frozen=True)
class PointSet(Examples[Tensor, Tensor]):
    """Noise, and as many real points.

    Attributes:
        centres: of the modes of the real points; None where nobody knows them.
        near: distance within which a point belongs to a mode.
    """

    centres: Tensor | None = None
    near: float = 0.0


class PointGeneration(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that makes points like those it has seen."""

    metric: ClassVar[Metric] = MIXED
    code = PictureGeneration.code
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 150}

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `point_scores`."""
        assert isinstance(examples, PointSet)
        generated = torch.from_numpy(np.asarray(predictor.predict(examples.inputs)))
        return point_scores(examples.targets, generated, examples.centres, examples.near)


POINT_SOURCES: Sequence[Source | OwnData] = (
    Source("ring", "ring of eight", "Eight heaps on a circle.", synthetic=True),
    Source("grid", "grid of nine", "Nine heaps in rows.", synthetic=True),
    Source("two", "two heaps", "Two heaps side by side.", synthetic=True),
    Source("line", "a curved line", "An S along half a wave.", synthetic=True),
    OwnData(
        "my own points",
        "A CSV file; the first two numbers of each row are a point.",
        files=(".csv",),
        things="points",
        pad="Draw where the points shall lie",
    ),
)


def point_split(source: str | None, noise: Noise) -> Split[Tensor, Tensor]:
    """Points of a mixture, or of a file; to test, noise and as many unseen points.

    Args:
        source: one of `POINT_SOURCES` by name, or a path.
        noise: what the generator takes.
    """
    found = mixtures.load(source)
    real = found.test[:COMPARED]
    return Split(
        train=Examples(found.train),
        test=PointSet(
            torch.from_numpy(noise.draw(len(real), seed=1)), real, centres=found.centres, near=mixtures.NEAR
        ),
        about=About(found.name, "points", synthetic=found.synthetic),
    )


def point_mixtures(split: Split[Tensor, Any], noise: Noise) -> dict[str, Predictor[Tensor, Any]]:
    """Baselines: a mixture of eight Gaussians, which most sources are; and a single one."""
    known = split.train.inputs
    return {
        "mixture of 8 Gaussians": GaussianMixture(known, 8, noise, Points()),
        "one Gaussian": GaussianMixture(known, 1, noise, Points()),
    }
