"""Ways to break a picture, from not at all to beyond recognition."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

POINTS = 13
"""Amounts at which everybody is measured."""


@dataclass(frozen=True)
class Damage:
    """One way to break pictures."""

    apply: Callable[[Tensor, float, torch.Generator], Tensor]
    """Pictures (N, C, H, W) in [0, 1], an amount and a generator to damaged pictures."""
    unit: str
    most: float
    """The largest amount."""
    why: str
    """One sentence on why the score falls."""


def noise(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Adds normal noise of standard deviation `amount`."""
    return (images + amount * torch.randn(images.shape, generator=generator)).clamp(0, 1)


def turn(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Turns every picture by `amount` degrees to the left."""
    angle = torch.tensor(amount * torch.pi / 180)
    cos, sin = angle.cos(), angle.sin()
    zero = torch.zeros(())
    matrix = torch.stack([torch.stack([cos, -sin, zero]), torch.stack([sin, cos, zero])])
    grid = F.affine_grid(matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def cover(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Covers a square of `amount` (0 to 1) of each picture's side with paper, at a random place."""
    height, width = images.shape[2:]
    rows, columns = round(amount * height), round(amount * width)
    covered = images.clone()
    for image in covered:
        top = int(torch.randint(0, height - rows + 1, (), generator=generator))
        left = int(torch.randint(0, width - columns + 1, (), generator=generator))
        image[:, top : top + rows, left : left + columns] = 0
    return covered


def shift(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Shifts every picture to the right by `amount` pixels; fractions blend neighbours."""
    matrix = torch.tensor([[1.0, 0.0, -2 * amount / images.shape[3]], [0.0, 1.0, 0.0]])
    grid = F.affine_grid(matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def invert(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Blends every picture with its negative; at 1 paper is ink and ink is paper."""
    return (1 - amount) * images + amount * (1 - images)


DAMAGES = {
    "Noise": Damage(
        noise,
        "standard deviation, of full ink",
        1.0,
        "It has learned clean scans: grey dust looks like ink to its filters.",
    ),
    "Rotation": Damage(
        turn,
        "degrees",
        180.0,
        "It was trained on slants of ten degrees; further round, shapes become others, as 6 and 9.",
    ),
    "Occlusion": Damage(
        cover,
        "side of the covered square, of the picture",
        0.75,
        "What tells two classes apart may be a few pixels, as with 3 and 8; covered, nobody could know.",
    ),
    "Shift": Damage(
        shift,
        "pixels to the right",
        4.0,
        "Convolutions do not mind a shift, the dense layers behind them do.",
    ),
    "Negative": Damage(
        invert,
        "blend with the negative",
        1.0,
        "White on black is the same thing to you; to the network every number has changed.",
    ),
}


def fall(
    kind: str, images: Tensor, labels: Tensor, readers: Mapping[str, Callable[[Tensor], Tensor]]
) -> tuple[list[float], dict[str, list[float]]]:
    """How many of 100 pictures each reader still reads right as the damage grows.

    Args:
        kind: of the damage.
        images: (N, C, H, W) in [0, 1].
        labels: (N,), the right answers.
        readers: by name; each makes answers (N,) of pictures (N, C, H, W).

    Returns:
        The amounts, and for each reader how many of 100 it reads right at each.
    """
    damage = DAMAGES[kind]
    amounts = torch.linspace(0.0, damage.most, POINTS).tolist()
    found: dict[str, list[float]] = {name: [] for name in readers}
    for amount in amounts:
        broken = damage.apply(images, amount, torch.Generator().manual_seed(0))
        for name, read in readers.items():
            found[name].append(100 * (read(broken) == labels).double().mean().item())
    return amounts, found
