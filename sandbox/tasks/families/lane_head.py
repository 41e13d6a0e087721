"""Marks the road and the own lane on what the convolutions of a steering network have found."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.tasks.outputs.steering import GROUND

WIDTH = 12
"""Channels of each level on the way up."""
FINE = 2
"""Pixels to each side that one place of the largest maps stands for: the first convolution halves."""


class LaneHead(nn.Module):
    """What each pixel is, from maps of every size: coarse ones know where a road leads, fine ones its edge.

    p_l = relu(conv(lateral_l(m_l) + enlarge(p_(l+1)))), a feature pyramid. Lin et al. 2017.

    Args:
        channels: of the maps, from the largest to the smallest.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(each, WIDTH, 1) for each in channels)
        self.smooth = nn.ModuleList(nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in channels)
        self.out = nn.Conv2d(WIDTH, len(GROUND) * FINE**2, 1)

    def forward(self, maps: Sequence[Float[Tensor, "B C H W"]]) -> Float[Tensor, "B K H2 W2"]:
        """A number for each class of `GROUND` and pixel; the largest is the answer."""
        found: Tensor | None = None
        for each, lateral, smooth in reversed(list(zip(maps, self.lateral, self.smooth, strict=True))):
            here = lateral(each)
            if found is not None:
                here = here + F.interpolate(found, size=here.shape[2:])
            found = torch.relu(smooth(here))
        assert found is not None
        return F.pixel_shuffle(self.out(found), FINE)
