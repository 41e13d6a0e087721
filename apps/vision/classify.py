"""Tell pictures apart: handwritten digits by default, or your own folder of pictures.

The network learns from two thirds of scikit-learn's 1,797 digits. The other third is held out; the curve
shows it while training, but nothing is chosen by it: the number of steps is fixed beforehand and the last
weights are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.data import digits, idx, image_folder
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.labelled_images import LabelledImages
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.data.sketch import DIGITS, MNIST, Style, prepare
from sandbox.errors import UserError
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.training.supervised import Supervised, warmup_cosine

MAX_LIVE = 2_000
"""Held-out examples that are looked at for the curve; the final figures use all of them."""
MAX_NEIGHBOURS, MAX_QUERIES = 10_000, 2_000
"""The baseline takes part of a larger set, as it compares each with each."""
EVALUATION_BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    size: int = 32
    """side to which pictures from a folder are scaled, in pixels; digits and MNIST keep theirs"""
    split_seed: int = 0
    """decides which third of the data is held out; MNIST's own split is kept"""
    steps: int = 700
    """minibatches to learn from"""
    batch_size: int = 64
    """pictures in a minibatch"""
    learning_rate: float = 0.005
    """largest step size of AdamW; it rises over the first tenth of the steps and then falls along a cosine"""
    weight_decay: float = 0.01
    """pull of the weights towards zero"""
    label_smoothing: float = 0.05
    """share of certainty that the right answer is not asked for, from 0 to 1; keeps probabilities modest"""
    channels: tuple[int, ...] = (16, 32)
    """filters of each convolution"""
    hidden: tuple[int, ...] = (64,)
    """sizes of the dense layers"""
    dropout: float = 0.0
    """chance of zeroing a number that enters the dense layers, from 0 to 1"""
    jitter: float = 1.0
    """how far pictures are turned, stretched, shifted and slanted while training; 0 is not at all"""


