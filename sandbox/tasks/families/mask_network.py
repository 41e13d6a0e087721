"""A U-Net over pictures of any size, and what its maps mean: objects that may touch, or classes of pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.unet import UNet
from sandbox.data import objects
from sandbox.metrics.scores import Scores
from sandbox.metrics.segmentation import class_scores, object_scores
from sandbox.tasks.outputs.mask import Mask

SMOOTH = 1.0
"""Standard deviation of the Gaussian over the depth, in pixels, before hills are looked for."""
RISE = 0.1
"""By which the middle of an object must be deeper than its neck, as a share of the depth of the whole."""
DEPTH = 2.0
"""Weight of the depth in the loss."""


class MaskNetwork(nn.Module):
    """Maps (B, M, H, W) of photos (B, C, H, W).

    Args:
        colours: of a photo, C.
        maps: M.
        channels: filters of each level.
        coarse: pixels to each side that go in, and come out, as one; 2 takes a quarter of the time.
    """

    def __init__(self, colours: int, maps: int, channels: Sequence[int], coarse: int) -> None:
        super().__init__()
        self.coarse = coarse
        self.body = UNet(colours * coarse**2, maps * coarse**2, channels=channels)

    def begin(self, prior: Sequence[float]) -> None:
        """Answer these values everywhere to begin with: rare things are then not seen everywhere at first."""
        nn.init.zeros_(self.body.head.weight)
        assert self.body.head.bias is not None
        with torch.no_grad():
            self.body.head.bias.copy_(torch.tensor(prior).repeat_interleave(self.coarse**2))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B M H W"]:
        """Any height and width."""
        height, width = x.shape[2:]
        x = F.pad(x, (0, -width % self.coarse, 0, -height % self.coarse), mode="replicate")
        found = F.pixel_shuffle(self.body(F.pixel_unshuffle(x, self.coarse)), self.coarse)
        return found[:, :, :height, :width]


@dataclass(frozen=True)
class Objects:
    """Objects that may touch: is a pixel inside of one, and how deep does it lie in its own?

    The depth is 0 at the edge of each object and 1 in its middle, so two that touch are two hills with a
    valley between them, and watershed parts them. Bai & Urtasun 2017, with the depth as the energy.

    Attributes:
        things: what they are called, in the plural.
        least_area: pixels of an object; smaller ones are left out.
    """

    things: str
    least_area: int = 20
    maps: ClassVar[Sequence[str]] = ("inside", "depth")
    prior: ClassVar[Sequence[float]] = (-2.0, 0.0)

    @property
    def output(self) -> Mask:
        """Numbered objects."""
        return Mask(things=self.things)

    def targets(self, mask: NDArray[Any]) -> NDArray[np.float32]:
        """What the maps of a mask (H, W) should be: inside and depth, (H, W, 2)."""
        return np.stack([(np.asarray(mask) > 0).astype(np.float32), objects.depth(mask)], -1)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy and overlap (Dice) of the inside, and the error of the depth."""
        inside, share = targets[:, 0], outputs[:, 0].sigmoid()
        both, either = (share * inside).sum((1, 2)), share.sum((1, 2)) + inside.sum((1, 2))
        overlap = (2 * both + 1) / (either + 1)
        deep = F.smooth_l1_loss(outputs[:, 1], targets[:, 1], beta=0.2, reduction="none") * (1 + inside)
        return (
            F.binary_cross_entropy_with_logits(outputs[:, 0], inside)
            + (1 - overlap).mean() / 2
            + DEPTH * deep.mean()
        )

    def answer(self, maps: NDArray[np.float32]) -> NDArray[np.int32]:
        """Numbered objects (H, W), by maps (2, H, W)."""
        from scipy import ndimage

        depth = ndimage.gaussian_filter(maps[1], SMOOTH)
        return objects.parted(maps[0] > 0, depth, RISE, self.least_area)

    def shares(self, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability of being inside, and the depth, both in [0, 1], to look at."""
        inside = 1 / (1 + np.exp(-np.clip(maps[0], -30, 30)))
        return np.stack([inside, np.clip(maps[1], 0, 1)]).astype(np.float32)

    def scores(self, truths: Sequence[Any], answers: Sequence[Any]) -> dict[str, Scores]:
        """See `object_scores`."""
        return object_scores(truths, answers)


@dataclass(frozen=True)
class Regions:
    """Classes of pixels.

    Attributes:
        classes: their names.
    """

    classes: tuple[str, ...]

    @property
    def maps(self) -> Sequence[str]:
        """A map for each class."""
        return self.classes

    @property
    def prior(self) -> Sequence[float]:
        """All alike."""
        return [0.0] * len(self.classes)

    @property
    def output(self) -> Mask:
        """The class of each pixel."""
        return Mask(classes=self.classes)

    def targets(self, mask: NDArray[Any]) -> NDArray[np.float32]:
        """Ones where a pixel has the class, (H, W, classes)."""
        return np.eye(len(self.classes), dtype=np.float32)[mask]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of every pixel; one on a border may belong to two classes in part."""
        return F.cross_entropy(outputs, targets)

    def answer(self, maps: NDArray[np.float32]) -> NDArray[np.int32]:
        """The most probable class (H, W), by maps (classes, H, W)."""
        return maps.argmax(0).astype(np.int32)

    def shares(self, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities of the classes."""
        return torch.from_numpy(maps).softmax(0).numpy()

    def scores(self, truths: Sequence[Any], answers: Sequence[Any]) -> dict[str, Scores]:
        """See `class_scores`."""
        return class_scores(truths, answers, len(self.classes))


def goal_to_json(goal: Objects | Regions) -> dict[str, Any]:
    """What a checkpoint keeps of a goal."""
    if isinstance(goal, Regions):
        return {"classes": goal.classes}
    return {"things": goal.things, "least_area": goal.least_area}


def goal_from(values: Mapping[str, Any]) -> Objects | Regions:
    """The reverse of `goal_to_json`."""
    if "classes" in values:
        return Regions(tuple(map(str, values["classes"])))
    return Objects(str(values["things"]), int(values["least_area"]))
