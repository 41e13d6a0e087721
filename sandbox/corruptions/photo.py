"""Ways to spoil photos of any size: noise, blur, another colour, darkness, compression."""

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.corruptions import image
from sandbox.corruptions.corruption import Corruption

Photo = NDArray[np.float32]
"""(C, H, W) in [0, 1]."""


def each(spoil: Callable[[Photo, float, int], Photo]) -> Callable[[Any, float, int], list[Photo]]:
    """The same for a batch: every photo has a seed of its own."""

    def apply(photos: Any, amount: float, seed: int) -> list[Photo]:
        if amount == 0:
            return [np.asarray(photo, np.float32) for photo in photos]
        return [spoil(np.asarray(photo, np.float32), amount, seed + i) for i, photo in enumerate(photos)]

    return apply


def noise(photo: Photo, amount: float, seed: int) -> Photo:
    """Add normal noise of standard deviation `amount`."""
    return image.noise(torch.from_numpy(photo)[None], amount, seed)[0].numpy()


def blur(photo: Photo, amount: float, seed: int) -> Photo:
    """Blur with a Gaussian whose standard deviation is `amount` pixels."""
    return image.blur(torch.from_numpy(photo)[None], amount / photo.shape[2], seed)[0].numpy()


def colour(photo: Photo, amount: float, seed: int) -> Photo:
    """Blend with the photo whose colours have changed places: red became green, green blue, blue red."""
    return ((1 - amount) * photo + amount * np.roll(photo, 1, axis=0)).astype(np.float32)


def darkness(photo: Photo, amount: float, seed: int) -> Photo:
    """Take away `amount` of the light, as a short exposure does; the camera's noise stays as it is."""
    grain = np.random.default_rng(seed).normal(0, 0.01, photo.shape)
    return np.clip((1 - amount) * photo + grain, 0, 1).astype(np.float32)


def compression(photo: Photo, amount: float, seed: int) -> Photo:
    """Save as JPEG of quality 100 minus `amount`."""
    pixels = np.round(255 * np.clip(photo[::-1], 0, 1)).astype(np.uint8).transpose(1, 2, 0)  # blue first
    _, file = cv2.imencode(
        ".jpg", np.ascontiguousarray(pixels), [cv2.IMWRITE_JPEG_QUALITY, round(100 - amount)]
    )
    again: Any = cv2.imdecode(file, cv2.IMREAD_UNCHANGED)
    return np.ascontiguousarray(
        again.reshape(pixels.shape).transpose(2, 0, 1)[::-1], np.float32
    ) / np.float32(255)


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        each(noise),
        "standard deviation, of full contrast",
        0.5,
        "A network that learned from clean photos takes noise for detail.",
    ),
    "blur": Corruption(
        "Out of focus",
        each(blur),
        "standard deviation, pixels",
        8.0,
        "Edges that are wider than in training look like no edges.",
    ),
    "colour": Corruption(
        "Other colours",
        each(colour),
        "blend with colours that have changed places",
        1.0,
        "A shape stays what it is in any colour. A network that learned by colour does not know that.",
    ),
    "darkness": Corruption(
        "Short exposure",
        each(darkness),
        "of the light is missing",
        0.98,
        "Less light leaves less signal above the noise of the camera.",
    ),
    "compression": Corruption(
        "JPEG compression",
        each(compression),
        "100 minus the quality of the file",
        99.0,
        "Strong compression draws blocks of 8 by 8 pixels, which nobody saw in training.",
    ),
}
"""By name; photos keep their size, so that what is where stays right."""
