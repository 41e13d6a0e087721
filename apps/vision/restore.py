"""Repair photos: take out noise, fill in holes and scratches, sharpen what is blurred.

A network learns from crops of two thirds of the libraries' photos, each damaged anew; the middles of the
other photos are unseen, and damaged once for all. It learns one kind of damage. By default that is normal
noise of 25 levels of 255, in grey; of a colour photo each colour is then repaired by itself. Zhang et al.
2017 (DnCNN) and 2018 (FFDNet), with the residual blocks of Lim et al. 2017.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sandbox.baselines.deconvolution import Deconvolution
from sandbox.baselines.inpainting import Inpainting
from sandbox.baselines.non_local_means import NonLocalMeans
from sandbox.blocks.subpixel import SubPixel
from sandbox.data.damages import LEVELS, Blur, Damage, Holes, Noise, Scratches
from sandbox.data.photo_crops import PhotoCrops
from sandbox.settings import setting
from sandbox.tasks.families.image_to_image import ImageToImage, PhotoSettings
from sandbox.tasks.families.photo_network import Block
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.repairer import Untouched
from sandbox.tasks.split import Split

STRENGTH = {1: 0.7, 3: 0.6}
"""Of non-local means by the number of colours: what was best on photos of the training part."""


@dataclass(frozen=True, kw_only=True)
class Settings(PhotoSettings):
    """What can be chosen about a training."""

    damage: Literal["noise", "holes", "scratches", "blur"] = setting(
        "noise", "what the network learns to repair: one kind of damage"
    )
    sigma: float = setting(25.0, "standard deviation of the noise, in levels of 255", above=0, high=100)
    share: float = setting(0.1, "share of a photo that holes or scratches take away", above=0, high=0.6)
    radius: float = setting(1.6, "standard deviation of the blur, in pixels", above=0, high=8)
    colour: bool = setting(False, "learn from three colours at once; else each colour is repaired by itself")
    block: Block = setting(
        "subpixel", "the network: residual blocks at half the resolution, or a U-Net, which sees farther"
    )


class Restore(ImageToImage[Settings]):
    """Damaged photos into repaired ones."""

    title = "Can a network repair your photo?"
    method = "repair damage"
    presets: ClassVar[Mapping[str, Settings]] = {
        "noise": Settings(),
        "colour": Settings(colour=True),
        "scratches": Settings(damage="scratches"),
        "holes": Settings(damage="holes", share=0.15),
        "blur": Settings(damage="blur"),
        "best": Settings(steps=4500, channels=48, depth=5, crop=48),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "noise": "noise, grey",
        "colour": "noise, in colour",
        "best": "noise, grey, 5 minutes",
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "channels": 8, "depth": 1}
    split_settings: ClassVar[Collection[str] | None] = (
        *("side", "split_seed", "damage", "sigma", "share", "radius", "colour"),
    )
    says: ClassVar[str] = "it repairs {count} unseen {things} to **{value}**"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    code: ClassVar[Sequence[Any]] = (SubPixel, Noise, PhotoCrops)

    def damage(self, settings: Settings) -> Damage:
        """See `ImageToImage.damage`."""
        match settings.damage:
            case "noise":
                return Noise(settings.sigma)
            case "holes":
                return Holes(settings.share)
            case "scratches":
                return Scratches(settings.share)
            case "blur":
                return Blur(settings.radius)

    def colours(self, settings: Settings) -> int:
        """See `ImageToImage.colours`."""
        return 3 if settings.colour else 1

    def block(self, settings: Settings) -> Block:
        """See `ImageToImage.block`."""
        return settings.block

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """What the field used before networks, told all about the damage; and the photo left as it is."""
        damage = self.damage(settings)
        input = DamagedPhoto(damage, self.colours(settings))
        found: dict[str, Predictor[Any, Any]] = {}
        if isinstance(damage, Noise):
            found["non-local means filter"] = NonLocalMeans(
                input, damage.sigma / LEVELS, strength=STRENGTH[self.colours(settings)]
            )
        elif isinstance(damage, Blur):
            found["Wiener filter"] = Deconvolution(input, damage, "Wiener")
            found["Richardson-Lucy deconvolution"] = Deconvolution(input, damage, "Richardson-Lucy")
        else:
            found["Navier-Stokes inpainting"] = Inpainting(input, "Navier-Stokes")
            found["Telea inpainting"] = Inpainting(input, "Telea")
        return found | {"photo left as it is": Untouched(input)}


TASK = Restore()
