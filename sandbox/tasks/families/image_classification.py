"""Pictures into classes: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.handmade_features import HandmadeFeatures
from sandbox.baselines.nearest_neighbour import NearestNeighbour
from sandbox.data import idx, image_folder, named_pictures, npz_pictures
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import images
from sandbox.data.handwriting import Style, style_of
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.data.sets import medmnist
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.classification import ACCURACY, classification_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

MAX_NEIGHBOURS = 10_000
"""Training pictures that the nearest neighbour is looked for among."""

OWN_PICTURES = OwnData(
    "my own pictures",
    "A folder, or a zip of it, with a folder of pictures for each class, MNIST's four files, or a .npz.",
    files=(".zip", ".npz"),
    classes=images.ENDINGS,
    things="pictures",
)


@dataclass(frozen=True, kw_only=True)
class ImageSplit(Split[Tensor, Tensor]):
    """Pictures (N, C, H, W) in [0, 1] with the numbers of their classes (N,).

    Attributes:
        classes: names of the classes.
        style: how a drawing is made to look like the pictures; None for photos.
    """

    classes: tuple[str, ...]
    style: Style | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(C, H, W)` of a picture."""
        channels, height, width = self.train.inputs.shape[1:]
        return channels, height, width


class ImageClassifier:
    """A trained network with what it needs to read a picture.

    Attributes:
        model: makes scores (N, classes) of pictures (N, C, H, W).
        input: how a picture is read.
        output: the names of the classes.
    """

    def __init__(self, model: nn.Module, shape: Sequence[int], classes: Sequence[str], style: Style | None):
        self.model = model
        self.input, self.output = Image(tuple(shape), style), Probabilities(tuple(classes))

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes."""
        return self.output.classes

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The probability of each class, (N, classes), for pictures (N, C, H, W); each row adds up to 1.

        Raises:
            PictureError: they are not as `input.encode` makes them.
        """
        return batched(self.model, torch.as_tensor(self.input.encoded(inputs))).softmax(1).numpy()


S = TypeVar("S")


