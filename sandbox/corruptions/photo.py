"""Ways to spoil photos of any size: noise, blur, other colours, darkness, compression, fog, night, clouds."""

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.corruptions import image, scene
from sandbox.corruptions.corruption import Corruption

Photo = NDArray[np.float32]
"""(C, H, W) in [0, 1]."""


CLOUDS = 4, 8, 16
"""Corners of the fields of noise that clouds are made of, along each edge; fine ones count less."""
CLOUD = 0.94
"""Brightness of a cloud."""


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


def fog(photo: Photo, amount: float, seed: int) -> Photo:
    """Replace a share `amount` of the light by that of the fog."""
    return scene.fog(torch.from_numpy(photo)[None], amount, seed)[0].numpy()


def night(photo: Photo, amount: float, seed: int) -> Photo:
    """Take away a share `amount` of the light and add the noise that few photons make."""
    return scene.night(torch.from_numpy(photo)[None], amount, seed)[0].numpy()


def clouds(photo: Photo, amount: float, seed: int) -> Photo:
    """Hide a share `amount` of the photo behind white clouds with soft edges, made of value noise."""
    generator, (_, height, width) = np.random.default_rng(seed), photo.shape
    haze = np.zeros((height, width), np.float32)
    for cells in CLOUDS:
        corners = generator.uniform(-1, 1, (cells, cells)).astype(np.float32) / cells
        haze += np.asarray(cv2.resize(corners, (width, height), interpolation=cv2.INTER_CUBIC))
    veil = np.clip((haze - np.quantile(haze, 1 - amount)) / (0.3 * haze.std()) + 0.5, 0, 1)
    return ((1 - veil) * photo + veil * CLOUD).astype(np.float32)


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
    "fog": Corruption(
        "Fog",
        each(fog),
        scene.CORRUPTIONS["fog"].unit,
        scene.CORRUPTIONS["fog"].most,
        "Fog takes contrast away everywhere, and with it what tells one ground from another.",
    ),
    "night": Corruption(
        "Night",
        each(night),
        scene.CORRUPTIONS["night"].unit,
        scene.CORRUPTIONS["night"].most,
        "Little light is left, and its noise is as strong as the differences that the filters look for.",
    ),
    "clouds": Corruption(
        "Clouds",
        each(clouds),
        "of the picture is hidden",
        0.95,
        "Under a cloud there is nothing to see. What lies beside it allows a guess.",
    ),
}
"""By name; photos keep their size, so that what is where stays right."""
