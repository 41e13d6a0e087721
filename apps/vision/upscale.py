"""Make photos larger: two, three or four times as many pixels in each direction.

The network learns what bicubic interpolation leaves out, from crops of two thirds of the libraries' photos
that are made small with antialiasing. Of a colour photo it makes the luminance; the colours are interpolated.
Shi et al. 2016 (sub-pixel convolution), Lim et al. 2017 (EDSR).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sandbox.baselines.interpolation import Interpolation
from sandbox.blocks.subpixel import SubPixel
from sandbox.data.damages import Damage, Small
from sandbox.data.photo_crops import PhotoCrops
from sandbox.settings import setting
from sandbox.tasks.families.image_to_image import ImageToImage, PhotoSettings
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Split


@dataclass(frozen=True, kw_only=True)
class Settings(PhotoSettings):
    """What can be chosen about a training."""

    times: Literal[2, 3, 4] = setting(2, "how many times as high and wide a photo becomes")
    crop: int = setting(48, "side of a crop as it should come out, in pixels", low=24, high=512)


class Upscale(ImageToImage[Settings]):
    """Small photos into large ones."""

    title = "Can a network make your photo larger and sharper?"
    method = "more pixels"
    presets: ClassVar[Mapping[str, Settings]] = {
        "double": Settings(),
        "triple": Settings(times=3, crop=60),
        "quadruple": Settings(times=4, crop=80),
        "best": Settings(steps=4500, channels=48, depth=5),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "double": "2 times",
        "triple": "3 times",
        "quadruple": "4 times",
        "best": "2 times, 5 minutes",
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "channels": 8, "depth": 1}
    split_settings: ClassVar[Collection[str] | None] = ("side", "split_seed", "times")
    luminance: ClassVar[bool] = True
    says: ClassVar[str] = "it enlarges {count} unseen {things} to **{value}**"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    code: ClassVar[Sequence[Any]] = (SubPixel, Small, PhotoCrops)

    def damage(self, settings: Settings) -> Damage:
        """See `ImageToImage.damage`."""
        return Small(settings.times)

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Bicubic and Lanczos interpolation, and the nearest pixel."""
        input = DamagedPhoto(self.damage(settings))
        return {
            "Lanczos interpolation": Interpolation(input, "lanczos"),
            "bicubic interpolation": Interpolation(input, "bicubic"),
            "nearest pixel": Interpolation(input, "nearest"),
        }


TASK = Upscale()
