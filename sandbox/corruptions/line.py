"""Ways to spoil lines of handwriting: noise, blur, what slants and what is covered."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.corruptions import image
from sandbox.corruptions.corruption import Corruption


def rise(lines: Tensor, amount: float, seed: int) -> Tensor:
    """Let every line (N, 1, H, W) rise by `amount` pixels from its left to its right end, as on a slope."""
    height = lines.shape[2]
    # Sideways from -1 to 1; the whole height is 2.
    matrix = torch.tensor([[1.0, 0.0, 0.0], [amount / height, 1.0, 0.0]])
    return _moved(lines, matrix)


def slant(lines: Tensor, amount: float, seed: int) -> Tensor:
    """Slant every line to the right: by `amount` pixels sideways for each upwards."""
    ratio = lines.shape[2] / lines.shape[3]
    return _moved(lines, torch.tensor([[1.0, amount * ratio, 0.0], [0.0, 1.0, 0.0]]))


def crossed(lines: Tensor, amount: float, seed: int) -> Tensor:
    """Draw `amount` thin strokes through every line, from somewhere on the left to somewhere on the right."""
    generator = torch.Generator().manual_seed(seed)
    count, _, height, width = lines.shape
    rows = torch.arange(height)[:, None]
    across = torch.linspace(0, 1, width)
    found = lines.clone()
    for number in range(int(amount + 0.999)):
        strength = min(1.0, amount - number)
        begin, end = (torch.rand(2, count, 1, 1, generator=generator) * height).unbind(0)
        away = (rows - (begin + (end - begin) * across)).abs()
        found = torch.maximum(found, (strength * (1.5 - away).clamp(0, 1))[:, None])
    return found


def _moved(lines: Tensor, matrix: Tensor) -> Tensor:
    grid = F.affine_grid(matrix.expand(len(lines), 2, 3), list(lines.shape), align_corners=False)
    return F.grid_sample(lines, grid, align_corners=False)


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        image.noise,
        "standard deviation, of full contrast",
        0.8,
        "A little noise was on the lines it learned from. More of it looks like strokes.",
    ),
    "blur": Corruption(
        "Blur",
        image.blur,
        "standard deviation, of the picture's width",
        0.02,
        "Blur closes the gaps, in digits and between them.",
    ),
    "slant": Corruption(
        "Slant",
        slant,
        "sideways per height",
        1.5,
        "It has seen writing that leans a little. The frames are columns: what leans far lies in several.",
    ),
    "rise": Corruption(
        "Rising line",
        rise,
        "pixels from end to end",
        32.0,
        "Lines that rise or fall were among those it learned from, but none so steep or cut off at its edge.",
    ),
    "crossed": Corruption(
        "Crossed out",
        crossed,
        "strokes through the line",
        4.0,
        "A stroke joins all digits to one piece. A method that cuts at gaps finds none.",
    ),
}
