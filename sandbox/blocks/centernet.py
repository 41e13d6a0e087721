"""CenterNet: a detector without anchors; every object is a peak of a map. Zhou, Wang & Krähenbühl 2019.

    p_k(i, j)     = sigmoid(heat_k(i, j))        how much cell (i, j) looks like the centre of a k
    t_k(i, j)     = max over objects of class k of exp(-(x - cx)² / 2 sx² - (y - cy)² / 2 sy²),  sx = 0.09 w
    L_heat        = - sum of (1 - p)² log p at centres, of (1 - t)⁴ p² log(1 - p) elsewhere, by objects
    l, t, r, b    = exp(sides(i, j))             distances to the four sides, in cells of `STRIDE` pixels
    L_box         = 1 - GIoU, averaged over the cells near each centre, then over objects

The distances are learned at all cells near a centre and not at the centre alone, which takes far fewer steps
(TTFNet, Liu et al. 2020, arXiv:1909.00700). The maps come from residual stages whose coarse maps are added to
the fine ones, a feature pyramid (Lin et al. 2017, arXiv:1612.03144). An answer is a peak that no neighbour
beats, and that no surer peak of its class overlaps much.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.residual import ResidualBlock

STRIDE = 4
"""Pixels of the picture, along a side, for one cell of the maps."""
SPREAD = 0.54 / 6
"""Standard deviation of a target's peak, as a share of the object's width and height. Liu et al. 2020."""
NEAR = 0.1
"""Cells at which a peak is at least so high learn the distances to the sides."""
RARE = -4.6
"""Log-odds of a centre before anything was learned: about one cell in a hundred. Lin et al. 2017."""
BOX_WEIGHT = 2.0
MOST_FOUND = 100
"""Peaks of a picture that are looked at."""


class CenterNet(nn.Module):
    """Maps of centres and of distances to the sides, from pictures.

    Args:
        classes: kinds of objects, K.
        in_channels: colours of a picture, C.
        channels: maps of each stage; the first has cells of 4 x 4 pixels, each further one twice that side.
        depth: residual blocks in each stage.
    """

    def __init__(
        self,
        classes: int,
        *,
        in_channels: int = 3,
        channels: Sequence[int] = (32, 64, 96, 128),
        depth: int = 1,
    ) -> None:
        super().__init__()
        self.classes, self.in_channels = classes, in_channels
        first = channels[0]
        self.stem = nn.Sequential(
            nn.PixelUnshuffle(STRIDE),
            nn.Conv2d(in_channels * STRIDE**2, first, 3, padding=1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
        )
        before = [first, *channels[:-1]]
        self.down = nn.ModuleList(
            nn.Sequential(
                ResidualBlock(a, b, stride=2 if level else 1),
                *(ResidualBlock(b, b) for _ in range(depth - 1)),
            )
            for level, (a, b) in enumerate(zip(before, channels, strict=True))
        )
        self.across = nn.ModuleList(nn.Conv2d(width, first, 1) for width in channels)
        self.up = ResidualBlock(first, first)
        self.heat = nn.Sequential(
            nn.Conv2d(first, first, 3, padding=1), nn.ReLU(), nn.Conv2d(first, classes, 1)
        )
        self.sides = nn.Sequential(nn.Conv2d(first, first, 3, padding=1), nn.ReLU(), nn.Conv2d(first, 4, 1))
        for head, bias in ((self.heat[-1], RARE), (self.sides[-1], 1.0)):
            assert isinstance(head, nn.Conv2d) and head.bias is not None
            nn.init.constant_(head.bias, bias)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O H4 W4"]:
        """Log-odds of a centre of each class, then the logarithms of the four distances; O = K + 4.

        Args:
            x: pictures; height and width are multiples of `STRIDE`.
        """
        h = self.stem(x)
        levels = []
        for stage in self.down:
            h = stage(h)
            levels.append(h)
        h = self.across[-1](levels[-1])
        for across, level in zip(reversed(self.across[:-1]), reversed(levels[:-1]), strict=True):
            h = F.interpolate(h, size=level.shape[2:]) + across(level)
        h = self.up(h)
        return torch.cat([self.heat(h), self.sides(h)], 1)


def _cells(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Middles of the cells in pixels, (W4,) and (H4,)."""
    height, width = maps.shape[-2:]
    return tuple((torch.arange(side, device=maps.device) + 0.5) * STRIDE for side in (width, height))  # pyright: ignore[reportReturnType]


def peaks(
    boxes: Float[Tensor, "B M 5"], height: int, width: int
) -> tuple[Float[Tensor, "B M H4 W4"], Float[Tensor, "B M"]]:
    """The peak of each object, 1 at the cell of its centre, and 1 for what is an object at all, else 0.

    Args:
        boxes: left, top, right, bottom in pixels, and the class; -1 where there is no object.
        height: cells in a column.
        width: cells in a row.
    """
    there = (boxes[..., 4] >= 0).float()
    left, top, right, bottom = boxes[..., :4].unbind(-1)
    sides = []
    for low, high, count in ((left, right, width), (top, bottom, height)):
        cell = ((low + high) / 2 / STRIDE).floor().clamp(0, count - 1)
        spread = (SPREAD * (high - low) / STRIDE).clamp_min(0.2)
        apart = torch.arange(count, device=boxes.device) - cell[..., None]
        sides.append(torch.exp(-apart.square() / (2 * spread[..., None].square())))
    return sides[1][..., :, None] * sides[0][..., None, :] * there[..., None, None], there


