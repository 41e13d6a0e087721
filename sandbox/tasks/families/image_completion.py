"""Pictures with a missing half into whole ones: what every task of this kind shares."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from sandbox.baselines.completed_components import COMPONENTS, CompletedComponents
from sandbox.baselines.similar_pictures import NEIGHBOURS, SimilarPictures
from sandbox.metrics.completion import COMPLETION, explained, given
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.tasks.families.image_classification import ImageSplit, PictureTask
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples, Split

MOST = 2_000
"""Unseen pictures that are completed; more would take minutes and change the figures little."""

S = TypeVar("S")


class ImageCompletion(PictureTask[S], Generic[S]):
    """A task that fills in the lower half of grey pictures; labels are there and not used."""

    metric: ClassVar[Metric] = COMPLETION
    says: ClassVar[str] = "it explains **{value}** of the missing halves of {count} unseen {things}"
    says_other: ClassVar[str] = "{name} explain **{value}**"
    live: ClassVar[int] = 120

    def load(self, settings: Any, source: str | None) -> ImageSplit:
        """See `PictureTask.load`."""
        split = super().load(settings, source)
        return replace(split, test=split.test.some(MOST))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """`completion`: how much of what is missing is explained."""
        images = torch.as_tensor(examples.inputs)
        truth, guess = images.flatten(1), torch.as_tensor(predictor.predict(images)).flatten(1)
        mean = getattr(predictor, "mean", None)
        keep = given((images.shape[2], images.shape[3]), "lower")
        # The mean of what is tested is about the same, where an old checkpoint does not hold the other.
        values = explained(truth, guess, truth.mean(0) if mean is None else mean, keep)
        return {"completion": PerExample(values.double().numpy())}

    def baselines(self, settings: Any, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """Similar training pictures, and principal components."""
        assert isinstance(split, ImageSplit)
        rows, input = split.train.inputs.flatten(1), Image(split.shape, split.style)
        return {
            f"{NEIGHBOURS} nearest neighbours": SimilarPictures(rows, input),
            f"{COMPONENTS} principal components": CompletedComponents(rows, input),
        }
