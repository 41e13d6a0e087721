"""What happens to photos: noise, holes, scratches, blur, too few pixels; by a seeded generator.

Photos are (N, C, H, W), of which white is 1 and black 0. A pixel that is missing is NaN.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import cv2
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Kind = Literal["noise", "holes", "scratches", "blur", "small"]
Photos = Float[Tensor, "N C H W"]
Damaged = Float[Tensor, "N C H2 W2"]
"""As `Photos`, perhaps of another height and width."""
LEVELS = 255.0
"""Levels of grey in a file; noise is counted in them."""


@dataclass(frozen=True)
class Damage:
    """One way to damage photos.

    Attributes:
        kind: its name.
        missing: whether it leaves pixels without a value.
        factor: how many times higher and wider a repaired photo is.
    """

    kind: ClassVar[Kind]
    missing: ClassVar[bool] = False

    @property
    def factor(self) -> int:
        """How many times higher and wider a repaired photo is."""
        return 1

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """Damaged copies of photos; the same for a generator with the same seed."""
        raise NotImplementedError

    def text(self) -> str:
        """What was done, in a few words that follow *photos with*."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Its kind and numbers; `from_json` makes it again."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Noise(Damage):
    """Normal noise, the same everywhere; numbers may leave [0, 1], as in the field's tables.

    Attributes:
        sigma: its standard deviation, in levels of grey of 255.
    """

    sigma: float = 25.0
    kind: ClassVar[Kind] = "noise"

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """See `Damage.apply`."""
        return photos + self.sigma / LEVELS * torch.randn(photos.shape, generator=generator)

    def text(self) -> str:
        """See `Damage.text`."""
        return f"noise of {self.sigma:g} levels of 255"


@dataclass(frozen=True)
class Holes(Damage):
    """Round holes in which nothing is known.

    Attributes:
        share: of the photo that is missing, about.
        diameter: of the largest holes, in pixels; the smallest have half of it.
    """

    share: float = 0.15
    diameter: float = 12.0
    kind: ClassVar[Kind] = "holes"
    missing: ClassVar[bool] = True

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """See `Damage.apply`."""
        height, width = photos.shape[2:]
        mean = math.pi / 4 * (0.75 * self.diameter) ** 2
        count = max(1, round(-math.log1p(-self.share) * height * width / mean))  # holes overlap
        spoilt = photos.clone()
        for photo in spoilt:
            drawn = torch.rand(count, 3, generator=generator).numpy()
            mask = np.zeros((height, width), np.uint8)
            for row, column, size in drawn:
                radius = max(1, round(float((0.25 + 0.25 * size) * self.diameter)))
                cv2.circle(mask, (int(column * width), int(row * height)), radius, 1, -1)
            photo[:, torch.from_numpy(mask).bool()] = math.nan
        return spoilt

    def text(self) -> str:
        """See `Damage.text`."""
        return f"{100 * self.share:.0f} % missing, in holes of up to {self.diameter:g} pixels"


@dataclass(frozen=True)
class Scratches(Damage):
    """Thin curved lines in which nothing is known, as on old prints.

    Attributes:
        share: of the photo that is missing, about.
        width: of a scratch, in pixels.
    """

    share: float = 0.1
    width: int = 3
    kind: ClassVar[Kind] = "scratches"
    missing: ClassVar[bool] = True

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """See `Damage.apply`."""
        height, width = photos.shape[2:]
        length = 0.6 * math.hypot(height, width)
        count = max(1, round(-math.log1p(-self.share) * height * width / (0.8 * length * self.width)))
        steps = np.linspace(0, 1, 16)
        spoilt = photos.clone()
        for photo in spoilt:
            drawn = torch.rand(count, 4, generator=generator).numpy()
            mask = np.zeros((height, width), np.uint8)
            for row, column, angle, bend in drawn:
                direction = 2 * math.pi * angle + 2 * (bend - 0.5) * steps
                x = column * width + np.cumsum(np.cos(direction)) * length / len(steps)
                y = row * height + np.cumsum(np.sin(direction)) * length / len(steps)
                line = np.stack([x, y], 1).round().astype(np.int32)
                cv2.polylines(mask, [line], False, (1,), self.width)
            photo[:, torch.from_numpy(mask).bool()] = math.nan
        return spoilt

    def text(self) -> str:
        """See `Damage.text`."""
        return f"scratches of {self.width} pixels over {100 * self.share:.0f} % of it"


