"""Small random changes that leave a picture's class as it is. Simard, Steinkraus & Platt 2003."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def jitter(
    images: Float[Tensor, "B C H W"],
    *,
    degrees: float = 10.0,
    scale: float = 0.1,
    shift: float = 0.05,
    shear: float = 0.1,
    outside: Literal["zeros", "border", "reflection"] = "zeros",
) -> Float[Tensor, "B C H W"]:
    """Turn, stretch, shift and slant each picture by its own random amount.

    The amounts are drawn evenly, from torch's global generator.

    Args:
        images: any values.
        degrees: largest turn to either side.
        scale: largest share by which height and width grow or shrink, each by itself.
        shift: largest shift, as a share of the side.
        shear: largest slant, sideways per height.
        outside: what lies beyond the edge: `zeros` is paper around a drawing.
    """
    count = len(images)
    draws = torch.rand(6, count, device=images.device).mul_(2.0).sub_(1.0)
    angle = draws[0] * (degrees * torch.pi / 180.0)
    cos, sin = angle.cos(), angle.sin()
    wide, high = 1.0 + scale * draws[1], 1.0 + scale * draws[2]
    # Coordinates run from -1 to 1 across the picture, so a shift by a share of the side is twice that share.
    rows = (
        (cos * wide, shear * draws[3] - sin * high, 2 * shift * draws[4]),
        (sin * wide, cos * high, 2 * shift * draws[5]),
    )
    to_source = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    grid = F.affine_grid(to_source, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid.to(images.dtype), padding_mode=outside, align_corners=False)
