"""Photos in, better photos out: what tasks share that repair or enlarge."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.data import damages, photo_folder, photos
from sandbox.data.damages import Damage
from sandbox.data.photo_crops import PhotoCrops
from sandbox.devices import multiplies_bfloat16
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.fidelity import PSNR, fidelity_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import LARGEST_SEED, MOST_STEPS, setting
from sandbox.tasks.families.photo_network import Block, build, keywords
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.repairer import NetworkRepairer
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

LIBRARY = Source(
    "library",
    "photos of scikit-image and scikit-learn",
    "20 photos that ship with the two libraries: faces, things, textures, tissue, sky. A third of the large "
    "ones is unseen.",
)
OWN_PHOTOS = OwnData(
    "my own photos",
    "A folder with photos, or a zip of it: at least two, one of them large enough to test on.",
    files=(".zip",),
    things="photos",
)
CLIP = 1.0
"""Largest norm of the gradient."""
TEST_SEED = 0
"""Of the damage to unseen photos, the same in every run."""


@dataclass(frozen=True, kw_only=True)
class PhotoSettings:
    """What can be chosen about the photos and about how a network learns to improve them."""

    side: int = setting(
        256,
        "the middle of each unseen photo is tested on, so many pixels high and wide; smaller photos are only "
        "learned from",
        low=32,
        high=1024,
    )
    split_seed: int = setting(0, "decides which third of the photos is unseen", low=0, high=LARGEST_SEED)
    steps: int = setting(3500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(8, "crops in a minibatch", low=1, high=4096)
    crop: int = setting(40, "side of a crop, in pixels", low=12, high=512)
    learning_rate: float = setting(
        0.002,
        "largest step size of Adam; it rises over the first tenth of the steps, then falls to 0",
        above=0,
        high=10,
    )
    channels: int = setting(32, "maps inside the network", low=1, high=1024)
    depth: int = setting(
        4, "residual blocks, of two convolutions each; of a U-Net its levels", low=1, high=64
    )
    precision: Literal["auto", "float32", "bfloat16"] = setting(
        "auto", "numbers to compute with; auto takes bfloat16 where the processor multiplies such numbers"
    )


@dataclass(frozen=True, kw_only=True)
class PhotoSplit(Split[Any, Tensor]):
    """Whole photos to learn from, bytes (C, H, W) each; damaged and clean middles of unseen ones.

    Attributes:
        names: of the unseen photos.
        damage: what happened to them.
    """

    names: tuple[str, ...]
    damage: Damage


S = TypeVar("S")


class ImageToImage(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that improves photos. It says which damage they have, and what else repairs it."""

    metric: ClassVar[Metric] = PSNR
    sources: ClassVar[Sequence[Source | OwnData]] = (LIBRARY, OWN_PHOTOS)
    live: ClassVar[int] = 100
    spoilt: ClassVar[int] = 3
    luminance: ClassVar[bool] = False
    """Whether of colour photos only the luminance is learned."""

    @abstractmethod
    def damage(self, settings: S) -> Damage:
        """What happens to the photos."""

    def colours(self, settings: S) -> int:
        """How many colours the network takes at once, 1 or 3."""
        return 1

    def block(self, settings: S) -> Block:
        """Which network."""
        return "subpixel"

    def load(self, settings: Any, source: str | None) -> PhotoSplit:
        """The libraries' photos, or those of a folder; split by photo, the unseen ones damaged once."""
        damage, colours = self.damage(settings), self.colours(settings)
        found = named(self.sources, source)
        if found is not None:
            read = photos.load(settings.side, settings.split_seed)
        else:
            folder = photo_folder.unpacked(typed_path(str(source)))
            if folder is None:
                raise unknown(self.sources, str(source))
            read = photo_folder.load(folder, settings.side, settings.split_seed)
        side = settings.side - settings.side % damage.factor
        clean = torch.stack([_middle(as_tensor(photo, colours), side) for photo in read.test]).float() / 255
        spoilt = damage.apply(clean, torch.Generator().manual_seed(TEST_SEED))
        return PhotoSplit(
            train=Examples([as_tensor(photo, colours) for photo in read.train]),
            test=Examples(spoilt, clean),
            about=About(read.name, "photos", read.source, notes=read.notes),
            names=tuple(photo.name for photo in read.test),
            damage=damage,
        )

    def prepare(self, settings: Any, split: Split[Any, Any], *, seed: int, device: torch.device) -> Training:
        """A residual network learns by the squared error, which PSNR counts."""
        assert isinstance(split, PhotoSplit)
        damage, colours, block = split.damage, self.colours(settings), self.block(settings)
        side = settings.crop - settings.crop % damage.factor
        known = [photo for photo in split.train.inputs if min(photo.shape[1:]) >= side]
        if not known:
            raise UserError(
                f"No photo to learn from is {side} pixels high and wide; choose a smaller --crop."
            )
        network = keywords(block, damage, colours, settings.channels, settings.depth)
        model = build(block, network, damage.missing).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        optimizer = torch.optim.Adam(
            model.parameters(), lr=settings.learning_rate, fused=device.type in ("cpu", "cuda")
        )
        low = settings.precision == "bfloat16"
        meta = {"block": block, "network": network, "damage": damage.to_json(), "colours": colours}
        return Training(
            learner=Supervised(
                model,
                optimizer,
                F.mse_loss,
                schedule=schedule("cosine", settings.steps),
                clip=CLIP,
                autocast=low or (settings.precision == "auto" and multiplies_bfloat16(device)),
                metrics=lambda outputs, clean: {"psnr": -10 * F.mse_loss(outputs.float(), clean).log10()},
            ),
            predictor=self.predictor_of(model, meta),
            batches=PhotoCrops(
                known, damage, side=side, batch_size=settings.batch_size, seed=seed, device=device
            ),
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> NetworkRepairer:
        """The network of a checkpoint."""
        damage = damages.from_json(meta["damage"])
        model = build(meta["block"], meta["network"], damage.missing)
        model.load_state_dict(dict(tensors))
        return self.predictor_of(model.eval(), meta)

    def predictor_of(self, model: torch.nn.Module, meta: Mapping[str, Any]) -> NetworkRepairer:
        """What answers with a network."""
        kind = DamagedPhoto(damages.from_json(meta["damage"]), meta["colours"])
        return NetworkRepairer(model, kind, luminance=self.luminance)

    def measure(
        self, predictor: Predictor[Tensor, NDArray[np.float32]], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `fidelity_scores`."""
        return fidelity_scores(list(examples.targets), list(predictor.predict(examples.inputs)))


def as_tensor(photo: photos.Photo, colours: int) -> Tensor:
    """Bytes (colours, H, W); grey is the luminance (ITU-R BT.601)."""
    if colours == 3:
        return torch.from_numpy(np.ascontiguousarray(photo.pixels.transpose(2, 0, 1)))
    return torch.from_numpy(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY))[None]


def _middle(photo: Tensor, side: int) -> Tensor:
    top, left = ((length - side) // 2 for length in photo.shape[1:])
    return photo[:, top : top + side, left : left + side]