@dataclass(frozen=True)
class Blur(Damage):
    """A Gaussian blur, then a little noise, without which it could be undone by division.

    Attributes:
        radius: standard deviation of the blur, in pixels.
        sigma: standard deviation of the noise, in levels of grey of 255.
    """

    radius: float = 1.6
    sigma: float = 2.0
    kind: ClassVar[Kind] = "blur"

    def kernel(self) -> Float[Tensor, " K"]:
        """What each row and each column is convolved with."""
        reach = max(1, math.ceil(3 * self.radius))
        weights = torch.exp(-torch.arange(-reach, reach + 1).float().square() / (2 * self.radius**2))
        return weights / weights.sum()

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """See `Damage.apply`."""
        kernel = self.kernel()
        reach, channels = len(kernel) // 2, photos.shape[1]
        weights = kernel.expand(channels, 1, 1, -1)
        across = F.conv2d(F.pad(photos, (reach, reach, 0, 0), "replicate"), weights, groups=channels)
        both = F.conv2d(F.pad(across, (0, 0, reach, reach), "replicate"), weights.mT, groups=channels)
        return both + self.sigma / LEVELS * torch.randn(both.shape, generator=generator)

    def text(self) -> str:
        """See `Damage.text`."""
        return f"a blur of {self.radius:g} pixels and noise of {self.sigma:g} levels of 255"


@dataclass(frozen=True)
class Small(Damage):
    """Too few pixels: bicubic with antialiasing, as MATLAB's `imresize`, which the field's tables use.

    The cubic (a = -0.5) is stretched by the factor, so that it also takes away what the small photo cannot
    show; levels are rounded to those of a file.

    Attributes:
        times: how many times smaller in height and width.
    """

    times: int = 2
    kind: ClassVar[Kind] = "small"

    @property
    def factor(self) -> int:
        """See `Damage`."""
        return self.times

    def apply(self, photos: Photos, generator: torch.Generator) -> Damaged:
        """See `Damage.apply`; rows and columns that fill no whole small pixel are left out."""
        height, width = (side // self.times for side in photos.shape[2:])
        whole = photos[:, :, : height * self.times, : width * self.times]
        small = F.interpolate(whole, (height, width), mode="bicubic", antialias=True)
        return (small.clamp(0, 1) * LEVELS).round() / LEVELS

    def text(self) -> str:
        """See `Damage.text`."""
        return f"one pixel in place of {self.times} x {self.times}"


DAMAGES: dict[str, type[Damage]] = {each.kind: each for each in (Noise, Holes, Scratches, Blur, Small)}


def from_json(values: dict[str, Any]) -> Damage:
    """The damage that a checkpoint names.

    Raises:
        KeyError: there is none of that kind.
    """
    numbers = {name: value for name, value in values.items() if name != "kind"}
    return DAMAGES[values["kind"]](**numbers)


def enlarged(photos: Photos, times: int, mode: str = "bicubic") -> Damaged:
    """Photos `times` as high and wide by the cubic of `Small`; by Lanczos's window with `lanczos`."""
    height, width = photos.shape[2] * times, photos.shape[3] * times
    if mode == "lanczos":
        rows = photos.reshape(-1, *photos.shape[2:]).numpy()
        found = [cv2.resize(each, (width, height), interpolation=cv2.INTER_LANCZOS4) for each in rows]
        return torch.from_numpy(np.stack(found)).reshape(*photos.shape[:2], height, width)
    return F.interpolate(photos, (height, width), mode="bicubic", antialias=True)
