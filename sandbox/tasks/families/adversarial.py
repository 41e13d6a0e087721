"""A generator against a discriminator: settings, what trains both, and what answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.blocks.gan import GAN
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.kind import Output
from sandbox.tasks.predictor import evaluating
from sandbox.training.adversarial import Adversarial

PRESET_TITLES = {"smooth": "R1 penalty", "wasserstein": "WGAN-GP", "unbridled": "no penalty"}
BETAS = (0.5, 0.9)
"""Of Adam: the opponent moves, so old gradients mislead."""


@dataclass(frozen=True, kw_only=True)
class GameSettings:
    """What can be chosen about the game of two networks."""

    objective: Literal["gan", "wasserstein"] = setting(
        "gan", "the original game, or the distance between the distributions (WGAN-GP)"
    )
    penalty: float = setting(
        1.0,
        "weight of what keeps the discriminator smooth; 0 is none, under which modes are lost",
        low=0,
        high=1000,
    )
    critic_steps: int = setting(1, "updates of the discriminator for each of the generator", low=1, high=1000)
    hidden: tuple[int, ...] = setting(
        (128, 128), "widths of the layers of both networks", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    steps: int = setting(3000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "examples in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "step size of Adam, of both networks", above=0, high=10)


L = TypeVar("L", bound=Adversarial)


def learner(kind: type[L], settings: GameSettings, gan: GAN, average: float = 0.0) -> L:
    """What trains both networks.

    Args:
        kind: `Adversarial` or a subclass.
        settings: of the game.
        gan: both networks.
        average: see `Adversarial`.
    """
    generator, discriminator = (
        torch.optim.Adam(network.parameters(), lr=settings.learning_rate, betas=BETAS)
        for network in (gan.generator, gan.discriminator)
    )
    return kind(
        gan,
        generator,
        discriminator,
        objective=settings.objective,
        penalty=settings.penalty,
        critic_steps=settings.critic_steps,
        average=average,
    )


class Generator:
    """Both networks of a GAN; its answer to noise is an example.

    Attributes:
        model: both networks.
        input: how much noise it takes.
        output: what it makes.
    """

    def __init__(self, model: GAN, output: Output) -> None:
        self.model, self.input, self.output = model, Noise(model.latent_dim), output

    @property
    def code_dim(self) -> int:
        """Numbers of noise for one example, Z."""
        return self.model.latent_dim

    def decode(self, noise: Any) -> Tensor:
        """What is made of each row of noise."""
        with evaluating(self.model.generator):
            device = next(self.model.generator.parameters()).device
            return self.model.generator(torch.as_tensor(noise).to(device)).float().cpu()

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """An example for each row of noise (N, Z)."""
        return self.decode(inputs).numpy()

    def made(self, count: int, seed: int = 0) -> Tensor:
        """Generated examples; the same seed gives the same noise at every age."""
        return self.decode(self.input.draw(count, seed))

    def rows(self, examples: Any) -> Tensor:
        """Examples as the discriminator takes them."""
        return torch.as_tensor(examples)

    def score(self, examples: Any) -> Float[Tensor, " N"]:
        """How real the discriminator finds each example: log odds in the original game."""
        with torch.no_grad():
            return self.model.score(self.rows(examples))

    def slopes(self, examples: Any) -> Tensor:
        """How each number would have to change for the discriminator to find an example more real."""
        x = self.rows(examples).clone().requires_grad_()
        (slope,) = torch.autograd.grad(self.model.score(x).sum(), x)
        return slope.view(np.shape(examples))
