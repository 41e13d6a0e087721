"""Start from noise and take it away, step by step, until a picture is left: denoising diffusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.blocks.diffusion import Diffusion
from sandbox.tasks.families import pictures
from sandbox.tasks.families.diffusion import Denoiser, DiffusionSettings, train
from sandbox.tasks.families.generation import PictureGeneration, picture_mixtures, picture_split
from sandbox.tasks.families.pictures import DIGITS, OWN_PICTURES, PictureSettings, PictureSplit
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Split
from sandbox.tasks.task import Training


@dataclass(frozen=True, kw_only=True)
class Settings(DiffusionSettings, PictureSettings):
    """What can be chosen about a training."""


class DreamPictures(PictureGeneration[Settings]):
    """A U-Net that names the noise in pictures."""

    title = "Can a network find pictures in noise?"
    method = "diffusion, pictures"
    says = "its pictures have a Fréchet distance of **{value}** to {count} unseen {things}"
    says_other = "{name} reaches **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (DIGITS, OWN_PICTURES)
    presets: ClassVar[Mapping[str, Settings]] = {
        "quick": Settings(),
        "careful": Settings(steps=6000, calls=50, width=32, learning_rate=0.004),
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 120, "noise_levels": 50, "calls": 4, "width": 8}
    code: ClassVar[Sequence[Any]] = (Denoiser,)

    def load(self, settings: Settings, source: str | None) -> PictureSplit:
        """Pictures to learn from; to test, noise for sets as large as the unseen part."""
        return picture_split(self.sources, source, settings)

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the U-Net."""
        assert isinstance(split, PictureSplit)
        meta = settings.meta | split.meta()
        rows = 2 * split.train.inputs - 1
        return train(settings, denoiser(meta), rows, seed=seed, device=device, meta=meta)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Denoiser:
        """The U-Net of a checkpoint."""
        return denoiser(meta).with_weights(tensors)

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """A mixture of Gaussians, one for each class there is; and each pixel by itself."""
        assert isinstance(split, PictureSplit)
        return picture_mixtures(split, Noise(torch.Size(split.shape).numel()))


def denoiser(meta: Mapping[str, Any]) -> Denoiser:
    """A model of pictures with pixels in [-1, 1], untrained."""
    channels, height, width = meta["shape"]
    first = int(meta["width"])
    model = Diffusion.of_images(
        (channels, height, width), channels=(first, 2 * first), steps=int(meta["noise_levels"])
    )
    ink = pictures.style_from(meta) is not None
    return Denoiser(model, int(meta["calls"]), Image(ink=ink), restore=lambda x: (x + 1) / 2, clip=1.0)


TASK = DreamPictures()