class Classifier:
    """A trained network with what it needs to read a picture.

    Attributes:
        model: the network, a `CNN`.
        classes: names of the classes.
        style: how a drawing is made to look like the training pictures; None for photos.
    """

    def __init__(self, model: CNN, classes: tuple[str, ...], style: Style | None) -> None:
        self.model = model
        self.classes = classes
        self.style = style

    def see(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """The picture as the network sees it.

        Args:
            image: `(H, W)` or `(H, W, 3)` of any size, in [0, 1]; of a drawing 1 is ink and 0 is paper.

        Returns:
            `(C, H, W)` of the network's input size.
        """
        channels, height, width = self.model.in_shape
        values = np.asarray(image, np.float32)
        if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (1, 3)):
            raise ValueError(f"a picture is (H, W) or (H, W, 3), not {values.shape}")
        if self.style is not None:
            return prepare(values if values.ndim == 2 else values.mean(2), self.style)[None]
        values = np.atleast_3d(values)
        if values.shape[2] != channels:
            values = values.mean(2, keepdims=True) if channels == 1 else values.repeat(channels, axis=2)
        resized = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, np.float32).reshape(height, width, channels).transpose(2, 0, 1).copy()

    def predict(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """The probability of each class; even for an empty sheet it adds up to 1."""
        with torch.inference_mode():
            return self.model(torch.from_numpy(self.see(image))[None]).softmax(1)[0].numpy()


def predict(model: Classifier, image: NDArray[Any]) -> NDArray[np.float32]:
    """The probability of each class for a drawing or picture, as `Classifier.see` takes it."""
    return model.predict(image)


class Classify(Task[Settings]):
    """Pictures into classes, with a CNN."""

    title = "Can a network learn to read while you watch?"
    metric = "test_accuracy"
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "best": Settings(steps=4000, channels=(32, 64, 64), hidden=(128,), dropout=0.2, learning_rate=0.003),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build the network; see `Task.prepare`."""
        check(settings)
        images = load_data(settings, data)
        style = style_of(images)
        model_keywords = network(settings, images)
        try:
            model = CNN(**model_keywords)
        except ValueError as error:
            raise UserError(f"This network cannot be built: {error}.") from error
        model.to(device)
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        train = (images.train_images.to(device), images.train_labels.to(device))
        test = (images.test_images.to(device), images.test_labels.to(device))
        some = slice(None, None, -(-len(test[0]) // MAX_LIVE))
        learner = Supervised(
            model,
            optimizer,
            partial(F.cross_entropy, label_smoothing=settings.label_smoothing),
            schedule=warmup_cosine(settings.steps),
            augment=augmentation(settings, style),
            autocast=device.type == "cuda",
            metrics=lambda outputs, labels: {"accuracy": (outputs.argmax(1) == labels).float().mean()},
        )
        return Training(
            learner=learner,
            batches=ShuffledBatches(*train, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: figures(*outcome(model, test[0][some], test[1][some])),
            test=lambda: final_figures(*outcome(model, *test)),
            # Below this size a second thread costs more than it brings.
            threads=1 if device.type == "cpu" and images.in_shape[1] < 16 else None,
            meta={
                "network": model_keywords,
                "classes": images.classes,
                "style": style.to_json() if style else None,
                "data": images.name,
            },
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """The nearest neighbour among the training pictures, pixel by pixel, on the same held-out third."""
        images = load_data(settings, data)
        some = slice(None, None, -(-len(images.train_images) // MAX_NEIGHBOURS))
        asked = slice(None, None, -(-len(images.test_images) // MAX_QUERIES))
        examples, queries = images.train_images[some].flatten(1), images.test_images[asked].flatten(1)
        found = nearest_labels(examples, images.train_labels[some], queries)
        interval = bootstrap_interval((found == images.test_labels[asked]).double().numpy())
        of = "" if len(examples) == len(images.train_images) else f" of {len(examples):,}"
        return Baseline(name=f"nearest neighbour{of}", metrics=with_interval("test_accuracy", interval))

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Classifier:
        """A `Classifier` from a checkpoint."""
        keywords: dict[str, Any] = dict(meta["network"])
        keywords["in_shape"] = tuple(keywords["in_shape"])
        model = CNN(**keywords)
        model.load_state_dict(dict(tensors))
        model.eval()
        style = Style(**meta["style"]) if meta["style"] else None
        return Classifier(model, tuple(meta["classes"]), style)


def check(settings: Settings) -> None:
    """Refuse settings that make no sense.

    Raises:
        UserError: says which and what is allowed.
    """
    for name in ("steps", "batch_size", "size"):
        if getattr(settings, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(settings, name)}.")
    for name in ("learning_rate", "weight_decay", "jitter"):
        if not 0 <= getattr(settings, name) < float("inf"):
            raise UserError(f"{name} must not be negative, and it is {getattr(settings, name)}.")
    for name in ("label_smoothing", "dropout"):
        if not 0 <= getattr(settings, name) < 1:
            raise UserError(f"{name} must be at least 0 and below 1, not {getattr(settings, name)}.")
    if not settings.channels or min((*settings.channels, *settings.hidden)) < 1:
        raise UserError("channels and hidden take numbers of at least 1, and there must be one convolution.")


def load_data(settings: Settings, data: str | None = None) -> LabelledImages:
    """The pictures to learn from and those held out.

    Args:
        settings: size and split.
        data: `digits` (also None), a folder in MNIST's format, or one with a folder of pictures for each
            class.

    Raises:
        UserError: no such set or folder, or what lies there cannot be used; says why.
    """
    if data in (None, "digits"):
        return digits.load(settings.split_seed)
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise UserError(f"There is no data set or folder {data!r}; `digits` is built in.")
    if idx.is_idx_folder(folder):
        return idx.load(folder)
    return image_folder.load(folder, settings.size, settings.split_seed)


def style_of(data: LabelledImages) -> Style | None:
    """How a drawing has to look to be like these pictures; None if they are no drawings."""
    if data.name == "digits" and data.in_shape == (1, 8, 8):
        return DIGITS
    edge = (MNIST.side - MNIST.box) // 2
    if data.in_shape == (1, MNIST.side, MNIST.side):
        middle = data.train_images[:, :, edge:-edge, edge:-edge]
        if middle.sum() > 0.98 * data.train_images.sum():
            return MNIST
    return None


def network(settings: Settings, data: LabelledImages) -> dict[str, Any]:
    """The arguments of the `CNN`; small pictures are not made smaller by the first convolution."""
    depth = len(settings.channels)
    first = 1 if data.in_shape[1] < 16 else 2
    return {
        "in_shape": data.in_shape,
        "channels": settings.channels,
        "pool": (first, *(2,) * (depth - 1)),
        "norm": "batch",
        "hidden": settings.hidden,
        "out_dim": len(data.classes),
        "dropout": settings.dropout,
    }


def augmentation(settings: Settings, style: Style | None) -> Any:
    """The random changes of training pictures, or None."""
    amount = settings.jitter
    if amount == 0:
        return None
    outside = "zeros" if style else "reflection"
    return partial(
        jitter,
        degrees=10 * amount,
        scale=0.1 * amount,
        shift=0.08 * amount,
        shear=0.1 * amount,
        outside=outside,
    )


def outcome(model: CNN, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """For each picture the cross-entropy in nats and whether the answer is right, on the CPU."""
    model.eval()
    losses, right = [], []
    with torch.inference_mode():
        for some, answers in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True):
            scores = model(some).float()
            losses.append(F.cross_entropy(scores, answers, reduction="none"))
            right.append(scores.argmax(1) == answers)
    model.train()
    return torch.cat(losses).cpu(), torch.cat(right).cpu()


def figures(losses: Tensor, right: Tensor) -> dict[str, float]:
    """Their means."""
    return {"test_loss": losses.mean().item(), "test_accuracy": right.double().mean().item()}


def final_figures(losses: Tensor, right: Tensor) -> dict[str, float]:
    """Their means, and the 95 % interval of the accuracy over the held-out pictures."""
    interval = bootstrap_interval(right.double().numpy())
    return {"test_loss": losses.mean().item(), **with_interval("test_accuracy", interval)}


def with_interval(name: str, interval: Any) -> dict[str, float]:
    """A figure with its interval, as metrics."""
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}


TASK = Classify()
