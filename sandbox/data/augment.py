"""Random changes that leave a picture's class as it is. Simard, Steinkraus & Platt 2003."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Flips = Literal["none", "sideways", "all"]


def flip(images: Float[Tensor, "B C H W"], how: Flips = "sideways") -> Float[Tensor, "B C H W"]:
    """Mirror pictures, each by its own draw from torch's global generator.

    Args:
        images: any values; squares for `all`.
        how: `sideways` mirrors every second one, as left and right are alike in photos; `all` takes one of
            the eight ways to lay a square, where nothing says which side is up, as seen from above; `none`
            leaves them.
    """
    if how == "none":
        return images
    ways = torch.randint(0, 8 if how == "all" else 2, (len(images),), device=images.device)
    chosen = (ways % 2).bool().view(-1, 1, 1, 1)
    images = torch.where(chosen, images.flip(3), images)
    if how == "all":
        images = torch.where((ways // 2 % 2).bool().view(-1, 1, 1, 1), images.flip(2), images)
        images = torch.where((ways // 4).bool().view(-1, 1, 1, 1), images.transpose(2, 3), images)
    return images


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
    count, _, height, width = images.shape
    draws = torch.rand(6, count, device=images.device).mul_(2.0).sub_(1.0)
    angle = draws[0] * (degrees * torch.pi / 180.0)
    cos, sin = angle.cos(), angle.sin()
    wide, high = 1.0 + scale * draws[1], 1.0 + scale * draws[2]
    # Coordinates run from -1 to 1 across the picture, so a shift by a share of the side is twice that share.
    to_source = torch.stack(
        (
            cos * wide,
            shear * draws[3] - sin * high,
            2 * shift * draws[4],
            sin * wide,
            cos * high,
            2 * shift * draws[5],
        ),
        dim=1,
    )
    # One product for all pictures instead of `affine_grid`'s one for each: half of the time on a CPU. The
    # places of x and of y lie in planes of their own, which `grid_sample` reads without sorting them.
    x, y = (torch.arange(1, 2 * side, 2, device=images.device) / side - 1.0 for side in (width, height))
    places = torch.stack(
        (
            x.expand(height, width),
            y[:, None].expand(height, width),
            torch.ones(height, width, device=images.device),
        )
    )
    grid = (to_source.view(2 * count, 3) @ places.view(3, height * width)).view(count, 2, height, width)
    grid = grid.permute(0, 2, 3, 1).to(images.dtype)
    return F.grid_sample(images, grid, padding_mode=outside, align_corners=False)
