"""What autoencoder and variational autoencoder share: settings, the coder, PCA as the baseline."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from apps.latent import figures, pictures
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.blocks.vae import VAE
from sandbox.data.as_input import as_input
from sandbox.data.batches import ShuffledBatches
from sandbox.data.sketch import Style
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.task import Baseline, Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

LIVE = 600
"""Held-out pictures that are looked at for the curve; the final figures use all of them."""
MOST_CODE = 16


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    code: int = setting(
        2, "numbers in the code: all that the decoder knows of a picture", low=1, high=MOST_CODE
    )
    hidden: tuple[int, ...] = setting(
        (128, 64),
        "widths of the encoder's layers; the decoder has them the other way round",
        low=1,
        high=WIDEST,
        count=(0, DEEPEST),
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
    steps: int = setting(2500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.004,
        "largest step size of Adam; it rises over the first tenth of the steps, then falls to 0",
        above=0,
        high=10,
    )


S = TypeVar("S", bound=Settings)
Block = Autoencoder | VAE


class Coder:
    """Pictures to codes and back.

    Attributes:
        block: the trained network.
        shape: `(C, H, W)` of a picture.
        code_dim: numbers in a code, K.
        style: of handwriting; None for photos.
    """

    def __init__(self, block: Block, shape: tuple[int, int, int], style: Style | None = None) -> None:
        self.block, self.shape, self.code_dim, self.style = block, shape, block.code_dim, style

    @torch.no_grad()
    def encode(self, images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K"]:
        """The code of each picture; of a VAE its mean."""
        found = self.block.encode(images.flatten(1))
        return found[0] if isinstance(found, tuple) else found

    @torch.no_grad()
    def decode(self, codes: Float[Tensor, "N K"]) -> Float[Tensor, "N C H W"]:
        """The picture that each code stands for, in [0, 1]."""
        return self.block.decode(codes).clamp(0, 1).unflatten(1, self.shape)

    def rebuild(self, images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        """Each picture from its own code."""
        return self.decode(self.encode(images))

    @property
    def squash(self) -> str:
        """What the decoder's last numbers go through: `sigmoid`, or `clamp` to [0, 1]."""
        return "sigmoid" if isinstance(self.block, VAE) else "clamp"

    @property
    def decoder(self) -> nn.Module:
        """Linear layers with ReLU between."""
        return self.block.decoder

    def predict(self, image: Any) -> dict[str, float]:
        """The code of a file, a Pillow picture or an array, see `as_input`: its numbers by name.

        Raises:
            PictureError: it cannot be read.
        """
        seen = torch.from_numpy(as_input(image, self.shape, self.style))
        return {f"code {i + 1}": v for i, v in enumerate(self.encode(seen[None])[0].tolist())}

    predict_file = predict


class CodingTask(Task[S]):
    """Pictures through a narrow code and back."""

    metric = "test_explained"
    data_sets: ClassVar[Collection[str]] = ("digits",)
    presets: ClassVar[Mapping[str, Any]]

    def build(self, settings: S, shape: tuple[int, int, int]) -> Block:
        """The untrained network."""
        raise NotImplementedError

    def learner(self, settings: S, block: Block) -> Supervised:
        """What teaches it."""
        raise NotImplementedError

    def prepare(self, settings: S, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build the network; see `Task.prepare`."""
        images = pictures.load(data, size=settings.size, split_seed=settings.split_seed)
        shape = pictures.shape_of(images)
        known = pictures.few(images, settings.examples, settings.split_seed).flatten(1).to(device)
        held, middle = images.test_images.flatten(1).to(device), known.mean(0)
        block = self.build(settings, shape).to(device)

        def rebuilt(x: Tensor) -> Tensor:
            block.eval()
            with torch.no_grad():
                found = block.encode(x)
                answers = block.decode(found[0] if isinstance(found, tuple) else found).clamp(0, 1)
            block.train()
            return answers

        some = held[:: -(-len(held) // LIVE)]
        return Training(
            learner=self.learner(settings, block),
            batches=ShuffledBatches(known, known, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: figures.quickly(some, rebuilt(some), middle),
            test=lambda: figures.rebuilt(held, rebuilt(held), middle),
            threads=1 if device.type == "cpu" else None,
            notes=images.notes,
            meta={
                "shape": shape,
                "code": settings.code,
                "hidden": settings.hidden,
                "classes": images.classes,
                **pictures.meta(images),
            },
        )

    def baseline(self, settings: S, data: str | None = None) -> Baseline:
        """As many principal components of the same pictures as the code has numbers."""
        images = pictures.load(data, size=settings.size, split_seed=settings.split_seed)
        known = pictures.few(images, settings.examples, settings.split_seed).flatten(1)
        held = images.test_images.flatten(1)
        answers = principal(known, settings.code)
        return Baseline(
            name="principal components", metrics=figures.rebuilt(held, answers(held), known.mean(0))
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Coder:
        """A `Coder` from a checkpoint."""
        shape: Any = tuple(meta["shape"])
        sizes = {"code": meta["code"], "hidden": tuple(meta["hidden"])}
        block = self.build(replace(self.settings(), **sizes), shape)
        block.load_state_dict(dict(tensors))
        return Coder(block.eval(), shape, pictures.style_from(meta))


def principal(known: Tensor, count: int) -> "Components":
    """The `count` directions of largest variance of rows (N, D)."""
    middle = known.mean(0)
    # The covariance is D x D however many rows there are.
    _, vectors = torch.linalg.eigh((known - middle).double().T.cov())
    return Components(middle, vectors[:, -count:].flip(1).float())


class Components:
    """Principal components: rows to `count` numbers and back.

    Attributes:
        middle: (D,), the mean.
        directions: (D, K), orthonormal, the largest variance first.
    """

    def __init__(self, middle: Tensor, directions: Tensor) -> None:
        self.middle, self.directions = middle, directions

    def encode(self, rows: Tensor) -> Tensor:
        """(N, D) to (N, K)."""
        return (rows - self.middle) @ self.directions

    def __call__(self, rows: Tensor) -> Tensor:
        """Each row rebuilt from its numbers, in [0, 1]."""
        return (self.middle + self.encode(rows) @ self.directions.T).clamp(0, 1)


def teach(settings: Settings, block: nn.Module, loss: Any) -> Supervised:
    """Adam with a rising and falling rate."""
    optimizer = torch.optim.Adam(block.parameters(), lr=settings.learning_rate)
    return Supervised(block, optimizer, loss, schedule=warmup_cosine(settings.steps), clip=10.0)
