"""How good made-up digits are: a classifier's score and a Fréchet distance on its features.

`sandbox bench gan [--data FOLDER]`. A classifier learns to read the training pictures; its last hidden layer
gives the features. Made-up pictures are held against real ones that neither the GAN nor the classifier has
learned from, and so are as many real training pictures, whose distance is about the smallest there can be.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sandbox.blocks.cnn import CNN
from sandbox.blocks.gan import GAN, classifier_score, frechet_distance
from sandbox.blocks.mlp import MLP
from sandbox.data import digits, idx
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.labelled_images import LabelledImages
from sandbox.devices import pick_device, seed_everything
from sandbox.errors import UserError
from sandbox.statistics import bootstrap_interval
from sandbox.terminal import console
from sandbox.training.adversarial import Adversarial
from sandbox.training.fit import fit
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

BENCH = {"name": "gan", "title": "Made-up digits", "long": True, "takes": ["data"]}
SEEDS = 3
MOST = 2_000
"""Pictures that are compared; fewer where fewer are held out."""
SMALL = 16
"""Pictures of a smaller side are made by perceptrons: on 8x8 pixels convolutions took four times as long for
each step and came nowhere near in the same time."""


@dataclass(frozen=True)
class Way:
    """An objective with its settings.

    Attributes:
        name: on the table.
        steps: batches of 64 real pictures for small pictures; a third of them for others.
        settings: of `Adversarial`.
    """

    name: str
    steps: int
    settings: dict[str, Any]


WAYS = (
    Way("GAN with R1", 6000, {"objective": "gan", "penalty": 1.0}),
    Way("WGAN-GP", 2400, {"objective": "wasserstein", "penalty": 10.0, "critic_steps": 3}),
    Way("GAN without a penalty", 6000, {"objective": "gan", "penalty": 0.0}),
)


def bench(quick: bool = False, data: str | None = None) -> list[dict[str, Any]]:
    """One table `{"title", "columns", "rows", "note"}`; three minutes of one core on digits.

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
    threads = torch.get_num_threads()
    if images.in_shape[1] < SMALL:
        torch.set_num_threads(1)
    try:
        return [_table(images, device, quick)]
    finally:
        torch.set_num_threads(threads)


def _table(images: LabelledImages, device: torch.device, quick: bool) -> dict[str, Any]:
    console(stderr=True).print("classifier: learning", style="dim")
    judge = Judge(images, device, 40 if quick else 1000)
    seeds = range(1 if quick else SEEDS)
    rows: list[list[Any]] = []
    for way in WAYS:
        steps = 20 if quick else way.steps if images.in_shape[1] < SMALL else way.steps // 3
        found = []
        for seed in seeds:
            found.append(measured(way, images, judge, seed, steps))
            console(stderr=True).print(
                f"{way.name}, seed {seed}: Fréchet distance {found[-1][1]:.1f}", style="dim"
            )
        *figures, seconds = zip(*found, strict=True)
        rows.append([way.name, *map(_spread, figures), f"{statistics.fmean(seconds):.1f}"])
    x, y = images.train_images, images.train_labels
    baselines = {
        "a Gaussian for each class, told the classes": [gaussians(x, y, judge.count, seed) for seed in seeds],
        "one Gaussian": [gaussians(x, torch.zeros_like(y), judge.count, seed) for seed in seeds],
        "real training pictures": [some(x, judge.count, seed) for seed in seeds],
    }
    for name, sets in baselines.items():
        figures = zip(*((*judge.judge(one.to(device)), nearest(one, x)) for one in sets), strict=True)
        rows.append([name, *map(_spread, figures), ""])
    # Training pictures are their own nearest ones; those held out say how far another real picture is.
    rows[-1][3] = f"{nearest(images.test_images[: judge.count], x):.2f} (those held out)"
    classes, (height, width) = len(images.classes), images.in_shape[1:]
    return {
        "title": f"Made-up pictures of {images.name}, {height}x{width}",
        "columns": [
            "pictures",
            f"classifier score (1 to {classes})",
            "Fréchet distance",
            "to the nearest training picture",
            "seconds",
        ],
        "rows": rows,
        "note": f"Against {judge.count:,} held-out pictures, of which the classifier reads "
        f"{100 * judge.accuracy:.1f} %, on its {judge.real.shape[1]} features; means of {len(seeds)} "
        f"seed{'s' * (len(seeds) > 1)} with their 95 % bootstrap intervals over seeds. Made "
        "by the averaged generator. The nearest training picture is that of least Euclidean distance, pixels "
        "from 0 to 1; far less than for pictures held out would mean copies.",
    }


