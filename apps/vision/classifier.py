"""The networks that `vision/classify` offers, and a trained one with what it needs to read a picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from apps.vision.settings import Settings
from sandbox.blocks.cnn import CNN
from sandbox.blocks.inception import Inception
from sandbox.blocks.residual import Residual
from sandbox.data.as_input import as_input
from sandbox.data.labelled_images import LabelledImages
from sandbox.data.sketch import Style

Network = CNN | Residual | Inception
NETWORKS: Mapping[str, type[CNN] | type[Residual] | type[Inception]] = {
    "cnn": CNN,
    "residual": Residual,
    "inception": Inception,
}


class Classifier:
    """A trained network with what it needs to read a picture.

    Attributes:
        model: the network, one of `NETWORKS`; each has a `body` of stages and a `head`.
        classes: names of the classes.
        style: how a drawing is made to look like the training pictures; None for photos.
    """

    def __init__(self, model: Any, classes: tuple[str, ...], style: Style | None) -> None:
        self.model = model
        self.classes = classes
        self.style = style

    def see(self, image: Any) -> NDArray[np.float32]:
        """The picture as the network sees it, from a file, a Pillow picture or an array; see `as_input`.

        Returns:
            `(C, H, W)` of the network's input size.

        Raises:
            PictureError: it cannot be read, or has numbers that are out of range.
        """
        return as_input(image, self.model.in_shape, self.style)

    def predict(self, image: Any) -> NDArray[np.float32]:
        """The probability of each class, (K,), for what `see` takes; even an empty sheet adds up to 1."""
        with torch.inference_mode():
            return self.model(torch.from_numpy(self.see(image))[None]).softmax(1)[0].numpy()


def predict(model: Classifier, image: Any) -> NDArray[np.float32]:
    """The probability of each class for a drawing or picture, as `Classifier.see` takes it."""
    return model.predict(image)


def network(settings: Settings, data: LabelledImages) -> dict[str, Any]:
    """The arguments of the settings' block."""
    keywords = {
        "in_shape": data.in_shape,
        "channels": settings.channels,
        "norm": "batch",
        "hidden": settings.hidden,
        "out_dim": len(data.classes),
        "dropout": settings.dropout,
    }
    match settings.block:
        case "cnn":
            return keywords | cnn_shape(data.in_shape, len(settings.channels))
        case "inception":
            return keywords | {"pool": pools(data.in_shape, len(settings.channels) - 1)}
        case "residual":
            return keywords


def cnn_shape(in_shape: tuple[int, int, int], depth: int) -> dict[str, tuple[int, ...]]:
    """Filters, their steps and pooling of a `CNN` for pictures of this size.

    The first filters go over larger pictures in steps of two and are 5x5 instead of 3x3. Where 3x3 filters
    at every place would be followed by pooling, that computes and normalises a quarter as many places, and
    reads digits as well.
    """
    pool = pools(in_shape, depth)
    if pool[0] == 1:
        return {"pool": pool}
    rest = depth - 1
    return {"kernel": (5, *(3,) * rest), "stride": (2, *(1,) * rest), "pool": (1, *pool[1:])}


def pools(in_shape: tuple[int, int, int], depth: int) -> tuple[int, ...]:
    """Sides of the max-pooling of each stage: small pictures not at once, no map smaller than 7."""
    side, found = min(in_shape[1:]), []
    for stage in range(depth):
        found.append(1 if side < 7 or (stage == 0 and side < 16) else 2)
        side //= found[-1]
    return tuple(found)


def build(block: str, keywords: Mapping[str, Any]) -> Network:
    """The network of a checkpoint or of settings.

    Args:
        block: a key of `NETWORKS`.
        keywords: from `network`, perhaps by way of JSON.

    Raises:
        ValueError: it cannot be built for such pictures; says why.
    """
    arguments: dict[str, Any] = {**keywords, "in_shape": tuple(keywords["in_shape"])}
    return NETWORKS[block](**arguments)
