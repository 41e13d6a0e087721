"""Say of a picture what is known of the one that looks most alike."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.caption import Caption


class NearestCaption:
    """Answers with the caption of the picture at the smallest Euclidean distance, pixel by pixel.

    Args:
        pictures: (N, 3, H, W).
        captions: one for each.
        input: how a picture is read.
    """

    def __init__(self, pictures: Tensor, captions: Sequence[str], input: Image) -> None:
        self.pictures, self.captions = pictures.flatten(1), captions
        self.input, self.output = input, Caption()

    def predict(self, inputs: Any) -> list[str]:
        """A known caption for each picture (N, 3, H, W)."""
        places = torch.arange(len(self.pictures))
        found = nearest_labels(self.pictures, places, torch.as_tensor(inputs).flatten(1))
        return [str(self.captions[place]) for place in found.tolist()]