class PictureTask(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task over pictures that have classes, whatever it makes of them."""

    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_PICTURES,)
    split_settings: ClassVar[Collection[str] | None] = ("size", "split_seed")

    def load(self, settings: Any, source: str | None) -> ImageSplit:
        """A named set, a folder with a folder of pictures for each class, MNIST's four files, or a `.npz`.

        Args:
            settings: `size`, the side to which pictures of a folder are scaled, and `split_seed` count.
            source: a name or a path.
        """
        found = named(self.sources, source)
        if found is not None and found.public:
            return split_of(named_pictures.load(found.name, settings.size, settings.split_seed))
        if found is not None:
            return self.load_named(settings, found)
        folder = typed_path(str(source))
        if folder.suffix.lower() == ".npz" and folder.is_file():
            names = medmnist.classes_of(folder)
            return split_of(npz_pictures.load(folder, settings.split_seed, classes=names))
        if not folder.is_dir():
            raise unknown(self.sources, str(source))
        if idx.is_idx_folder(folder):
            return split_of(idx.load(folder))
        return split_of(image_folder.load(folder, settings.size, settings.split_seed))

    def load_named(self, settings: Any, source: Source) -> ImageSplit:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def meta(self, split: ImageSplit) -> dict[str, Any]:
        """What a checkpoint must say so that `Image` and `Probabilities` can be made again."""
        return {
            "shape": split.shape,
            "classes": split.classes,
            "style": split.style.to_json() if split.style else None,
            "data": split.about.name,
        }


class ImageClassification(PictureTask[S], Generic[S]):
    """A task that sorts pictures into classes.

    A task says its data in `load_named` and its network in `build`. Its settings have `size`, `split_seed`,
    `steps`, `batch_size` and `learning_rate`. One that learns in another way has a `prepare` of its own.
    """

    metric: ClassVar[Metric] = ACCURACY
    says: ClassVar[str] = "it reads **{value}** of {count} unseen {things} correctly"
    says_other: ClassVar[str] = "{name} reads **{value}**"
    live: ClassVar[int] = 2_000

    def aside(self, settings: Any, split: Split[Tensor, Any]) -> Examples[Tensor, Tensor] | None:
        """The share of the training pictures that the setting `aside` keeps back; none without one."""
        share = getattr(settings, "aside", 0.0)
        return parted(split, share, settings.split_seed)[1] if share else None

    def build(self, settings: S, in_shape: tuple[int, int, int], classes: int) -> nn.Module:
        """The network: scores (N, classes) of pictures (N, C, H, W).

        Raises:
            ValueError: it cannot be built for such pictures; says why.
        """
        raise NotImplementedError(f"{type(self).__name__} has neither a build nor a prepare")

    def prepare(self, settings: S, split: Split[Tensor, Any], *, seed: int, device: torch.device) -> Training:
        """What `build` gives learns with AdamW and cross-entropy; the step size rises, then falls to 0."""
        assert isinstance(split, ImageSplit)
        chosen: Any = settings
        try:
            model = self.build(settings, split.shape, len(split.classes)).to(device)
        except ValueError as error:
            raise UserError(f"This network cannot be built: {error}.") from error
        optimizer = torch.optim.AdamW(model.parameters(), lr=chosen.learning_rate)
        share = getattr(chosen, "aside", 0.0)
        train = parted(split, share, chosen.split_seed)[0] if share else split.train
        images, labels = train.inputs.to(device), train.targets.to(device)
        return Training(
            learner=Supervised(
                model, optimizer, F.cross_entropy, schedule=schedule("cosine", chosen.steps), metrics=accuracy
            ),
            predictor=ImageClassifier(model, split.shape, split.classes, split.style),
            batches=ShuffledBatches(images, labels, batch_size=chosen.batch_size, seed=seed),
            total=chosen.steps,
            meta={"settings": asdict(chosen), **self.meta(split)},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> ImageClassifier:
        """The network of a checkpoint."""
        channels, height, width = meta["shape"]
        settings = settings_from(self, meta["settings"])
        model = self.build(settings, (channels, height, width), len(meta["classes"]))
        model.load_state_dict(dict(tensors))
        style = Style(**meta["style"]) if meta["style"] else None
        return ImageClassifier(model.eval(), meta["shape"], meta["classes"], style)

    def measure(
        self, predictor: Predictor[Tensor, NDArray[np.float32]], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `classification_scores`."""
        return classification_scores(
            np.asarray(predictor.predict(examples.inputs)), np.asarray(examples.targets)
        )

    def baselines(self, settings: Any, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """The nearest neighbour among the training pictures, pixel by pixel; an SVM of hand-made features."""
        assert isinstance(split, ImageSplit)
        known, image = split.train.some(MAX_NEIGHBOURS), Image(split.shape, split.style)
        of = "" if len(known) == len(split.train) else f" of {len(known):,}"
        return {
            f"nearest neighbour{of}": NearestNeighbour(known.inputs, known.targets, split.classes, image),
            "hand-made features": HandmadeFeatures(
                split.train.inputs, split.train.targets, image, split.classes
            ),
        }


def parted(
    split: Split[Tensor, Any], share: float, seed: int
) -> tuple[Examples[Tensor, Tensor], Examples[Tensor, Tensor]]:
    """The training pictures that are learned from, and a share of each class that is kept aside."""
    images, labels = split.train.inputs, split.train.targets
    learned, aside = split_by_class(labels, share, seed)
    return Examples(images[learned], labels[learned]), Examples(images[aside], labels[aside])


def split_of(found: LabelledImages, *, things: str = "pictures", synthetic: bool = False) -> ImageSplit:
    """A split of pictures that have been read."""
    return ImageSplit(
        train=Examples(found.train_images, found.train_labels),
        test=Examples(found.test_images, found.test_labels),
        about=About(found.name, things, found.source, synthetic, found.notes),
        classes=found.classes,
        style=style_of(found),
    )


def accuracy(scores: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The share of a minibatch that is read correctly, for the curve."""
    return {"accuracy": (scores.argmax(1) == labels).float().mean()}
