"""Minibatches of crops of photos, damaged anew each time; a function of the seed and the step alone."""

from collections.abc import Sequence

import torch
from torch import Tensor

from sandbox.data.damages import Damage


class PhotoCrops:
    """Pairs of a damaged crop and a clean one, turned and mirrored; large photos are chosen more often.

    `batches(step)` is a function of the step alone, so a resumed training needs no position to go on exactly.

    Args:
        photos: bytes (C, H, W) each, none smaller than a crop.
        damage: what happens to a crop.
        side: of a clean crop, in pixels.
        batch_size: crops in a batch.
        seed: of the choice, the turns and the damage.
        device: where the batches go.
    """

    def __init__(
        self,
        photos: Sequence[Tensor],
        damage: Damage,
        *,
        side: int,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        if not photos or any(min(photo.shape[1:]) < side for photo in photos):
            raise ValueError(f"there must be photos, each at least {side} pixels high and wide")
        self.photos, self.damage, self.side, self.batch_size = photos, damage, side, batch_size
        self.seed, self.device = seed, device
        self.weights = torch.tensor([float(photo.shape[1] * photo.shape[2]) for photo in photos])

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of one step: damaged and clean crops (B, C, H, W)."""
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + step) % 2**63)
        chosen = torch.multinomial(self.weights, self.batch_size, True, generator=generator).tolist()
        places = torch.rand(self.batch_size, 2, generator=generator).tolist()
        crops = []
        for number, (row, column) in zip(chosen, places, strict=True):
            photo = self.photos[number]
            top = int(row * (photo.shape[1] - self.side + 1))
            left = int(column * (photo.shape[2] - self.side + 1))
            crops.append(photo[:, top : top + self.side, left : left + self.side])
        turn, mirror = torch.randint(0, 4, (2,), generator=generator).tolist()
        clean = torch.rot90(torch.stack(crops), turn, (2, 3))
        clean = (clean.flip(3) if mirror % 2 else clean).float() / 255
        damaged = self.damage.apply(clean, generator)
        return damaged.to(self.device), clean.to(self.device)
