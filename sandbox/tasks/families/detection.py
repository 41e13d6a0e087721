"""Objects in pictures, with boxes around them: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from sandbox.baselines.components import Components
from sandbox.baselines.template_matching import TemplateMatching
from sandbox.blocks.centernet import CenterNet, centernet_loss, decode
from sandbox.data.boxed_batches import BoxedBatches, Changes, moved
from sandbox.data.formats import boxed_images
from sandbox.data.formats.boxed_images import BoxedImages
from sandbox.devices import multiplies_bfloat16
from sandbox.metrics.detection import AP50, detection_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.families.detection_settings import DetectionSettings
from sandbox.tasks.inputs.scene import Scene
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.boxes import Boxes, Detections, detections
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

PORTION = 16
"""Pictures that go through the network, and whose peaks are compared, at a time: films are long."""
CLIP = 5.0
"""Largest norm of the gradient."""
LEAST_SCORE = 0.02
"""Of an answer that is told at all; average precision looks at unsure ones, too."""

OWN_PICTURES = OwnData(
    "my own pictures with boxes",
    "A folder, or a zip of it, with pictures and an XML file for each in the format of Pascal VOC, as "
    "labelImg and CVAT write it.",
    files=(".zip",),
    things="pictures",
)


@dataclass(frozen=True, kw_only=True)
class DetectionSplit(Split[Tensor, Tensor]):
    """Pictures (N, 3, H, W) in [0, 1] with boxes (N, M, 5), see `BoxedImages`.

    Attributes:
        classes: names of the classes.
    """

    classes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(3, H, W)` of a picture."""
        channels, height, width = self.train.inputs.shape[1:]
        return channels, height, width


class Detector:
    """A trained network with what it needs to read a picture and to tell what it found.

    Attributes:
        model: makes the maps of a `CenterNet`.
        input: how a picture is read.
        output: the names of the classes.
        overlap: see `decode`.
    """

    def __init__(self, model: nn.Module, shape: Sequence[int], output: Boxes, overlap: float) -> None:
        self.model = model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.input, self.output, self.overlap = Scene(tuple(shape)), output, overlap

    def predict(self, inputs: Any) -> list[Detections]:
        """What is found in pictures (N, 3, H, W); boxes in pixels of their files where they are `Framed`.

        Raises:
            PictureError: they are not as `input.encode` makes them.
        """
        pixels = torch.as_tensor(np.asarray(self.input.encoded(inputs)))
        found = []
        for some in pixels.split(PORTION):
            maps = batched(self.model, some.contiguous(memory_format=torch.channels_last), PORTION)
            found += decode(maps, least=LEAST_SCORE, overlap=self.overlap)
        return [
            detections(inputs, picture, *(part.numpy() for part in one))
            for picture, one in zip(pixels.numpy(), found, strict=True)
        ]


S = TypeVar("S", bound=DetectionSettings)


class Detection(Task[S, Tensor, Detections], Generic[S]):
    """A task that finds objects. It says its data in `load_named` and what people call them in `words`.

    Attributes:
        words: see `Boxes`.
        local: whether the ground is uneven, as a photo is, for the baseline by components.
    """

    metric: ClassVar[Metric] = AP50
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_PICTURES,)
    split_settings: ClassVar[Collection[str] | None] = ("pictures", "size", "split_seed")
    says: ClassVar[str] = "its average precision is **{value}** on {count} unseen {things}"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    live: ClassVar[int] = 60
    code: ClassVar[Sequence[Any]] = (centernet_loss, decode, moved)
    words: ClassVar[Mapping[str, tuple[str, str]]] = {}
    local: ClassVar[bool] = False

    def load(self, settings: S, source: str | None) -> DetectionSplit:
        """A named set, or a folder with pictures and boxes in the format of Pascal VOC."""
        folder = located(self.sources, source)
        if isinstance(folder, Source):
            return self.load_named(settings, folder)
        if not folder.is_dir():
            raise unknown(self.sources, str(source))
        return split_of(boxed_images.load(folder, settings.size, settings.split_seed))

    def load_named(self, settings: S, source: Source) -> DetectionSplit:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def prepare(self, settings: S, split: Split[Tensor, Any], *, seed: int, device: torch.device) -> Training:
        """A `CenterNet` learns with AdamW from pictures that change each time."""
        assert isinstance(split, DetectionSplit)
        model = self._network(settings, split.classes).to(device)
        meta = {"settings": asdict(settings), "shape": split.shape, "classes": split.classes}
        predictor = self._detector(model, meta, settings)
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        pictures = (255 * split.train.inputs).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
        changes = Changes(
            mosaic=settings.mosaic,
            zoom=settings.zoom,
            mirror=settings.mirror,
            flip=settings.flip,
            colour=settings.colour,
        )
        return Training(
            learner=Supervised(
                model,
                optimizer,
                centernet_loss,
                schedule=schedule("cosine", settings.steps),
                clip=CLIP,
                autocast=multiplies_bfloat16(device),
            ),
            predictor=predictor,
            batches=BoxedBatches(
                pictures,
                split.train.targets.numpy(),
                batch_size=settings.batch_size,
                seed=seed,
                changes=changes,
                device=device,
            ),
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Detector:
        """The network of a checkpoint."""
        settings = settings_from(self, meta["settings"])
        model = self._network(settings, meta["classes"])
        model.load_state_dict(dict(tensors))
        return self._detector(model.eval(), meta, settings)

    def measure(
        self, predictor: Predictor[Tensor, Detections], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `detection_scores`."""
        output: Any = predictor.output
        return detection_scores(
            predictor.predict(examples.inputs), np.asarray(examples.targets), output.classes, output.threshold
        )

    def baselines(self, settings: S, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """Connected components with a nearest neighbour for their classes, and template matching."""
        assert isinstance(split, DetectionSplit)
        kinds = Scene(split.shape), Boxes(split.classes, settings.threshold, self.words)
        found = {
            "connected components": Components(split.train, *kinds, local=self.local),
            "template matching": TemplateMatching(split.train, *kinds),
        }
        return (
            dict(reversed(found.items())) if self.local else found
        )  # which is stronger depends on the ground

    def _network(self, settings: S, classes: Sequence[str]) -> CenterNet:
        return CenterNet(len(classes), channels=settings.channels, depth=settings.depth)

    def _detector(self, model: nn.Module, meta: Mapping[str, Any], settings: S) -> Detector:
        output = Boxes(tuple(meta["classes"]), settings.threshold, self.words)
        return Detector(model, meta["shape"], output, settings.overlap)


def split_of(found: BoxedImages, *, things: str = "pictures", synthetic: bool = False) -> DetectionSplit:
    """A split of pictures that have been read or made."""
    train, test = (
        Examples(
            torch.from_numpy(pixels.transpose(0, 3, 1, 2) / np.float32(255)).contiguous(),
            torch.from_numpy(boxes),
        )
        for pixels, boxes in (
            (found.train_images, found.train_boxes),
            (found.test_images, found.test_boxes),
        )
    )
    return DetectionSplit(
        train=train,
        test=test,
        about=About(found.name, things, found.source, synthetic, found.notes),
        classes=found.classes,
    )
