"""Ways to spoil pictures in which something is to be found; boxes go along where things move.

Fog is Koschmieder's model of 1924 for a scene that is as far away everywhere: what is left of the light, and
the fog's own. Night is less light with the noise of few photons, whose variance goes with it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from sandbox.corruptions.corruption import Corruption
from sandbox.corruptions.image import CORRUPTIONS as PICTURES
from sandbox.data.letterbox import GREY, Letterbox
from sandbox.tasks.split import Examples

Images = Float[Tensor, "N 3 H W"]
"""In [0, 1]."""


FOG = 0.78
"""Brightness of fog."""
PHOTONS = 0.004
"""Variance of a white pixel at night, of 1."""


def stain(images: Images, amount: float, seed: int) -> Images:
    """Give part of each colour to the next: red to green, green to blue, blue to red."""
    return (1 - amount) * images + amount * images.roll(1, dims=1)


def darkness(images: Images, amount: float, seed: int) -> Images:
    """Take away a share `amount` of the light."""
    return (1 - amount) * images


def fog(images: Images, amount: float, seed: int) -> Images:
    """Replace a share `amount` of the light by that of the fog, and blur what is behind it a little."""
    blurred = PICTURES["blur"].apply(images, 0.004 * amount, seed)
    return (1 - amount) * blurred + amount * FOG


def night(images: Images, amount: float, seed: int) -> Images:
    """Take away a share `amount` of the light and add the noise that few photons make."""
    if amount <= 0:
        return images
    generator = torch.Generator().manual_seed(seed)
    dark = (1 - amount) * images
    grain = torch.randn(images.shape, generator=generator) * (PHOTONS * dark).sqrt()
    return (dark + amount * grain).clamp(0, 1)


def smaller(images: Images, amount: float, seed: int) -> Images:
    """Shrink each picture by a share `amount` of its side, with grey around it."""
    box = _shrunk(images, amount)
    height, width = (max(1, round(side * box.scale)) for side in images.shape[2:])
    whole = torch.full_like(images, GREY)
    small = F.interpolate(images, size=(height, width), mode="bilinear", antialias=True)
    whole[:, :, box.top : box.top + height, box.left : box.left + width] = small.clamp(0, 1)
    return whole


def smaller_examples(
    task: Any, settings: Any, examples: Examples[Any, Any], amount: float, seed: int
) -> Examples[Any, Any]:
    """Shrunk pictures with boxes that are as much smaller."""
    targets = examples.targets
    if targets is not None:
        targets = torch.as_tensor(targets).clone()
        box = _shrunk(examples.inputs, amount)
        inside = torch.from_numpy(box.inwards(targets[..., :4].numpy()))
        targets[..., :4] = torch.where(targets[..., 4:] >= 0, inside, targets[..., :4])
    return Examples(smaller(examples.inputs, amount, seed), targets)


def _shrunk(images: Images, amount: float) -> Letterbox:
    """Where the smaller picture lies."""
    size = (images.shape[2], images.shape[3])
    sides = [max(1, round(side * (1 - amount))) for side in size]
    return Letterbox(1 - amount, (size[1] - sides[1]) // 2, (size[0] - sides[0]) // 2, size)


CORRUPTIONS: Mapping[str, Corruption] = {
    "stain": Corruption(
        "Another stain",
        stain,
        "share of each colour that turns into the next",
        1.0,
        "Colour told the classes apart. Another laboratory, lamp or camera has other colours.",
    ),
    "smaller": Corruption(
        "Smaller objects",
        smaller,
        "of the picture's side",
        0.75,
        "The network learned objects of certain sizes. Under another magnification they look like others, "
        "or fall between its cells.",
        smaller_examples,
    ),
    "blur": replace(PICTURES["blur"], most=0.1, why="Out of focus, edges that touch become one."),
    "noise": replace(
        PICTURES["noise"], why="To the network noise looks like detail, and small things drown."
    ),
    "darkness": Corruption(
        "Less light",
        darkness,
        "share of the light",
        0.9,
        "Training changed the light a little. Beyond that, the filters answer to another picture.",
    ),
    "fog": Corruption(
        "Fog",
        fog,
        "share of the light",
        0.95,
        "Fog takes contrast away everywhere. Dark and bright things come close to the ground's colour.",
    ),
    "night": Corruption(
        "Night",
        night,
        "share of the light that is gone",
        0.95,
        "Little light is left, and its noise is as strong as the edges that the filters look for.",
    ),
    "occlusion": replace(
        PICTURES["occlusion"], why="What is covered cannot be found. Everything beside it should be."
    ),
}
