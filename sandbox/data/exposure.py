"""Small random changes of how a picture was taken, not of what it shows: darker, flatter, noisier."""

import torch
from jaxtyping import Float
from torch import Tensor


def vary_exposure(
    images: Float[Tensor, "B C H W"],
    *,
    gamma: float = 0.3,
    contrast: float = 0.3,
    brightness: float = 0.15,
    noise: float = 0.02,
) -> Float[Tensor, "B C H W"]:
    """Change each picture's exposure by its own random amounts, drawn evenly from torch's global generator.

    Args:
        images: in [0, 1]; what is given back may leave it a little.
        gamma: largest change of the exponent's logarithm: which greys are told apart.
        contrast: largest share by which differences from the picture's mean grow or shrink.
        brightness: largest shift.
        noise: largest standard deviation of what is added to each pixel.
    """
    drawn = torch.rand(4, len(images), 1, 1, 1, dtype=images.dtype, device=images.device)
    exponent, stretch, shift = (2 * one - 1 for one in drawn[:3])
    found = images.clamp(1e-4, 1.0) ** torch.exp(gamma * exponent)
    mean = found.mean((1, 2, 3), keepdim=True)
    found = (found - mean) * (1 + contrast * stretch) + mean + brightness * shift
    return found + noise * drawn[3] * torch.randn_like(found)
