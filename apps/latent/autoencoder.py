"""Squeeze pictures through a few numbers and rebuild them: an autoencoder, denoising if asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn import functional as F

from sandbox.blocks.autoencoder import Autoencoder
from sandbox.settings import setting
from sandbox.tasks.families.representation import CodeSettings, Representation, Shape


@dataclass(frozen=True, kw_only=True)
class Settings(CodeSettings):
    """What can be chosen about a training."""

    noise: float = setting(
        0.0,
        "noise added to pictures while training, its standard deviation; 0 leaves them whole",
        low=0,
        high=10,
    )


class Autoencode(Representation[Settings]):
    """Pictures through a code without a distribution."""

    title = "What is left of a digit in two numbers?"
    method = "autoencoder"
    presets: ClassVar[Mapping[str, Settings]] = {"plane": Settings(), "denoise": Settings(code=16, noise=0.3)}
    preset_titles: ClassVar[Mapping[str, str]] = {"plane": "2 numbers", "denoise": "16, denoising"}

    def build(self, settings: Settings, shape: Shape) -> Autoencoder:
        """The untrained network."""
        channels, height, width = shape
        return Autoencoder(
            channels * height * width,
            settings.code,
            hidden=settings.hidden,
            noise=settings.noise,
            corruption="gaussian",
        )

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The squared error."""
        return F.mse_loss(outputs, targets)


TASK = Autoencode()
