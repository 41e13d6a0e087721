"""Pictures of any size into masks, by a U-Net on random crops: what every task of this kind shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.baselines.watershed import is_dark
from sandbox.data.formats import masked_images
from sandbox.data.labelled_images import split_by_class
from sandbox.data.mask_crops import Change, MaskCrops
from sandbox.devices import device_of
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.scores import Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.tasks.families.mask_network import MaskNetwork, Objects, Regions, goal_from, goal_to_json
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.predictor import Predictor, evaluating
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

HELD_OUT = 0.3
"""Share of the pictures of one's own that is unseen."""
CLIP = 1.0
MOST_CLASSES = 32
"""In the masks of one's own pictures."""
OWN_MASKS = OwnData(
    "my own pictures with masks",
    "A folder, or a zip of it, with a folder images and a folder masks with files of the same names, or with "
    "name.png beside name_mask.png.",
    files=(".zip",),
    things="pictures",
)


@dataclass(frozen=True, kw_only=True)
class SegmentationSettings:
    """What can be chosen about a training."""

    split_seed: int = setting(
        0, "decides which pictures are unseen, and how made ones look", low=0, high=LARGEST_SEED
    )
    steps: int = setting(400, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(8, "crops in a minibatch", low=1, high=MOST_EXAMPLES)
    crop: int = setting(
        112, "side of the squares that are cut from the pictures", low=16, high=512, unit="pixels"
    )
    channels: tuple[int, ...] = setting(
        (16, 32, 64),
        "filters of each level of the U-Net, from the finest down",
        low=1,
        high=1024,
        count=(1, DEEPEST),
    )
    coarse: int = setting(
        2,
        "side of the squares of pixels that are read as one; 1 takes four times as long",
        low=1,
        high=8,
    )
    learning_rate: float = setting(
        0.005, "largest step size of AdamW; it rises, then falls to 0 along a cosine", above=0, high=10
    )
    zoom: float = setting(1.5, "factor by which crops are enlarged or made smaller at most", low=1, high=4)
    turn: bool = setting(
        True, "turn crops by any angle; else by quarters of a turn, which keeps fine texture sharp"
    )
    colour: float = setting(
        0.1, "how far brightness and each colour of a crop may go, as a share of full contrast", low=0, high=1
    )
    light: float = setting(
        0.3, "how much uneven light is added to a crop or taken away at most, likewise", low=0, high=2
    )


@dataclass(frozen=True, kw_only=True)
class MaskSplit(Split[NDArray[np.float32], NDArray[np.int32]]):
    """Photos (C, H, W) in [0, 1] with masks (H, W): lists, as each has a size of its own.

    Attributes:
        goal: what the masks say.
    """

    goal: Objects | Regions


class Segmenter:
    """A trained network with what it needs to read a photo.

    Attributes:
        model: makes maps of photos.
        goal: what the maps mean.
        input: how a photo is read.
        output: what is answered.
    """

    def __init__(self, model: MaskNetwork, goal: Objects | Regions, colours: int) -> None:
        self.model, self.goal = model, goal
        self.input, self.output = Photo(colours), goal.output

    def outputs(self, photo: Any) -> NDArray[np.float32]:
        """What the network says of a photo (C, H, W): maps (M, H, W)."""
        device = device_of(self.model)
        (whole,) = self.input.encoded([photo])
        with evaluating(self.model):
            return self.model(torch.from_numpy(contrasted(whole))[None].to(device))[0].float().cpu().numpy()

    def predict(self, inputs: Any) -> list[NDArray[np.int32]]:
        """The mask (H, W) of each photo (C, H, W), one after the other: each has a size of its own."""
        return [self.goal.answer(self.outputs(photo)) for photo in inputs]


S = TypeVar("S", bound=SegmentationSettings)
Masks = Examples[NDArray[np.float32], NDArray[np.int32]]


class Segmentation(Task[S, NDArray[np.float32], NDArray[np.int32]], Generic[S]):
    """A task that says of every pixel what it belongs to.

    A task says its data in `load_named`, and what the masks of one's own data mean in `own_goal`.

    Attributes:
        numbered: whether masks are of objects, see `masked_images.read_mask`.
        warnings: what is always said beside the figures, one sentence each.
    """

    numbered: ClassVar[bool] = True
    warnings: ClassVar[tuple[str, ...]] = ()
    live: ClassVar[int] = 14
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 80, "batch_size": 4, "crop": 48, "channels": (8, 16)}
    split_settings: ClassVar[Collection[str] | None] = ("split_seed",)

    def load_named(self, settings: S, source: Source) -> MaskSplit:
        """One of the task's `sources` by name."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def own_goal(
        self, masks: Sequence[NDArray[np.int32]]
    ) -> tuple[Objects | Regions, Sequence[NDArray[np.int32]]]:
        """What the masks of one's own pictures mean, and the masks in that meaning."""
        raise NotImplementedError(f"{type(self).__name__} takes no data of one's own")

    def load(self, settings: S, source: str | None) -> MaskSplit:
        """A named set, or a folder of pictures with masks, split by picture.

        Pictures on a dark ground and on a bright one are split apart, so that both are learned and tested.
        """
        folder = located(self.sources, source)
        if isinstance(folder, Source):
            return self.load_named(settings, folder)
        if not folder.is_dir():
            raise unknown(self.sources, str(source))
        return self.load_folder(settings, folder)

    def load_folder(self, settings: S, folder: Path) -> MaskSplit:
        """Pictures with masks of a folder.

        Raises:
            UserError: there are fewer than two, or nothing in the masks.
        """
        own = masked_images.load(folder, numbered=self.numbered)
        if len(own.pictures) < 2:
            raise UserError(f"{path_text(folder)} holds a single picture with a mask; it needs at least two.")
        goal, masks = self.own_goal(own.masks)
        photos = [photo_of(picture) for picture in own.pictures]
        kinds = np.array([is_dark(photo) for photo in photos], int)
        if min(np.bincount(kinds, minlength=2)) < 2:
            kinds[:] = 0
        train, test = (
            Examples([photos[int(i)] for i in rows], [masks[int(i)] for i in rows])
            for rows in split_by_class(kinds.tolist(), HELD_OUT, settings.split_seed)
        )
        name = path_text(folder.resolve().name)
        about = About(name, "pictures", notes=(*self.warnings, *own.reading.sentences()))
        return MaskSplit(train=train, test=test, about=about, goal=goal)

    def prepare(self, settings: S, split: Split[Any, Any], *, seed: int, device: torch.device) -> Training:
        """A U-Net learns with AdamW from crops that are turned, mirrored, zoomed and recoloured."""
        assert isinstance(split, MaskSplit)
        goal, train = split.goal, split.train
        colours = train.inputs[0].shape[0]
        keywords = {
            "colours": colours,
            "maps": len(goal.maps),
            "channels": settings.channels,
            "coarse": settings.coarse,
        }
        model = MaskNetwork(**keywords)
        model.begin(goal.prior)
        model.to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        crops = MaskCrops(
            [contrasted(photo).transpose(1, 2, 0) for photo in train.inputs],
            [goal.targets(mask) for mask in train.targets],
            side=settings.crop,
            batch_size=settings.batch_size,
            seed=seed,
            change=Change(
                zoom=settings.zoom, turn=settings.turn, colour=settings.colour, light=settings.light
            ),
        )
        optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
        return Training(
            learner=Supervised(
                model, optimizer, goal.loss, schedule=warmup_cosine(settings.steps), clip=CLIP
            ),
            predictor=Segmenter(model, goal, colours),
            batches=lambda step: tuple(tensor.to(device) for tensor in crops(step)),
            total=settings.steps,
            meta={"network": keywords, "goal": goal_to_json(goal), "data": split.about.name},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Segmenter:
        """The network of a checkpoint."""
        model = MaskNetwork(**meta["network"])
        model.load_state_dict(dict(tensors))
        # As in training: another order in memory adds up in another order, and undecided pixels flip.
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        return Segmenter(model.eval(), goal_from(meta["goal"]), meta["network"]["colours"])

    def measure(self, predictor: Predictor[Any, Any], examples: Masks) -> Mapping[str, Scores]:
        """See `object_scores` and `class_scores`."""
        output: Any = predictor.output
        goal = Regions(tuple(output.classes)) if output.classes else Objects(output.things)
        return goal.scores(examples.targets, predictor.predict(examples.inputs))


def photo_of(picture: NDArray[np.uint8]) -> Float[np.ndarray, "C H W"]:
    """Bytes (H, W, 3) or (H, W) as numbers in [0, 1], (C, H, W)."""
    return np.ascontiguousarray(np.atleast_3d(picture).transpose(2, 0, 1), np.float32) / np.float32(255)


def contrasted(photo: NDArray[np.float32]) -> NDArray[np.float32]:
    """A photo stretched to full contrast, all colours alike: a short exposure then looks like a long one."""
    low, high = np.percentile(photo, (0.5, 99.8))
    return ((photo - low) / max(float(high - low), 0.05)).clip(-0.2, 1.2).astype(np.float32)


def regions_of(masks: Sequence[NDArray[np.int32]]) -> tuple[Regions, list[NDArray[np.int32]]]:
    """A class for each number that is in masks, and the masks in these classes, from 0.

    Raises:
        UserError: there is a single number, or there are too many to be classes.
    """
    numbers = np.unique(np.concatenate([np.unique(mask) for mask in masks]))
    if not 2 <= len(numbers) <= MOST_CLASSES:
        raise UserError(
            f"The masks hold {len(numbers):,} different values; each is a class, so there must be 2 to "
            f"{MOST_CLASSES}. Numbered objects are learned by medical/nuclei."
        )
    found = [np.searchsorted(numbers, mask).astype(np.int32) for mask in masks]
    return Regions(tuple(f"value {number}" for number in numbers)), found
