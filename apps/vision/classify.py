"""Tell pictures apart: handwritten digits by default, a public set by name, or your own folder of pictures.

The network learns from two thirds of scikit-learn's 1,797 digits. The other third is unseen: the curve shows
it while training, but nothing is chosen by it. The number of steps is fixed beforehand, and the last weights
are used. With `--patience` a tenth of the training pictures is kept aside to decide when to stop.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from apps.vision.script import script
from apps.vision.settings import Settings
from sandbox.data import digits, face_or_not
from sandbox.data.augment import flip, jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.handwriting import Style
from sandbox.devices import multiplies_bfloat16
from sandbox.errors import UserError
from sandbox.tasks.families.image_classification import (
    OWN_PICTURES,
    ImageClassification,
    ImageClassifier,
    ImageSplit,
    parted,
    split_of,
)
from sandbox.tasks.families.picture_network import build, network
from sandbox.tasks.script import Recipe
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import Examples, Split
from sandbox.tasks.task import Training
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

KEPT_ASIDE, LOOKS = 0.1, 50
"""Share of the training pictures that decides when to stop early, and how often in a whole training."""
FACES = "faces"
SMALL = 16
"""Pictures with a shorter side are computed with one thread, in float32."""


class Classify(ImageClassification[Settings]):
    """Pictures into classes, with a CNN."""

    title = "Can a network learn to read while you watch?"
    presets: ClassVar[Mapping[str, Settings]] = {
        # Mean of 5 seeds within the seconds that `sandbox bench mnist` says.
        "fast": Settings(),
        "best": Settings(
            steps=3400,
            batch_size=96,
            channels=(24, 48, 96),
            hidden=(128,),
            dropout=0.25,
            learning_rate=0.008,
            weight_decay=0.02,
            jitter=1.0,
        ),
        # Five classes of EuroSAT, 3,000 pictures to learn from, 1,000 unseen: 97.9 % after 2,637 steps (one
        # seed, 169 s on one core), 96.0 % after 786 (53 s).
        "satellite": Settings(
            size=64,
            steps=2600,
            channels=(16, 32, 64),
            hidden=(),
            learning_rate=0.006,
            jitter=0.0,
            flips="all",
        ),
        # sandbox train vision/classify --data cifar10 --preset photos: ten passes, not measured yet.
        "photos": Settings(
            steps=4000,
            batch_size=128,
            block="residual",
            channels=(24, 48, 96),
            hidden=(),
            learning_rate=0.01,
            weight_decay=0.05,
            jitter=0.5,
            flips="sideways",
        ),
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("digits", "handwritten digits", "1,797 handwritten digits of 43 people, 8 x 8 pixels each."),
        *public(
            "mnist",
            "fashion-mnist",
            "kmnist",
            "cifar10",
            "eurosat",
            "pneumoniamnist",
            "bloodmnist",
            "breastmnist",
            "dermamnist",
            "organamnist",
            "pathmnist",
        ),
        Source(
            FACES, "face or no face", "100 faces and 100 other pieces of photos, grey, 25 x 25 pixels each."
        ),
        OWN_PICTURES,
    )

    def load_named(self, settings: Settings, source: Source) -> ImageSplit:
        """scikit-learn's digits, or scikit-image's faces."""
        if source.name == FACES:
            return split_of(face_or_not.load(settings.split_seed))
        return split_of(digits.load(settings.split_seed), things="digits")

    def prepare(
        self, settings: Settings, split: Split[Any, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the network and what teaches it."""
        assert isinstance(split, ImageSplit)
        keywords = network(
            settings.block,
            split.shape,
            len(split.classes),
            channels=settings.channels,
            hidden=settings.hidden,
            dropout=settings.dropout,
        )
        try:
            model = build(settings.block, keywords)
        except ValueError as error:
            raise UserError(f"This network cannot be built: {error}.") from error
        # Channels last in memory: 17 % (8x8) to 25 % (28x28) less time for a step on two processor cores.
        model.to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=device.type in ("cpu", "cuda"),  # one pass over the weights, a quarter of the time
        )
        predictor = ImageClassifier(model, split.shape, split.classes, split.style)
        train, stopping = self.kept_aside(settings, predictor, split)
        learner = Supervised(
            model,
            optimizer,
            partial(F.cross_entropy, label_smoothing=settings.label_smoothing),
            schedule=schedule(settings.schedule, settings.steps),
            clip=settings.clip or None,
            accumulate=settings.accumulate,
            augment=augmentation(settings, split.style),
            autocast=in_bfloat16(settings, device, split.shape),
            metrics=lambda outputs, labels: {"accuracy": (outputs.argmax(1) == labels).float().mean()},
        )
        images, labels = (tensor.to(device) for tensor in train)
        return Training(
            learner=learner,
            predictor=predictor,
            batches=ShuffledBatches(images, labels, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            stopping=stopping,
            # Below this size a second thread costs more than it brings.
            threads=1 if device.type == "cpu" and split.shape[1] < SMALL else None,
            meta={"block": settings.block, "network": keywords, **self.meta(split)},
        )

    def script(self, recipe: Recipe) -> str:
        """In plain torch; see `Task.script`."""
        return script(recipe)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> ImageClassifier:
        """The network of a checkpoint."""
        model = build(meta.get("block", "cnn"), meta["network"])
        model.load_state_dict(dict(tensors))
        style = Style(**meta["style"]) if meta["style"] else None
        return ImageClassifier(model.eval(), meta["network"]["in_shape"], meta["classes"], style)

    def kept_aside(
        self, settings: Settings, predictor: ImageClassifier, split: ImageSplit
    ) -> tuple[tuple[Tensor, Tensor], EarlyStopping | None]:
        """The pictures to learn from, and what stops early by those kept aside for it, if any."""
        aside = self.aside(settings, split)
        if aside is None:
            return (split.train.inputs, split.train.targets), None
        train = parted(split, share(settings), settings.split_seed)[0]
        if not settings.patience:
            return (train.inputs, train.targets), None
        looked_at, answers = aside.inputs, aside.targets.numpy()
        stopping = EarlyStopping(
            lambda: float((predictor.predict(looked_at).argmax(1) != answers).mean()),
            every=max(1, settings.steps // LOOKS),
            patience=settings.patience,
        )
        return (train.inputs, train.targets), stopping

    def aside(self, settings: Settings, split: Split[Any, Any]) -> Examples[Any, Any] | None:
        """The pictures that decide when to stop early, or that are kept aside to calibrate by."""
        return parted(split, share(settings), settings.split_seed)[1] if share(settings) else None


def share(settings: Settings) -> float:
    """Of the training pictures that are kept aside."""
    return settings.aside or (KEPT_ASIDE if settings.patience else 0.0)


def in_bfloat16(settings: Settings, device: torch.device, in_shape: tuple[int, int, int]) -> bool:
    """Whether to compute in bfloat16: as the settings say, or where it saves time."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    # On a CPU, changing the numbers of small pictures takes longer than computing with them.
    return multiplies_bfloat16(device) and (device.type != "cpu" or min(in_shape[1:]) >= SMALL)


def augmentation(settings: Settings, style: Style | None) -> Callable[[Tensor], Tensor] | None:
    """The random changes of training pictures, or None."""
    amount, how = settings.jitter, settings.flips
    if amount == 0:
        return None if how == "none" else partial(flip, how=how)
    outside = "zeros" if style else "reflection"
    jittered = partial(
        jitter,
        degrees=10 * amount,
        scale=0.1 * amount,
        shift=0.08 * amount,
        shear=0.1 * amount,
        outside=outside,
    )
    return jittered if how == "none" else lambda images: jittered(flip(images, how))


TASK = Classify()
