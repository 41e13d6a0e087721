"""A generator draws digits that a discriminator cannot tell from real ones: a GAN on pictures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from apps.latent import duel, pictures
from apps.latent.judge import SETS, judge_of
from sandbox.blocks.gan import GAN
from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.task import Baseline, Task, Training
from sandbox.training.adversarial import Adversarial

LARGEST_SET = 2_000
"""Pictures of a set whose Fréchet distance is measured."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    objective: Literal["gan", "wasserstein"] = setting(
        "gan", "the original game, or the distance between the distributions (WGAN-GP)"
    )
    penalty: float = setting(
        1.0, "weight of what keeps the discriminator smooth; 0 is none", low=0, high=1000
    )
    critic_steps: int = setting(1, "updates of the discriminator for each of the generator", low=1, high=1000)
    latent: int = setting(8, "numbers of noise per picture", low=1, high=16)
    hidden: tuple[int, ...] = setting(
        (128, 128), "widths of the layers of both networks", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    examples: int = setting(
        0,
        "pictures to learn from, the same share of each class; 0 is all there are",
        low=0,
        high=MOST_EXAMPLES,
    )
    size: int = setting(
        16,
        "side to which pictures from a folder are scaled, in pixels; digits and MNIST keep theirs",
        low=1,
        high=1024,
    )
    split_seed: int = setting(
        0,
        "decides which third of the data is held out; MNIST's own split is kept",
        low=0,
        high=LARGEST_SEED,
    )
    steps: int = setting(3000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "step size of Adam, of both networks", above=0, high=10)
    average: float = setting(
        0.99,
        "share of the old weights that the shown generator, a slow copy, keeps at a step; "
        "0 shows the learner",
        low=0,
        below=1,
    )


class Forger:
    """A trained generator with its discriminator.

    Attributes:
        gan: both networks; pictures are rows of numbers in [-1, 1].
        shape: `(C, H, W)` of a picture.
    """

    def __init__(self, gan: GAN, shape: tuple[int, int, int]) -> None:
        self.gan, self.shape, self.code_dim = gan, shape, gan.latent_dim

    @torch.no_grad()
    def decode(self, noise: Float[Tensor, "N Z"]) -> Float[Tensor, "N C H W"]:
        """The picture that is made of each row of noise, in [0, 1]."""
        return ((self.gan.generator(noise) + 1) / 2).unflatten(1, self.shape)

    def made(self, count: int, seed: int = 0) -> Float[Tensor, "N C H W"]:
        """Made-up pictures."""
        generator = torch.Generator().manual_seed(seed)
        return self.decode(torch.randn(count, self.code_dim, generator=generator))

    @torch.no_grad()
    def score(self, images: Float[Tensor, "N C H W"]) -> Float[Tensor, " N"]:
        """How real the discriminator finds each picture: log odds in the original game."""
        return self.gan.score(2 * images.flatten(1) - 1)

    def wishes(self, images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        """How each pixel would have to change for the discriminator to find a picture more real."""
        x = (2 * images.flatten(1) - 1).requires_grad_()
        (gradient,) = torch.autograd.grad(self.gan.score(x).sum(), x)
        return gradient.unflatten(1, self.shape)

    @property
    def squash(self) -> str:
        """What the generator's last numbers go through."""
        return "tanh"

    @property
    def decoder(self) -> nn.Module:
        """Linear layers with ReLU between."""
        body: Any = self.gan.generator
        return body[0]

    def predict_file(self, file: Any) -> dict[str, float]:
        """Refuses: it makes pictures and reads none.

        Raises:
            UserError: always.
        """
        raise UserError(f"{file} cannot be asked about: a generator makes pictures and reads none.")


def build(shape: tuple[int, int, int], latent: int, hidden: tuple[int, ...]) -> GAN:
    """Perceptrons for pictures as rows of numbers in [-1, 1]."""
    numbers = torch.Size(shape).numel()
    generator = nn.Sequential(MLP(latent, hidden, numbers, "relu"), nn.Tanh())
    return GAN(generator, MLP(numbers, hidden, 1, "leaky_relu"), latent)


class Forge(Task[Settings]):
    """A generator against a discriminator, on pictures."""

    title = "Can a forger learn to write digits?"
    metric = "test_score"
    data_sets: ClassVar[Collection[str]] = ("digits",)
    presets: ClassVar[Mapping[str, Settings]] = {
        "smooth": Settings(),
        "wasserstein": Settings(objective="wasserstein", penalty=10.0, critic_steps=3, steps=1500),
        "unbridled": Settings(penalty=0.0),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build both networks; see `Task.prepare`."""
        images = pictures.load(data, size=settings.size, split_seed=settings.split_seed)
        shape = pictures.shape_of(images)
        known = pictures.few(images, settings.examples, settings.split_seed).flatten(1).to(device)
        gan = build(shape, settings.latent, settings.hidden).to(device)
        rate, betas = settings.learning_rate, (0.5, 0.9)
        learner = Adversarial(
            gan,
            torch.optim.Adam(gan.generator.parameters(), lr=rate, betas=betas),
            torch.optim.Adam(gan.discriminator.parameters(), lr=rate, betas=betas),
            objective=settings.objective,
            penalty=settings.penalty,
            critic_steps=settings.critic_steps,
            average=settings.average,
        )
        judge = judge_of(images)
        shown = build(shape, settings.latent, settings.hidden)

        def sets(count: int) -> list[Tensor]:
            shown.load_state_dict({name: value.cpu() for name, value in learner.model_state().items()})
            forger = Forger(shown.eval(), shape)
            return [forger.made(set_size(images), seed=i).flatten(1) for i in range(count)]

        return Training(
            learner=learner,
            batches=ShuffledBatches(2 * known - 1, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: judge.figures(sets(1)[0]),
            test=lambda: judge.judged(sets(SETS)),
            threads=1 if device.type == "cpu" else None,
            notes=images.notes,
            meta={
                "shape": shape,
                "latent": settings.latent,
                "hidden": settings.hidden,
                "classes": images.classes,
                "data": images.name,
            },
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """A mixture of Gaussians, one for each class there is, fitted to the same pictures."""
        images = pictures.load(data, size=settings.size, split_seed=settings.split_seed)
        known = pictures.few(images, settings.examples, settings.split_seed).flatten(1)
        size, count = set_size(images), len(images.classes)
        drawn = duel.fitted(known, count, size * SETS).clamp(0, 1)
        return Baseline(
            name=f"mixture of {count} Gaussians", metrics=judge_of(images).judged(list(drawn.split(size)))
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Forger:
        """A `Forger` from a checkpoint."""
        shape: Any = tuple(meta["shape"])
        gan = build(shape, meta["latent"], tuple(meta["hidden"]))
        gan.load_state_dict(dict(tensors))
        return Forger(gan.eval(), shape)


def set_size(images: LabelledImages) -> int:
    """Pictures in a set: as many as are held out, since the Fréchet distance depends on it."""
    return min(len(images.test_images), LARGEST_SET)


TASK = Forge()
