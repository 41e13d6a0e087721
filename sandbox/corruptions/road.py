"""Ways to spoil pictures of a road from a car: fog, night, noise, blur, a tilted or dirty camera.

Fog and night go by the distance of the road in each row of the picture, as if the ground were flat. What
stands on the road, such as the upper half of a car, is taken for as far away as the ground behind it.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.corruptions.corruption import Corruption
from sandbox.corruptions.image import CORRUPTIONS as PICTURES
from sandbox.data import road_view

Images = Float[Tensor, "N 3 H W"]
"""In [0, 1]."""
FOG = 0.78
"""Brightness of fog."""
BEAM = 18.0
"""Metres that headlights light fully; farther on their light falls with the square of the distance."""
PHOTONS = 0.004
"""Variance of a white pixel at night, of 1."""


def fog(images: Images, amount: float, seed: int) -> Images:
    """Fog that leaves exp(-`amount` d / 100) of the light from d metres away, and adds its own.

    Koschmieder 1924. 2 % of the contrast, the limit of sight, are left at 391 / `amount` metres.
    """
    far = _distances(images).clamp(max=10_000.0)
    left = torch.exp(-0.01 * amount * far)
    return left * images + (1 - left) * FOG if amount > 0 else images


def night(images: Images, amount: float, seed: int) -> Images:
    """Take away a share `amount` of the daylight; headlights and the noise of few photons are left."""
    if amount <= 0:
        return images
    generator = torch.Generator().manual_seed(seed)
    beam = (BEAM / _distances(images)).square().clamp(max=1.0)
    dark = (1 - amount * (1 - 0.8 * beam)) * images
    grain = torch.randn(images.shape, generator=generator) * (PHOTONS * dark).sqrt()
    return (dark + amount * grain).clamp(0, 1)


def _distances(images: Images) -> Float[Tensor, "H 1"]:
    """How far away the ground is in each row, in metres."""
    height, width = images.shape[2:]
    return torch.from_numpy(road_view.distances((height, width))).float()[:, None]


CORRUPTIONS: Mapping[str, Corruption] = {
    "fog": Corruption(
        "Fog",
        fog,
        "per cent of the light lost in each metre",
        20.0,
        "Far bends and cars vanish first, then the lane lines. A network that never saw fog is lost.",
    ),
    "night": Corruption(
        "Night",
        night,
        "share of the daylight that is gone",
        1.0,
        "Headlights reach some twenty metres. Bends and cars beyond that are in the dark.",
    ),
    "noise": replace(PICTURES["noise"], most=0.5, why="Thin lines far away are lost first."),
    "blur": replace(PICTURES["blur"], most=0.1, why="Thin white lines spread until the asphalt hides them."),
    "tilt": replace(
        PICTURES["rotation"],
        title="Tilted camera",
        most=30.0,
        why="A tilted road looks like one that bends. No training frame was tilted.",
    ),
    "occlusion": replace(
        PICTURES["occlusion"],
        title="Dirt on the glass",
        why="Where dirt hides the near lines, the far ones would do, for a network that looks at both.",
    ),
}
"""By name."""
