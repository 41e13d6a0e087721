"""Examples from noise: a generator against a discriminator, and how its examples are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.blocks.gan import GAN, gan_losses, gradient_penalty, r1_penalty, wasserstein_losses
from sandbox.data.labelled_images import LabelledImages
from sandbox.metrics.feature_classifier import feature_classifier
from sandbox.metrics.generation import FRECHET, MIXED, point_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.kind import Output
from sandbox.tasks.predictor import Predictor, evaluating
from sandbox.tasks.split import Examples
from sandbox.tasks.task import Task
from sandbox.training.adversarial import Adversarial

SETS, LARGEST_SET = 8, 2_000
"""Sets of generated pictures behind an interval, and pictures of a set."""
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
S = TypeVar("S", bound=GameSettings)


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


@dataclass(frozen=True)
class PictureSets(Examples[Tensor, Tensor]):
    """Noise for several sets, each as large as the unseen part of real pictures.

    The Fréchet distance depends on the size of a set; so there are only whole ones. The length is that of
    one set: as many real pictures are compared with it.

    Attributes:
        images: the real pictures.
    """

    images: LabelledImages | None = None

    @classmethod
    def of(cls, images: LabelledImages, noise: Noise) -> PictureSets:
        """The noise of `SETS` sets."""
        size = min(len(images.test_images), LARGEST_SET)
        drawn = [torch.from_numpy(noise.draw(size, seed)) for seed in range(SETS)]
        return cls(torch.cat(drawn), images=images)

    def __len__(self) -> int:
        assert self.images is not None
        return min(len(self.images.test_images), LARGEST_SET)

    def some(self, most: int) -> PictureSets:
        """As many whole sets as have at most so much noise, at least one."""
        sets = max(1, most // len(self))
        return replace(self, inputs=self.inputs[: sets * len(self)])


class PictureGeneration(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that makes pictures like those it has seen."""

    metric: ClassVar[Metric] = FRECHET
    code: ClassVar[Sequence[Any]] = (gan_losses, wasserstein_losses, r1_penalty, gradient_penalty)
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 150}

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """`frechet`, `score` and `variety` over sets, by a classifier of the real pictures."""
        assert isinstance(examples, PictureSets)
        assert examples.images is not None
        rows = torch.from_numpy(np.asarray(predictor.predict(examples.inputs))).flatten(1)
        sets = rows.split(len(examples))
        whole = [part for part in sets if len(part) == len(examples)] or sets
        return feature_classifier(examples.images).scores(whole)


@dataclass(frozen=True)
class PointSet(Examples[Tensor, Tensor]):
    """Noise, and as many real points.

    Attributes:
        centres: of the modes of the real points; None where nobody knows them.
        near: distance within which a point belongs to a mode.
    """

    centres: Tensor | None = None
    near: float = 0.0


class PointGeneration(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that makes points like those it has seen."""

    metric: ClassVar[Metric] = MIXED
    code = PictureGeneration.code
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 150}

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `point_scores`."""
        assert isinstance(examples, PointSet)
        generated = torch.from_numpy(np.asarray(predictor.predict(examples.inputs)))
        return point_scores(examples.targets, generated, examples.centres, examples.near)