def some(pictures: Tensor, count: int, seed: int) -> Tensor:
    """So many of the pictures."""
    return pictures[torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))[:count]]


def nearest(pictures: Tensor, known: Tensor) -> float:
    """Mean Euclidean distance to the nearest of the known ones."""
    rows = [torch.cdist(part.flatten(1), known.flatten(1)).amin(1) for part in pictures.split(100)]
    return torch.cat(rows).mean().item()


def gaussians(pictures: Tensor, labels: Tensor, count: int, seed: int) -> Tensor:
    """Draws (count, C, H, W) in [0, 1] from Gaussians fitted to the pixels of each class: the baseline."""
    generator = torch.Generator().manual_seed(seed)
    drawn = []
    for label in labels.unique():
        rows = pictures[labels == label].flatten(1).double()
        share = -(-count * len(rows) // len(labels))
        values, vectors = torch.linalg.eigh(rows.T.cov())
        noise = torch.randn(share, len(values), generator=generator, dtype=torch.float64)
        drawn.append(rows.mean(0) + (noise * values.clamp_min(0).sqrt()) @ vectors.T)
    whole = torch.cat(drawn).clamp(0, 1).float().unflatten(1, pictures.shape[1:])
    return some(whole, count, seed)


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
        self.real, scores = self.see(held_out)
        self.accuracy = (scores.argmax(1).cpu() == images.test_labels[: self.count]).double().mean().item()
        self.real_score, self.real_distance = self.judge(some(images.train_images, self.count, 0).to(device))

    @torch.no_grad()
    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, D) and class scores (N, C) of pictures in [0, 1]."""
        layers = list(self.model.head)
        features = torch.cat(
            [nn.Sequential(*layers[:-1])(self.model.body(part).flatten(1)) for part in pictures.split(500)]
        )
        return features, layers[-1](features)

    def judge(self, pictures: Tensor) -> tuple[float, float]:
        """Classifier score, and Fréchet distance to the held-out pictures."""
        features, scores = self.see(pictures)
        return classifier_score(scores), frechet_distance(features, self.real)


def measured(
    way: Way, images: LabelledImages, judge: Judge, seed: int, steps: int
) -> tuple[float, float, float, float]:
    """A GAN that learned from the training pictures: score, distance, that to the nearest one, seconds."""
    seed_everything(seed)
    gan, rate, betas = network(images.in_shape)
    gan.to(judge.device)
    adam = (
        torch.optim.Adam(part.parameters(), lr=rate, betas=betas)
        for part in (gan.generator, gan.discriminator)
    )
    learner = Adversarial(gan, *adam, average=0.995, **way.settings)
    real = (2 * images.train_images - 1).to(judge.device)
    begin = time.perf_counter()
    for _ in fit(learner, ShuffledBatches(real, batch_size=64, seed=seed), steps):
        pass
    seconds = time.perf_counter() - begin
    gan.load_state_dict(learner.model_state())  # with the averaged generator
    gan.eval()
    made = (gan.sample(judge.count) + 1) / 2
    return *judge.judge(made), nearest(made.cpu(), images.train_images), seconds


def network(shape: tuple[int, int, int]) -> tuple[GAN, float, tuple[float, float]]:
    """Both networks for pictures (C, H, W) in [-1, 1], with Adam's rate and betas that suit them."""
    if shape[1] >= SMALL:
        return GAN.of_images(shape, latent_dim=32, channels=(32, 64, 128)), 1e-3, (0.5, 0.9)
    numbers, latent, hidden = torch.Size(shape).numel(), 8, (128, 128)
    generator = nn.Sequential(MLP(latent, hidden, numbers, "relu"), nn.Tanh(), nn.Unflatten(1, shape))
    discriminator = nn.Sequential(nn.Flatten(), MLP(numbers, hidden, 1, "leaky_relu"))
    return GAN(generator, discriminator, latent), 2e-3, (0.0, 0.99)


def _spread(values: Sequence[float]) -> str:
    interval = bootstrap_interval(values)
    return f"{interval.mean:.2f} [{interval.low:.2f}, {interval.high:.2f}]"
