"""Codes with a known distribution, to draw new pictures from: a variational autoencoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from apps.latent import coding
from apps.latent.coding import CodingTask, teach
from sandbox.blocks.vae import VAE
from sandbox.settings import setting
from sandbox.training.supervised import Supervised


@dataclass(frozen=True, kw_only=True)
class Settings(coding.Settings):
    """What can be chosen about a training."""

    beta: float = setting(
        1.0,
        "weight of the wish that codes look like plain noise; 1 gives the bound on the likelihood",
        low=0,
        high=1000,
    )


class Variational(CodingTask[Settings]):
    """Pictures through a code that is pulled towards the normal distribution."""

    title = "Which pictures lie between two digits?"
    presets: ClassVar[Mapping[str, Settings]] = {"plane": Settings(), "wide": Settings(code=16)}

    def build(self, settings: Settings, shape: tuple[int, int, int]) -> VAE:
        """The untrained network."""
        channels, height, width = shape
        numbers = channels * height * width
        return VAE.of_vectors(numbers, settings.code, hidden=settings.hidden, beta=settings.beta)

    def learner(self, settings: Settings, block: coding.Block) -> Supervised:
        """The bound on the likelihood, which the network gives for each picture."""
        return teach(settings, block, lambda bound, _: bound.mean())


TASK = Variational()
