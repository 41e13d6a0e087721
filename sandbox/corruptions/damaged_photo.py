"""Ways to spoil photos further than a network has learned to repair: other noise, other damage."""

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sandbox.corruptions.corruption import Corruption
from sandbox.data.damages import LEVELS, Blur
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.split import Examples

BEST, WORST = 95, 5
"""Quality of a JPEG file at the smallest and at the largest amount."""


def corruptions(input: DamagedPhoto) -> Mapping[str, Corruption]:
    """What photos with such damage can be spoilt by; only noise can also be less than it was."""
    found = {
        "more_noise": Corruption(
            "More noise",
            more_noise,
            "levels of 255, added to the damage that was learned",
            50.0,
            "The network takes away as much as it has learned to. What is more stays in the photo, "
            "or is taken for texture.",
        ),
        "dead_pixels": Corruption(
            "Dead pixels",
            dead_pixels,
            "of all pixels, black or white",
            0.2,
            "The network has never seen a dead pixel. It looks like a strong edge, which is to be kept.",
        ),
        "jpeg": Corruption(
            "JPEG blocks",
            jpeg,
            "0 is none, 1 the smallest file",
            1.0,
            "Blocks have edges, and the damage is no longer independent of the photo. A network that learned "
            "one kind of damage keeps what another leaves behind.",
        ),
        "soft": Corruption(
            "Blur",
            soft,
            "pixels",
            3.0,
            "What blur takes away must be guessed anew. This network has learned to guess something else.",
        ),
    }
    if input.damage.kind == "noise":
        found["less_noise"] = Corruption(
            "Less noise",
            lambda inputs, amount, seed: inputs,
            "of the noise is gone",
            1.0,
            "With less noise the score grows, yet less than it could: the network goes on taking away what "
            "it expects, and fine texture goes with it. In the end it is best to leave a photo alone.",
            examples=less_noise,
        )
    return found


def more_noise(photos: Tensor, amount: float, seed: int) -> Tensor:
    """Add normal noise of `amount` levels of 255."""
    drawn = torch.randn(photos.shape, generator=torch.Generator().manual_seed(seed))
    return photos + amount / LEVELS * drawn


def dead_pixels(photos: Tensor, amount: float, seed: int) -> Tensor:
    """Make a share of the pixels black or white."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.rand((len(photos), 1, *photos.shape[2:]), generator=generator)
    white = (torch.rand(drawn.shape, generator=generator) < 0.5).to(photos.dtype)
    dead = (drawn < amount) & ~photos.isnan()
    return torch.where(dead, white.expand_as(photos), photos)


def jpeg(photos: Tensor, amount: float, seed: int) -> Tensor:
    """Save as JPEG, the worse the larger the amount (0 to 1); 0 does not save."""
    if amount <= 0:
        return photos
    quality = round(BEST + (WORST - BEST) * amount)
    return torch.stack([_saved(photo, quality) for photo in photos])


def soft(photos: Tensor, amount: float, seed: int) -> Tensor:
    """Blur by a Gaussian of `amount` pixels; what is missing stays missing."""
    if amount < 0.05:
        return photos
    known = _filled(photos)
    blurred = Blur(amount, 0.0).apply(known, torch.Generator().manual_seed(seed))
    return torch.where(photos.isnan(), math.nan, blurred)


def less_noise(
    task: Any, settings: Any, examples: Examples[Tensor, Tensor], amount: float, seed: int
) -> Examples[Tensor, Tensor]:
    """Take away a share of the noise; examples without a right answer stay as they are."""
    if examples.targets is None:
        return examples
    clean = torch.as_tensor(np.asarray(examples.targets))
    damaged = torch.as_tensor(np.asarray(examples.inputs))
    return Examples(clean + (1 - amount) * (damaged - clean), examples.targets)


def _filled(photos: Tensor) -> Tensor:
    means = photos.nanmean((2, 3), keepdim=True)
    return torch.where(photos.isnan(), means, photos)


def _saved(photo: Tensor, quality: int) -> Tensor:
    rows = _filled(photo[None])[0].clamp(0, 1).mul(255).round().byte().numpy()
    file = io.BytesIO()
    Image.fromarray(rows[0] if len(rows) == 1 else rows.transpose(1, 2, 0)).save(
        file, "JPEG", quality=quality
    )
    again = np.atleast_3d(np.asarray(Image.open(file), np.float32) / 255).transpose(2, 0, 1)
    return torch.where(photo.isnan(), math.nan, torch.from_numpy(again.copy()))
