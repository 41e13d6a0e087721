"""A generator draws digits that a discriminator cannot tell from real ones: a GAN on pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sandbox.blocks.gan import GAN
from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.data.handwriting import Style
from sandbox.settings import setting
from sandbox.tasks.families import pictures
from sandbox.tasks.families.adversarial import PRESET_TITLES, GameSettings, Generator, learner
from sandbox.tasks.families.generation import PictureGeneration, picture_mixtures, picture_split
from sandbox.tasks.families.pictures import DIGITS, OWN_PICTURES, PictureSettings, PictureSplit
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Split
from sandbox.tasks.task import Training
from sandbox.training.adversarial import Adversarial

Shape = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Settings(GameSettings, PictureSettings):
    """What can be chosen about a training."""

    latent: int = setting(8, "numbers of noise per picture", low=1, high=16)
    average: float = setting(
        0.99,
        "the generator that is shown is a running mean of the one that learns: the share of its old weights "
        "that it keeps at each step; 0 shows the one that learns",
        low=0,
        below=1,
    )


class PictureGenerator(Generator):
    """A trained generator of pictures with its discriminator, for both of which pixels lie in [-1, 1].

    Attributes:
        shape: `(C, H, W)` of a picture.
    """

    squash = "tanh"
    """What the generator's last numbers go through."""

    def __init__(self, model: GAN, shape: Shape, style: Style | None) -> None:
        super().__init__(model, Image(ink=style is not None))
        self.shape, self.style = shape, style

    @property
    def decoder(self) -> nn.Module:
        """Linear layers with ReLU between."""
        body: Any = self.model.generator
        return body[0]

    def decode(self, noise: Any) -> Tensor:
        """The picture that is made of each row of noise, (N, C, H, W) in [0, 1]."""
        return ((super().decode(noise) + 1) / 2).unflatten(1, self.shape)

    def rows(self, examples: Any) -> Tensor:
        """Pictures as the discriminator takes them."""
        return 2 * torch.as_tensor(examples).flatten(1) - 1


class Live(PictureGenerator):
    """Makes pictures with what a learner would save at the moment: its averaged generator."""

    def __init__(self, learner: Adversarial, model: GAN, shape: Shape, style: Style | None) -> None:
        super().__init__(model.eval(), shape, style)
        self.learner = learner

    def decode(self, noise: Any) -> Tensor:
        """The picture that is made of each row of noise now."""
        self.model.load_state_dict({name: value.cpu() for name, value in self.learner.model_state().items()})
        return super().decode(noise)


def build(shape: Shape, latent: int, hidden: tuple[int, ...]) -> GAN:
    """Perceptrons for pictures as rows of numbers in [-1, 1]."""
    numbers = torch.Size(shape).numel()
    generator = nn.Sequential(MLP(latent, hidden, numbers, "relu"), nn.Tanh())
    return GAN(generator, MLP(numbers, hidden, 1, "leaky_relu"), latent)


class GeneratePictures(PictureGeneration[Settings]):
    """A generator against a discriminator, on pictures."""

    title = "Can a network learn to write digits that nobody wrote?"
    method = "GAN, pictures"
    says = "its pictures have a Fréchet distance of **{value}** to {count} unseen {things}"
    says_other = "{name} reaches **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (DIGITS, OWN_PICTURES)
    presets: ClassVar[Mapping[str, Settings]] = {
        "smooth": Settings(),
        "wasserstein": Settings(objective="wasserstein", penalty=10.0, critic_steps=3, steps=1500),
        "unbridled": Settings(penalty=0.0),
    }
    preset_titles = PRESET_TITLES

    def load(self, settings: Settings, source: str | None) -> PictureSplit:
        """Pictures to learn from; to test, noise for sets as large as the unseen part."""
        return picture_split(self.sources, source, settings, settings.latent)

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build both networks."""
        assert isinstance(split, PictureSplit)
        rows = split.train.inputs.flatten(1).to(device)
        gan = build(split.shape, settings.latent, settings.hidden).to(device)
        adversaries = learner(Adversarial, settings, gan, settings.average)
        shown = build(split.shape, settings.latent, settings.hidden)
        return Training(
            learner=adversaries,
            predictor=Live(adversaries, shown, split.shape, split.style),
            batches=ShuffledBatches(2 * rows - 1, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta={"latent": settings.latent, "hidden": settings.hidden, **split.meta()},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> PictureGenerator:
        """Both networks of a checkpoint."""
        shape: Any = tuple(meta["shape"])
        gan = build(shape, meta["latent"], tuple(meta["hidden"]))
        gan.load_state_dict(dict(tensors))
        return PictureGenerator(gan.eval(), shape, pictures.style_from(meta))

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """A mixture of Gaussians, one for each class there is; and each pixel by itself."""
        assert isinstance(split, PictureSplit)
        return picture_mixtures(split, Noise(settings.latent))


TASK = GeneratePictures()
