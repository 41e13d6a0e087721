"""The network of face verification, and what answers with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.metrics.verification import pair_distances
from sandbox.tasks.inputs.face_pair import FacePair, halves
from sandbox.tasks.outputs.same_person import SamePerson
from sandbox.tasks.predictor import batched


class FaceNetwork(nn.Module):
    """Faces into unit vectors.

    Args:
        side: of a grey picture, S.
        channels: filters of each convolution; each halves the picture.
        embedding: numbers of a vector, D.

    Attributes:
        body: the convolutional network.
        threshold: distance up to which two faces count as one person; measured, not learned.
    """

    threshold: Tensor

    def __init__(self, side: int, channels: Sequence[int], embedding: int) -> None:
        super().__init__()
        self.side = side
        self.body = CNN((1, side, side), tuple(channels), pool=2, norm="batch", hidden=(), out_dim=embedding)
        self.register_buffer("threshold", torch.tensor(0.5))

    def forward(self, faces: Float[Tensor, "B 1 S S"]) -> Float[Tensor, "B D"]:
        """Unit vectors."""
        return F.normalize(self.body(faces), dim=1)


class FaceVerifier:
    """A trained network.

    Attributes:
        model: makes unit vectors of faces.
        input: a pair of faces.
    """

    def __init__(self, model: FaceNetwork) -> None:
        self.model, self.input = model, FacePair((1, model.side, 2 * model.side))
        self._threshold = model.threshold  # the same tensor; an exported graph in the model's place has none

    @property
    def output(self) -> SamePerson:
        """A distance, with the threshold as it is at the moment."""
        return SamePerson(float(self._threshold))

    def embed(self, faces: Any) -> NDArray[np.float32]:
        """Unit vectors (N, D) of faces (N, 1, S, S)."""
        return batched(self.model, torch.from_numpy(np.ascontiguousarray(faces, np.float32))).numpy()

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Distances (N, 1) of pairs (N, 1, S, 2 S)."""
        return pair_distances(self.embed(halves(self.input.encoded(inputs))))[:, None].astype(np.float32)
