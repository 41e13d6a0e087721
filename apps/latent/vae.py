"""Codes with a known distribution, to draw new pictures from: a variational autoencoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from sandbox.blocks.vae import VAE
from sandbox.settings import setting
from sandbox.tasks.families.representation import CodeSettings, Representation, Shape


@dataclass(frozen=True, kw_only=True)
class Settings(CodeSettings):
    """What can be chosen about a training."""

    beta: float = setting(
        1.0,
        "how much it counts that codes look like plain noise (the KL term); 1 is the usual VAE",
        low=0,
        high=1000,
    )


class Variational(Representation[Settings]):
    """Pictures through a code that is pulled towards the normal distribution."""

    title = "Which pictures lie between two digits?"
    method = "variational autoencoder"
    presets: ClassVar[Mapping[str, Settings]] = {"plane": Settings(), "wide": Settings(code=16)}
    preset_titles: ClassVar[Mapping[str, str]] = {"plane": "2 numbers", "wide": "16 numbers"}

    def build(self, settings: Settings, shape: Shape) -> VAE:
        """The untrained network."""
        channels, height, width = shape
        numbers = channels * height * width
        return VAE.of_vectors(numbers, settings.code, hidden=settings.hidden, beta=settings.beta)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The bound on the likelihood, which the network gives for each picture."""
        return outputs.mean()


TASK = Variational()
