"""Points of the plane from noise, a little less noise at a time: denoising diffusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.blocks.diffusion import Diffusion
from sandbox.tasks.families.diffusion import Denoiser, DiffusionSettings, train
from sandbox.tasks.families.generation import POINT_SOURCES, PointGeneration, point_mixtures, point_split
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.points import Points
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Split
from sandbox.tasks.task import Training

SIZE = 0.7
"""About the standard deviation of points: the model learns them with one of 1."""
CLIP = 2.5
"""Beyond this no point is looked for: the first guesses, made from nothing but noise, are far off."""


@dataclass(frozen=True, kw_only=True)
class Settings(DiffusionSettings):
    """What can be chosen about a training."""

    calls: int = 50
    width: int = 96
    batch_size: int = 256


class DreamPoints(PointGeneration[Settings]):
    """A perceptron that names the noise in points of the plane."""

    title = "Can a network find a shape in noise?"
    method = "diffusion, points"
    says = "**{value}** of its points lie mixed with {count} unseen {things} (50 % is perfect)"
    says_other = "{name} reaches **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = POINT_SOURCES
    presets: ClassVar[Mapping[str, Settings]] = {"quick": Settings()}
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 120, "noise_levels": 50, "calls": 8}
    code: ClassVar[Sequence[Any]] = (Denoiser,)

    def load(self, settings: Settings, source: str | None) -> Split[Tensor, Tensor]:
        """Points of a mixture, or of a file; to test, noise and as many unseen points."""
        return point_split(source, Noise(2))

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the perceptron."""
        meta = settings.meta | {"target": split.about.name}
        rows = split.train.inputs / SIZE
        return train(settings, denoiser(meta), rows, seed=seed, device=device, meta=meta)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Denoiser:
        """The perceptron of a checkpoint."""
        return denoiser(meta).with_weights(tensors)

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """A mixture of eight Gaussians, and a single one."""
        return point_mixtures(split, Noise(2))


def denoiser(meta: Mapping[str, Any]) -> Denoiser:
    """A model of points, untrained."""
    width = int(meta["width"])
    model = Diffusion.of_points(2, hidden=(width, width, width), steps=int(meta["noise_levels"]))
    calls = int(meta["calls"])
    return Denoiser(model, calls, Points(), restore=lambda x: SIZE * x, clip=CLIP)


TASK = DreamPoints()
