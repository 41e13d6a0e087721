"""A network that forecasts many steps at once, with quantiles that never cross.

z     = (x - mean(x)) / std(x)                   each window by itself, undone at the end: RevIN
m     = W (z - z_T) + z_T + u_m                  a straight map from the last value on, and the block's part
q_k   = m -+ sum of softplus(u_k)                outwards from the middle

u is what a block (MLP, CNN or LSTM) makes of z. Kim et al. 2022 (RevIN); Zeng et al. 2023 (N-Linear, which
reads every series by itself with the same weights). The last map of the block begins at zero.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import LSTM
from sandbox.blocks.mlp import MLP
from sandbox.tasks.outputs.forecast import LEVELS, MIDDLE

Block = Literal["linear", "mlp", "cnn", "lstm"]
TOGETHER = 32
"""Time steps of an LSTM: a longer window is read several values at a time."""
FLAT = 1e-3
"""Least variance of a window, so that nothing is divided by nothing."""
FEW = 100
"""Windows below which a band is calibrated with more care."""
GAP = 0.5
"""Where the distance of two quantiles begins, in standard deviations of the window, about."""


class ForecastNetwork(nn.Module):
    """Quantiles of the next steps of each series.

    Args:
        block: what reads a window beside the straight map; `linear` for nothing.
        length: steps that are read, T.
        horizon: steps that are forecast, H.
        hidden: width of the block.
        depth: layers of the block.
        dropout: chance of zeroing a number of the block's features while training.

    Attributes:
        skip: the straight map, from T to H.
        body: the block; None for `linear`.
        head: from the block's features to H Q numbers.
        stretch: (H, 2) factors of both halves of the band, see `calibrate`.
    """

    stretch: Tensor

    def __init__(
        self, block: Block, length: int, horizon: int, *, hidden: int, depth: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.horizon, self.piece = horizon, -(-length // TOGETHER)
        self.skip = nn.Linear(length, horizon)
        nn.init.zeros_(self.skip.weight)
        nn.init.zeros_(self.skip.bias)
        self.body: nn.Module | None = None
        width = 1
        if block == "mlp":
            self.body, width = MLP(length, (hidden,) * depth, None, "gelu"), hidden
        elif block == "cnn":
            channels = [min(hidden, 8 * 2**i) for i in range(depth)]
            self.body = CNN(
                (1, 1, length), channels, kernel=5, stride=2, padding=2, activation="gelu", hidden=(hidden,)
            )
            width = hidden
        elif block == "lstm":
            self.body, width = LSTM(self.piece, hidden, depth=depth, memory=TOGETHER), hidden
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(width, horizon * len(LEVELS))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("stretch", torch.ones(horizon, 2))

    def forward(self, x: Float[Tensor, "B T V"]) -> Float[Tensor, "B H V Q"]:
        """Quantiles, the band stretched as it was calibrated; while training as the network has them."""
        rows = x.transpose(1, 2).flatten(0, 1)  # every series by itself
        mean = rows.mean(1, keepdim=True)
        deviation = (rows.var(1, keepdim=True, unbiased=False) + FLAT).sqrt()
        z = (rows - mean) / deviation
        last = z[:, -1:]
        said = self.head(self.drop(self.features(z))).unflatten(1, (self.horizon, len(LEVELS)))
        middle = self.skip(z - last) + last + said[..., MIDDLE]
        gaps = GAP * F.softplus(torch.stack([said[..., 0], said[..., -1]], -1) + 0.5)
        if not self.training:
            gaps = gaps * self.stretch
        quantiles = torch.stack([middle - gaps[..., 0], middle, middle + gaps[..., 1]], -1)
        found = quantiles * deviation[..., None] + mean[..., None]
        return found.unflatten(0, (len(x), x.shape[2])).transpose(1, 2)

    def features(self, z: Float[Tensor, "R T"]) -> Float[Tensor, "R F"]:
        """What the block makes of each window; a 1 if there is none."""
        if self.body is None:
            return z.new_ones(len(z), 1)
        if isinstance(self.body, CNN):
            return self.body(z[:, None, None])
        if isinstance(self.body, LSTM):
            pieces = F.pad(z, (-z.shape[1] % self.piece, 0)).unflatten(1, (-1, self.piece))
            return self.body(pieces)[0][:, -1]
        return self.body(z)

    @torch.no_grad()
    def calibrate(self, outputs: Tensor, targets: Tensor, independent: float | None = None) -> None:
        """Stretch both halves of the band until they hold what they promise on windows kept aside.

        Split conformal prediction of quantiles (Romano et al. 2019), by factors: each step ahead has two.

        Args:
            outputs: (N, H, V, Q) of this network for windows that it did not learn from.
            targets: (N, H, V), what followed.
            independent: how many of fewer than `FEW` windows tell something of their own, as those that
                overlap are alike; by default all. The fewer, the nearer to the largest error the band
                reaches: the quantile at (1 + 1/n) of the level, as conformal prediction has it.
        """
        middle = outputs[..., MIDDLE]
        few = len(targets) < FEW  # too few windows for a factor of each step
        more = 1 + 1 / max(1.0, independent or len(targets)) if few else 1.0
        for side, (end, level) in enumerate(((0, 1 - LEVELS[0]), (-1, LEVELS[-1]))):
            sign = 1 if side else -1
            reach = sign * (targets - middle) / (sign * (outputs[..., end] - middle)).clamp_min(1e-6)
            found = torch.quantile(reach.transpose(1, 2).flatten(0, 1)[:100_000], min(1.0, level * more), 0)
            found = found.mean().expand_as(found) if few else _smooth(found)
            self.stretch[:, side] *= found.clamp(0.05, 50)


def _smooth(values: Float[Tensor, " H"], around: int = 2) -> Float[Tensor, " H"]:
    padded = F.pad(values[None, None], (around, around), mode="replicate")
    return F.avg_pool1d(padded, 2 * around + 1, 1)[0, 0]
