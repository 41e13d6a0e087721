"""Completes a picture with the mean of the training pictures whose given part is most similar."""

import torch
from torch import Tensor

from sandbox.tasks.completer import Completer
from sandbox.tasks.inputs.image import Image

NEIGHBOURS = 5


class SimilarPictures(Completer):
    """Looks for the nearest neighbours by what is given.

    Args:
        examples: training pictures, (N, V).
        input: how a picture is read.
        count: neighbours whose mean is taken.
    """

    def __init__(self, examples: Tensor, input: Image, count: int = NEIGHBOURS) -> None:
        super().__init__(input, examples.mean(0))
        self.examples, self.count = examples, count

    def complete(self, pictures: Tensor, keep: Tensor) -> Tensor:
        """See `Completer.complete`."""
        distances = torch.cdist(pictures[:, keep], self.examples[:, keep])
        nearest = distances.topk(min(self.count, len(self.examples)), largest=False).indices
        return torch.where(keep, pictures, self.examples[nearest].mean(1))
