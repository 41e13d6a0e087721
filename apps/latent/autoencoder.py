"""Squeeze pictures through a few numbers and rebuild them: an autoencoder, denoising if asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch.nn import functional as F

from apps.latent import coding
from apps.latent.coding import CodingTask, teach
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.settings import setting
from sandbox.training.supervised import Supervised


@dataclass(frozen=True, kw_only=True)
class Settings(coding.Settings):
    """What can be chosen about a training."""

    noise: float = setting(
        0.0,
        "damage done to pictures while training, the standard deviation of what is added; "
        "0 leaves them whole",
        low=0,
        high=10,
    )


class Autoencode(CodingTask[Settings]):
    """Pictures through a code without a distribution."""

    title = "What is left of a digit in two numbers?"
    presets: ClassVar[Mapping[str, Settings]] = {"plane": Settings(), "denoise": Settings(code=16, noise=0.3)}

    def build(self, settings: Settings, shape: tuple[int, int, int]) -> Autoencoder:
        """The untrained network."""
        channels, height, width = shape
        return Autoencoder(
            channels * height * width,
            settings.code,
            hidden=settings.hidden,
            noise=settings.noise,
            corruption="gaussian",
        )

    def learner(self, settings: Settings, block: coding.Block) -> Supervised:
        """Squared error."""
        return teach(settings, block, F.mse_loss)


TASK = Autoencode()
