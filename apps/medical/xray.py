"""Tell pneumonia by a chest X-ray of 28 x 28 pixels: drawn ones by default, or PneumoniaMNIST's file.

    sandbox train medical/xray --data pneumoniamnist.npz

A tenth of the pictures to learn from is kept aside. It decides the threshold and the temperature, and no test
picture does. Every other set in MedMNIST's form, or a folder with a folder for each class, is read as well.
Not for clinical use: at this size a radiologist would send the picture back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.logistic import Logistic
from sandbox.blocks.residual import Residual
from sandbox.data import chest_phantoms
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.exposure import vary_exposure
from sandbox.errors import UserError
from sandbox.metrics.classification import BALANCED_ACCURACY
from sandbox.metrics.scores import Metric
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.tasks.families.image_classification import (
    OWN_PICTURES,
    ImageClassification,
    ImageClassifier,
    ImageSplit,
    parted,
    split_of,
)
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import Split
from sandbox.tasks.task import Training
from sandbox.training.averaging import Averaged
from sandbox.training.calibrated import Calibrated, renew_statistics
from sandbox.training.schedules import schedule

RENEWED = 1_000
"""Training pictures by which batch normalisation is measured again."""
SETTLED = 0.1
"""Share of the training from which on checkpoints are calibrated; before, that took longer than learning."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    size: int = setting(
        28,
        "side to which pictures from a folder are scaled, in pixels; MedMNIST keeps its own",
        low=8,
        high=224,
    )
    split_seed: int = setting(
        0,
        "decides which pictures are kept aside, and unseen where the set has no test part",
        high=LARGEST_SEED,
        low=0,
    )
    steps: int = setting(800, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.004, "largest step size of AdamW; --find-lr suggests one", low=0, high=10
    )
    weight_decay: float = setting(0.05, "pull of the weights towards zero", low=0, high=10)
    channels: tuple[int, ...] = setting(
        (16, 32, 64), "filters of each stage of the residual network", low=1, high=1024, count=(1, DEEPEST)
    )
    dropout: float = setting(0.3, "chance of zeroing a number that enters the last layer", low=0, below=1)
    smoothing: float = setting(
        0.05, "how far below 1 the probability of the right class is asked to be", low=0, below=1
    )
    balance: bool = setting(True, "every class counts the same, however rare it is")
    jitter: float = setting(
        1.0, "how far pictures are turned, shifted and stretched in training", low=0, high=5
    )
    exposure: float = setting(1.0, "how far brightness and contrast are changed in training", low=0, high=3)
    standardise: bool = setting(
        False,
        "scale each picture to mean 0 and deviation 1; how light it is as a whole then no longer counts",
    )
    mirror: bool = setting(
        True, "learn from mirrored pictures, too, and answer by a picture and its mirror image"
    )
    average: float = setting(
        0.99,
        "the answers come from a running mean of the weights; the share of it that each step keeps",
        low=0,
        below=1,
    )
    aside: float = setting(
        0.1, "share of the training pictures kept aside for threshold and temperature", low=0, high=0.5
    )


class XrayNetwork(nn.Module):
    """A residual network that looks at each picture and its mirror image.

    Args:
        in_shape: (C, H, W).
        classes: how many.
        settings: `channels`, `dropout`, `standardise` and `mirror` count.
    """

    def __init__(self, in_shape: tuple[int, int, int], classes: int, settings: Settings) -> None:
        super().__init__()
        self.residual = Residual(in_shape, settings.channels, out_dim=classes, dropout=settings.dropout)
        self.mirror, self.standardise = settings.mirror, settings.standardise

    def forward(self, x: Tensor) -> Tensor:
        """Scores (B, C) of pictures (B, C, H, W)."""
        if self.standardise:
            mean = x.mean((1, 2, 3), keepdim=True)
            x = (x - mean) / ((x - mean).square().mean((1, 2, 3), keepdim=True) + 1e-6).sqrt()
        if self.training or not self.mirror:
            return self.residual(x)
        return (self.residual(x) + self.residual(x.flip(3))) / 2