def centernet_loss(outputs: Float[Tensor, "B O H4 W4"], boxes: Float[Tensor, "B M 5"]) -> Tensor:
    """L_heat + `BOX_WEIGHT` L_box.

    Args:
        outputs: of a `CenterNet`.
        boxes: see `peaks`.
    """
    outputs = outputs.float()
    classes = outputs.shape[1] - 4
    high, there = peaks(boxes, *outputs.shape[2:])
    count = there.sum().clamp_min(1)
    kind = boxes[..., 4].clamp_min(0).long()
    index = kind[..., None, None].expand_as(high)
    target = torch.zeros_like(outputs[:, :classes]).scatter_reduce(1, index, high, "amax")
    logits = outputs[:, :classes]
    chance, yes, no = logits.sigmoid(), F.logsigmoid(logits), F.logsigmoid(-logits)
    at_centre = (1 - chance).square() * yes
    elsewhere = (1 - target).pow(4) * chance.square() * no
    heat = -torch.where(target == 1, at_centre, elsewhere).sum() / count
    # Each cell near a centre learns the sides of the object whose peak is highest there.
    best, owner = high.max(1)
    rows = (best > NEAR).nonzero(as_tuple=True)
    mine = owner[rows]
    truth = boxes[rows[0], mine, :4]
    guess = _boxes(outputs[:, classes:])[rows[0], :, rows[1], rows[2]]
    weight = best[rows]
    key = rows[0] * boxes.shape[1] + mine
    total = weight.new_zeros(boxes.shape[0] * boxes.shape[1]).index_add(0, key, weight)
    box = ((1 - generalised_iou(guess, truth)) * weight / total[key]).sum() / count
    return heat + BOX_WEIGHT * box


def _boxes(sides: Float[Tensor, "B 4 H4 W4"]) -> Float[Tensor, "B 4 H4 W4"]:
    """Left, top, right, bottom in pixels, from the logarithms of the distances in cells."""
    x, y = _cells(sides)
    left, top, right, bottom = (sides.clamp(-6, 6).exp() * STRIDE).unbind(1)
    return torch.stack([x - left, y[:, None] - top, x + right, y[:, None] + bottom], 1)


def generalised_iou(one: Float[Tensor, "N 4"], other: Float[Tensor, "N 4"]) -> Float[Tensor, " N"]:
    """Intersection over union, less what neither covers of the box around both. Rezatofighi et al. 2019."""
    shared = (torch.minimum(one[:, 2:], other[:, 2:]) - torch.maximum(one[:, :2], other[:, :2])).clamp_min(0)
    around = torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])
    inside = shared.prod(1)
    union = sum((box[:, 2:] - box[:, :2]).prod(1) for box in (one, other)) - inside
    whole = around.prod(1).clamp_min(1e-6)
    return inside / union.clamp_min(1e-6) - (whole - union) / whole


def decode(
    outputs: Float[Tensor, "B O H4 W4"], *, least: float = 0.01, overlap: float = 0.5
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """The objects in each picture, the surest first.

    Args:
        outputs: of a `CenterNet`.
        least: score of an object that is told at all.
        overlap: intersection over union with a surer object of the same class above which one is left out
            (non-maximum suppression).

    Returns:
        For each picture boxes (D, 4) in pixels, classes (D,) and scores (D,).
    """
    classes = outputs.shape[1] - 4
    chance = outputs[:, :classes].sigmoid()
    peak = chance * (F.max_pool2d(chance, 3, 1, 1) == chance)
    scores, places = peak.flatten(1).topk(min(MOST_FOUND, peak[0].numel()))
    area = peak.shape[2] * peak.shape[3]
    kinds, cells = places // area, places % area
    height, width = peak.shape[2] * STRIDE, peak.shape[3] * STRIDE
    every = _boxes(outputs[:, classes:]).flatten(2)
    boxes = every.gather(2, cells[:, None].expand(-1, 4, -1)).mT
    boxes = torch.stack(
        [part.clamp(0, width if i % 2 == 0 else height) for i, part in enumerate(boxes.unbind(2))], 2
    )
    kept = (scores >= least) & suppressed(boxes, kinds, overlap).logical_not()
    return [(boxes[i, row], kinds[i, row], scores[i, row]) for i, row in enumerate(kept)]


def suppressed(boxes: Float[Tensor, "B D 4"], kinds: Tensor, overlap: float) -> Tensor:
    """Which boxes a better one of the same class overlaps, (B, D); the best come first. Greedy."""
    shared = (
        (
            torch.minimum(boxes[:, :, None, 2:], boxes[:, None, :, 2:])
            - torch.maximum(boxes[:, :, None, :2], boxes[:, None, :, :2])
        )
        .clamp_min(0)
        .prod(3)
    )
    area = (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(2)
    union = area[:, :, None] + area[:, None] - shared
    over = (shared / union.clamp_min(1e-6) > overlap) & (kinds[:, :, None] == kinds[:, None])
    gone = torch.zeros_like(kinds, dtype=torch.bool)
    for i in range(1, boxes.shape[1]):
        gone[:, i] = (over[:, i, :i] & ~gone[:, :i]).any(1)
    return gone


def example() -> tuple[CenterNet, tuple[Tensor, ...]]:
    """Centres and sides of two classes in 16 x 24 pictures."""
    return CenterNet(2, channels=(8, 12)), (torch.randn(3, 3, 16, 24),)
