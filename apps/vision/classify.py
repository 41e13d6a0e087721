"""Tell pictures apart: handwritten digits by default, or your own folder of pictures.

The network learns from two thirds of scikit-learn's 1,797 digits. The other third is held out; the curve
shows it while training, but nothing is chosen by it: the number of steps is fixed beforehand and the last
weights are used. With `--patience` a tenth of the training pictures is kept aside to decide when to stop.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from apps.vision.classifier import Classifier, build, network
from apps.vision.classifier import predict as predict  # what a demo asks for, with the task
from apps.vision.figures import figures, final_figures, outcome
from apps.vision.script import script
from apps.vision.settings import Settings
from sandbox.data import digits, idx, image_folder
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.data.sketch import Style, style_of
from sandbox.devices import multiplies_bfloat16
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.task_script import Recipe
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

MAX_LIVE = 2_000
"""Held-out examples that are looked at for the curve; the final figures use all of them."""
MAX_NEIGHBOURS, MAX_QUERIES = 10_000, 2_000
"""The baseline takes part of a larger set, as it compares each with each."""
KEPT_ASIDE, LOOKS = 0.1, 50
"""Share of the training pictures that decides when to stop early, and how often in a whole training."""


SMALL = 16
"""Pictures with a shorter side are computed with one thread, in float32."""


class Classify(Task[Settings]):
    """Pictures into classes, with a CNN."""

    title = "Can a network learn to read while you watch?"
    metric = "test_accuracy"
    data_sets: ClassVar[Collection[str]] = ("digits",)
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
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build the network; see `Task.prepare`."""
        images = load_data(settings, data)
        style = style_of(images)
        model_keywords = network(settings, images)
        try:
            model = build(settings.block, model_keywords)
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
        train = (images.train_images.to(device), images.train_labels.to(device))
        test = (images.test_images.to(device), images.test_labels.to(device))
        some = slice(None, None, -(-len(test[0]) // MAX_LIVE))
        train, stopping = kept_aside(settings, model, train)
        learner = Supervised(
            model,
            optimizer,
            partial(F.cross_entropy, label_smoothing=settings.label_smoothing),
            schedule=schedule(settings.schedule, settings.steps),
            clip=settings.clip or None,
            accumulate=settings.accumulate,
            augment=augmentation(settings, style),
            autocast=in_bfloat16(settings, device, images.in_shape),
            metrics=lambda outputs, labels: {"accuracy": (outputs.argmax(1) == labels).float().mean()},
        )
        return Training(
            learner=learner,
            batches=ShuffledBatches(*train, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: figures(*outcome(model, test[0][some], test[1][some])),
            test=lambda: final_figures(*outcome(model, *test)),
            stopping=stopping,
            # Below this size a second thread costs more than it brings.
            threads=1 if device.type == "cpu" and images.in_shape[1] < SMALL else None,
            notes=images.notes,
            meta={
                "block": settings.block,
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
        return Baseline(name=f"nearest neighbour{of}", metrics=interval.metrics("test_accuracy"))

    def script(self, recipe: Recipe) -> str:
        """In plain torch; see `Task.script`."""
        return script(recipe)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Classifier:
        """A `Classifier` from a checkpoint."""
        model = build(meta.get("block", "cnn"), meta["network"])
        model.load_state_dict(dict(tensors))
        model.eval()
        style = Style(**meta["style"]) if meta["style"] else None
        return Classifier(model, tuple(meta["classes"]), style)


def in_bfloat16(settings: Settings, device: torch.device, in_shape: tuple[int, int, int]) -> bool:
    """Whether to compute in bfloat16: as the settings say, or where it saves time."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    # On a CPU, changing the numbers of small pictures takes longer than computing with them.
    return multiplies_bfloat16(device) and (device.type != "cpu" or min(in_shape[1:]) >= SMALL)


def kept_aside(
    settings: Settings, model: torch.nn.Module, train: tuple[Tensor, Tensor]
) -> tuple[tuple[Tensor, Tensor], EarlyStopping | None]:
    """The pictures to learn from, and what stops early by those kept aside for it, if any."""
    if not settings.patience:
        return train, None
    images, labels = train
    learned, aside = split_by_class(labels.cpu(), KEPT_ASIDE, settings.split_seed)
    looked_at, answers = images[aside], labels[aside]
    stopping = EarlyStopping(
        lambda: outcome(model, looked_at, answers)[0].mean().item(),
        every=max(1, settings.steps // LOOKS),
        patience=settings.patience,
    )
    return (images[learned], labels[learned]), stopping


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
    folder = typed_path(data)
    if not folder.is_dir():
        raise UserError(f"There is no data set or folder {data!r}; `digits` is built in.")
    if idx.is_idx_folder(folder):
        return idx.load(folder)
    return image_folder.load(folder, settings.size, settings.split_seed)


def augmentation(settings: Settings, style: Style | None) -> Callable[[Tensor], Tensor] | None:
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


TASK = Classify()
