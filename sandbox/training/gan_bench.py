"""How good made-up digits are: a classifier's score and a Fréchet distance on its features.

`sandbox bench gan [--data FOLDER]`. A classifier learns to read the training pictures; its last hidden layer
gives the features. Made-up pictures are held against real ones that neither the GAN nor the classifier has
learned from, and so are as many real training pictures, whose distance is about the smallest there can be.
"""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sandbox.blocks.cnn import CNN
from sandbox.blocks.gan import GAN, classifier_score, frechet_distance
from sandbox.data import digits, idx
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.labelled_images import LabelledImages
from sandbox.devices import pick_device, seed_everything
from sandbox.errors import UserError
from sandbox.training.adversarial import Adversarial
from sandbox.training.fit import fit
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

SEEDS = 3
MOST = 2_000
"""Pictures that are compared; fewer where fewer are held out."""


@dataclass(frozen=True)
class Way:
    """An objective with its settings.

    Attributes:
        name: on the table.
        steps: batches of 64 real pictures.
        settings: of `Adversarial`.
    """

    name: str
    steps: int
    settings: dict[str, Any]


WAYS = (
    Way("GAN with R1", 2000, {"objective": "gan", "penalty": 1.0}),
    Way("WGAN-GP", 800, {"objective": "wasserstein", "penalty": 10.0, "critic_steps": 3}),
    Way("GAN without a penalty", 2000, {"objective": "gan", "penalty": 0.0}),
)


def bench(quick: bool = False, data: str | None = None) -> list[dict[str, Any]]:
    """One table `{"title", "columns", "rows", "note"}`.

    Args:
        quick: a few steps with one seed, to see that it works.
        data: a folder in MNIST's format; scikit-learn's digits without it.

    Raises:
        UserError: no such folder.
    """
    if data is None:
        images = digits.load()
    elif idx.is_idx_folder(Path(data)):
        images = idx.load(Path(data))
    else:
        raise UserError(f"{data} is no folder with MNIST's four files.")
    device = pick_device("auto")
    judge = Judge(images, device, 40 if quick else 1000)
    seeds = range(1 if quick else SEEDS)
    rows: list[list[Any]] = []
    for way in WAYS:
        steps = 20 if quick else way.steps
        found = [measured(way, images, judge, seed, steps) for seed in seeds]
        scores, distances, seconds = zip(*found, strict=True)
        rows.append([way.name, _spread(scores), _spread(distances), f"{statistics.fmean(seconds):.1f}"])
    rows.append(["real training pictures", f"{judge.real_score:.2f}", f"{judge.real_distance:.2f}", ""])
    classes, (height, width) = len(images.classes), images.in_shape[1:]
    return [
        {
            "title": f"Made-up pictures of {images.name}, {height}x{width}",
            "columns": ["pictures", f"classifier score (1 to {classes})", "Fréchet distance", "seconds"],
            "rows": rows,
            "note": f"Against {judge.count:,} held-out pictures, of which the classifier reads "
            f"{100 * judge.accuracy:.1f} %, on its {judge.real.shape[1]} features; in brackets the least and "
            f"the most of {len(seeds)} seeds. Made by the averaged generator.",
        }
    ]


class Judge:
    """A classifier that has learned from real pictures, and what it sees in those held out.

    Args:
        images: real pictures.
        device: to compute on.
        steps: minibatches that it learns from.

    Attributes:
        accuracy: share of the held-out pictures that it reads.
        count: held-out pictures that others are compared with.
        real: features of those, (count, D).
        real_score, real_distance: of as many training pictures.
    """

    def __init__(self, images: LabelledImages, device: torch.device, steps: int) -> None:
        seed_everything(0)
        self.device = device
        pool = (1, 2) if images.in_shape[1] < 16 else (2, 2)
        model = CNN(
            images.in_shape, (16, 32), pool=pool, norm="batch", hidden=(64,), out_dim=len(images.classes)
        ).to(device)
        learner = Supervised(
            model,
            torch.optim.AdamW(model.parameters(), lr=0.005),
            nn.functional.cross_entropy,
            schedule=warmup_cosine(steps),
            augment=jitter,
        )
        x, y = images.train_images.to(device), images.train_labels.to(device)
        for _ in fit(learner, ShuffledBatches(x, y, batch_size=64, seed=0), steps):
            pass
        self.model = model.eval()
        self.count = min(MOST, len(images.test_images), len(x))
        held_out = images.test_images[: self.count].to(device)
        some = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[: self.count].to(device)]
        self.real, scores = self.see(held_out)
        self.accuracy = (scores.argmax(1).cpu() == images.test_labels[: self.count]).double().mean().item()
        self.real_score, self.real_distance = self.judge(some)

    @torch.no_grad()
    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, D) and class scores (N, C) of pictures in [0, 1]."""
        layers = list(self.model.head)
        features = torch.cat(
            [nn.Sequential(*layers[:-1])(self.model.body(some).flatten(1)) for some in pictures.split(500)]
        )
        return features, layers[-1](features)

    def judge(self, pictures: Tensor) -> tuple[float, float]:
        """Classifier score, and Fréchet distance to the held-out pictures."""
        features, scores = self.see(pictures)
        return classifier_score(scores), frechet_distance(features, self.real)


def measured(
    way: Way, images: LabelledImages, judge: Judge, seed: int, steps: int
) -> tuple[float, float, float]:
    """Score, distance and seconds of a GAN that learned from the training pictures."""
    seed_everything(seed)
    latent = 16 if images.in_shape[1] < 16 else 32
    channels = (32, 64) if images.in_shape[1] < 16 else (32, 64, 128)
    gan = GAN.of_images(images.in_shape, latent_dim=latent, channels=channels).to(judge.device)
    adam = (
        torch.optim.Adam(part.parameters(), lr=1e-3, betas=(0.5, 0.9))
        for part in (gan.generator, gan.discriminator)
    )
    learner = Adversarial(gan, *adam, average=0.99, **way.settings)
    real = (2 * images.train_images - 1).to(judge.device)
    begin = time.perf_counter()
    for _ in fit(learner, ShuffledBatches(real, batch_size=64, seed=seed), steps):
        pass
    seconds = time.perf_counter() - begin
    gan.load_state_dict(learner.model_state())  # with the averaged generator
    gan.eval()
    score, distance = judge.judge((gan.sample(judge.count) + 1) / 2)
    return score, distance, seconds


def _spread(values: tuple[float, ...]) -> str:
    return f"{statistics.fmean(values):.2f} [{min(values):.2f}, {max(values):.2f}]"
