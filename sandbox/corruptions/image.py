"""Ways to spoil pictures: noise, rotation, occlusion, shift, blur, the negative."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from sandbox.corruptions.corruption import Corruption

Images = Float[Tensor, "N C H W"]
"""In [0, 1]."""


def noise(images: Images, amount: float, seed: int) -> Images:
    """Add normal noise of standard deviation `amount`."""
    generator = torch.Generator().manual_seed(seed)
    return (images + amount * torch.randn(images.shape, generator=generator)).clamp(0, 1)


def rotation(images: Images, amount: float, seed: int) -> Images:
    """Turn every picture by `amount` degrees to the left."""
    angle = torch.tensor(amount * torch.pi / 180)
    cos, sin = angle.cos(), angle.sin()
    zero = torch.zeros(())
    return _moved(images, torch.stack([torch.stack([cos, -sin, zero]), torch.stack([sin, cos, zero])]))


def occlusion(images: Images, amount: float, seed: int) -> Images:
    """Cover a square of `amount` (0 to 1) of each picture's side with 0, at a random place."""
    generator = torch.Generator().manual_seed(seed)
    height, width = images.shape[2:]
    rows, columns = round(amount * height), round(amount * width)
    covered = images.clone()
    for image in covered:
        top = int(torch.randint(0, height - rows + 1, (), generator=generator))
        left = int(torch.randint(0, width - columns + 1, (), generator=generator))
        image[:, top : top + rows, left : left + columns] = 0
    return covered


def shift(images: Images, amount: float, seed: int) -> Images:
    """Shift every picture to the right by `amount` of its width; fractions of a pixel blend neighbours."""
    return _moved(images, torch.tensor([[1.0, 0.0, -2 * amount], [0.0, 1.0, 0.0]]))


def blur(images: Images, amount: float, seed: int) -> Images:
    """Blur every picture with a Gaussian whose standard deviation is `amount` of its width."""
    sigma = amount * images.shape[3]
    if sigma < 1e-3:
        return images
    radius = max(1, round(3 * sigma))
    x = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-x.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(images.shape[1], 1, 1, -1)
    channels = images.shape[1]
    across = F.conv2d(F.pad(images, (radius, radius, 0, 0), mode="replicate"), kernel, groups=channels)
    return F.conv2d(F.pad(across, (0, 0, radius, radius), mode="replicate"), kernel.mT, groups=channels)


def negative(images: Images, amount: float, seed: int) -> Images:
    """Blend every picture with its negative; at 1 black is white and white is black."""
    return (1 - amount) * images + amount * (1 - images)


def _moved(images: Images, matrix: Tensor) -> Images:
    grid = F.affine_grid(matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        noise,
        "standard deviation, of full contrast",
        1.0,
        "The network learned from clean pictures. To the network, noise looks like detail.",
    ),
    "rotation": Corruption(
        "Rotation",
        rotation,
        "degrees",
        180.0,
        "It was trained on small tilts only. Convolutions do not recognise a pattern that is turned.",
    ),
    "occlusion": Corruption(
        "Occlusion",
        occlusion,
        "side of the covered square, of the picture's side",
        0.75,
        "A few pixels tell a 3 from an 8. Once they are covered, nobody can know.",
    ),
    "shift": Corruption(
        "Shift",
        shift,
        "of the picture's width, to the right",
        0.5,
        "Convolutions do not mind a shift. The dense layers behind them do.",
    ),
    "blur": Corruption(
        "Blur",
        blur,
        "standard deviation, of the picture's width",
        0.3,
        "Blur removes the fine edges that the first filters look for.",
    ),
    "negative": Corruption(
        "Negative",
        negative,
        "blend with the negative",
        1.0,
        "White on black is the same picture to you. To the network every number has changed.",
    ),
}
