"""Networks that map photos to photos: a setting names the block, its shape follows from the damage."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.blocks.subpixel import SubPixel
from sandbox.blocks.unet import UNet
from sandbox.data.damages import Damage

Block = Literal["subpixel", "unet"]


class Residual(nn.Module):
    """A network of same size whose output is added to the first channels of its input."""

    def __init__(self, network: UNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O H W"]:
        """The input with what the network adds to it."""
        return x[:, : self.network.out_channels] + self.network(x)


class FillIn(nn.Module):
    """A network for photos with missing pixels: it is told where they are, and only they change.

    Args:
        network: takes the photo, grey where it is missing, and a channel that is 1 there.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Fill in what is NaN."""
        missing = x[:, :1].isnan()
        known = x.nan_to_num(0.5)
        return torch.where(missing, self.network(torch.cat([known, missing.to(x.dtype)], 1)), known)


def keywords(block: Block, damage: Damage, colours: int, channels: int, depth: int) -> dict[str, Any]:
    """The arguments of a block.

    Args:
        block: which.
        damage: to repair.
        colours: that come out.
        channels: maps inside; of a U-Net at full size, and twice as many on each further level.
        depth: residual blocks; of a U-Net its levels.
    """
    found: dict[str, Any] = {"in_channels": colours + damage.missing, "out_channels": colours}
    if block == "unet":
        return found | {"channels": [channels * 2**level for level in range(depth)]}
    cell = 1 if damage.factor > 1 else 2
    return found | {"channels": channels, "depth": depth, "shrink": cell, "enlarge": cell * damage.factor}


def build(block: str, arguments: Mapping[str, Any], missing: bool) -> nn.Module:
    """The network of settings or of a checkpoint.

    Args:
        block: its name.
        arguments: from `keywords`, perhaps by way of JSON.
        missing: whether pixels of a photo may be missing.
    """
    network = Residual(UNet(**arguments)) if block == "unet" else SubPixel(**arguments)
    return FillIn(network) if missing else network
