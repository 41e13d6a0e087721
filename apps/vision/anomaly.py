"""Find defects that nobody has shown it: a network that learned what good parts look like, and nothing else.

Blocks of a picture are hidden, and a U-Net says what is in them from what is around: the mean of each
pixel, and how sure it is (a masked autoencoder, He et al. 2022, with the blind spots of Krull et al. 2019).
That needs good parts alone. Where it is sure and wrong is strange. The threshold is chosen on good parts,
some of which were kept aside.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines.patches import PatchComponents, local_statistics
from sandbox.data import good_parts, photo_folder
from sandbox.data.good_parts import Part
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.anomaly import AUROC
from sandbox.metrics.anomaly_maps import strangeness_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.tasks.families.strangeness import StrangeFeatures, threshold_of
from sandbox.tasks.families.surprise import FillsIn, HiddenCrops, SurpriseInspector, hidden, likelihood
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.averaging import Averaged
from sandbox.training.schedules import warmup_cosine


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    square: int = setting(48, "side of a piece of texture that is tested on", low=32, high=64, unit="pixels")
    split_seed: int = setting(
        0, "decides where made defects are, and which of your own parts are unseen", low=0, high=LARGEST_SEED
    )
    steps: int = setting(700, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(16, "crops in a minibatch", low=1, high=MOST_EXAMPLES)
    crop: int = setting(32, "side of a crop", low=16, high=256, unit="pixels")
    light: float = setting(
        0.2, "how much brighter, darker, flatter or stronger a crop is made, as a share", low=0, high=1
    )
    channels: tuple[int, ...] = setting(
        (16, 24, 32),
        "filters of each level of the U-Net, from the finest down",
        low=1,
        high=512,
        count=(1, DEEPEST),
    )
    learning_rate: float = setting(
        0.003, "largest step size of Adam; it rises, then falls to 0 along a cosine", above=0, high=10
    )


@dataclass(frozen=True, kw_only=True)
class PartSplit(Split[NDArray[np.float32], Part]):
    """Good pictures (C, H, W) to learn from; unseen ones, good and bad.

    Attributes:
        aside: good pictures by which thresholds are chosen.
    """

    aside: Sequence[NDArray[np.float32]]


class Anomaly(Task[Settings, NDArray[np.float32], NDArray[np.float32]]):
    """Photos of parts into maps of what is strange in them."""

    title = "Can a network find a defect that it has never seen?"
    method: ClassVar[str] = "defects"
    metric: ClassVar[Metric] = AUROC
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings()}
    says: ClassVar[str] = "a bad part is stranger to it than a good one in **{value}** of the pairs"
    says_other: ClassVar[str] = "{name} reach **{value}**"
    live: ClassVar[int] = 70
    spoilt: ClassVar[int] = 70
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "channels": (8, 12)}
    split_settings: ClassVar[Collection[str] | None] = ("square", "split_seed")
    code: ClassVar[Sequence[Any]] = (FillsIn, hidden, likelihood)
    sources: ClassVar[Sequence[Source | OwnData]] = (
        *(
            Source(
                name,
                f"{name}, with made defects",
                "A real photo; what is learned from, kept aside and tested on shares no pixel.",
                synthetic=True,
            )
            for name in good_parts.TEXTURES
        ),
        OwnData(
            "my own parts",
            "A folder or a zip with at least 8 photos of good parts. Bad ones lie in a folder for each kind "
            "of defect, and are only tested on.",
            files=(".zip",),
            things="photos",
        ),
    )

    def load(self, settings: Settings, source: str | None) -> PartSplit:
        """A texture with made defects, or a folder of parts."""
        found, licence = named(self.sources, source), ""
        if found is not None:
            parts = good_parts.texture(found.name, settings.square, settings.split_seed)
            licence = good_parts.warped_textures.LICENCE
        else:
            folder = photo_folder.unpacked(typed_path(str(source)))
            if folder is None:
                raise unknown(self.sources, str(source))
            parts = good_parts.folder(folder, settings.split_seed)
        return PartSplit(
            train=Examples(parts.train),
            test=Examples(parts.test, parts.truth),
            about=About(parts.name, "pictures", licence, synthetic=parts.made, notes=parts.notes),
            aside=parts.aside,
        )

    def prepare(
        self, settings: Settings, split: Split[Any, Any], *, seed: int, device: torch.device
    ) -> Training:
        """The U-Net learns to fill in; the threshold is what hardly a good part reaches."""
        assert isinstance(split, PartSplit)
        train = split.train.inputs
        if min(min(one.shape[1:]) for one in train) < settings.crop:
            raise UserError(f"A good part is smaller than {settings.crop} pixels; choose a smaller --crop.")
        meta = {"colours": train[0].shape[0], "channels": settings.channels}
        model = FillsIn(**meta).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)

        def settle(network: nn.Module) -> None:
            assert isinstance(network, FillsIn)
            network.threshold.fill_(threshold_of(SurpriseInspector(network), train, split.aside))

        learner = Averaged(
            model,
            torch.optim.Adam(model.parameters(), lr=settings.learning_rate),
            likelihood,
            schedule=warmup_cosine(settings.steps),
            clip=1.0,
            settle=settle,
        )
        averaged: Any = learner.averaged
        return Training(
            learner=learner,
            predictor=SurpriseInspector(averaged, learner.model_state),
            batches=HiddenCrops(
                train,
                side=settings.crop,
                batch_size=settings.batch_size,
                light=settings.light,
                seed=seed,
                device=device,
            ),
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> SurpriseInspector:
        """The network of a checkpoint."""
        model = FillsIn(int(meta["colours"]), tuple(meta["channels"]))
        model.load_state_dict(dict(tensors))
        return SurpriseInspector(model.eval())

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """See `anomaly_scores`."""
        return strangeness_scores(predictor.predict(examples.inputs), examples.targets)

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """What principal components leave of a patch; how far local statistics are from good ones."""
        assert isinstance(split, PartSplit)
        of = split.train.inputs, split.aside
        return {
            "principal components": PatchComponents(*of),
            "local statistics": StrangeFeatures(local_statistics, *of),
        }


TASK = Anomaly()