class Xray(ImageClassification[Settings]):
    """X-rays into classes, each of which counts the same."""

    title = "Can a network see pneumonia in a chest X-ray?"
    method = "chest X-rays"
    metric: ClassVar[Metric] = BALANCED_ACCURACY
    says: ClassVar[str] = (
        "it reaches **{value}** on {count} unseen {things}, each class counting the same; not for "
        "clinical use"
    )
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings()}
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 40, "channels": (8, 16)}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "drawn",
            "drawn chest X-rays",
            "3,200 drawn pictures of lungs, most with a cloud in one; synthetic, no person's.",
            synthetic=True,
        ),
        *public("pneumoniamnist", "breastmnist"),
        OWN_PICTURES,
    )

    def load_named(self, settings: Settings, source: Source) -> ImageSplit:
        """Drawn X-rays."""
        return split_of(chest_phantoms.load(settings.split_seed), synthetic=True)

    def build(self, settings: Settings, in_shape: tuple[int, int, int], classes: int) -> Calibrated:
        """See `XrayNetwork`."""
        return Calibrated(XrayNetwork(in_shape, classes, settings), classes)

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """It learns from pictures that are changed at random; the mean of its last weights answers."""
        assert isinstance(split, ImageSplit)
        try:
            model = self.build(settings, split.shape, len(split.classes)).to(device)
        except ValueError as error:
            raise UserError(f"This network cannot be built: {error}.") from error
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)  # faster
        train = parted(split, settings.aside, settings.split_seed)[0] if settings.aside else split.train
        images, labels = train.inputs.to(device), train.targets.to(device)
        counts = torch.bincount(labels, minlength=len(split.classes)).clamp_min(1)
        weight = len(labels) / (counts * len(counts)) if settings.balance else None
        aside = self.aside(settings, split)

        def settle(network: nn.Module) -> None:
            assert isinstance(network, Calibrated)
            if learner.steps < SETTLED * settings.steps:
                return
            renew_statistics(network.network, images[:: max(1, len(images) // RENEWED)])
            if aside is not None:
                inputs, truth = aside.inputs.to(device), aside.targets.to(device)
                network.calibrate(inputs, truth, balanced=settings.balance)

        learner = Averaged(
            model,
            torch.optim.AdamW(
                model.parameters(),
                lr=settings.learning_rate,
                weight_decay=settings.weight_decay,
                fused=device.type in ("cpu", "cuda"),
            ),
            partial(F.cross_entropy, weight=weight, label_smoothing=settings.smoothing),
            schedule=schedule("cosine", settings.steps),
            augment=partial(changed, settings),
            metrics=lambda scores, truth: {"accuracy": (scores.argmax(1) == truth).float().mean()},
            decay=settings.average,
            settle=settle,
        )
        return Training(
            learner=learner,
            predictor=ImageClassifier(learner.averaged, split.shape, split.classes, split.style),
            batches=ShuffledBatches(images, labels, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            meta={"settings": asdict(settings), **self.meta(split)},
        )

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """Those of all pictures, and logistic regression of the pixels."""
        assert isinstance(split, ImageSplit)

        def flat(pictures: Any) -> Any:
            return np.asarray(pictures).reshape(len(pictures), -1)

        image, output = Image(split.shape, split.style), Probabilities(split.classes)
        logistic = Logistic(
            flat(split.train.inputs),
            split.train.targets.numpy(),
            image,
            output,
            flat,
            balanced=settings.balance,
            penalty=100.0,
        )
        return {"logistic regression": logistic, **super().baselines(settings, split)}


def changed(settings: Settings, images: Tensor) -> Tensor:
    """Pictures as they are shown in training: moved, mirrored, and taken otherwise, at random."""
    move, light = settings.jitter, settings.exposure
    if move:
        turned = {"degrees": 10 * move, "scale": 0.12 * move, "shift": 0.07 * move, "shear": 0.05 * move}
        images = jitter(images, **turned, outside="border")
    if settings.mirror:
        half = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
        images = torch.where(half, images.flip(3), images)
    if light:
        images = vary_exposure(
            images, gamma=0.3 * light, contrast=0.3 * light, brightness=0.15 * light, noise=0.02 * light
        )
    return images


TASK = Xray()
