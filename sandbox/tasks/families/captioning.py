"""Pictures into sentences: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.nearest_caption import NearestCaption
from sandbox.data import photo_folder, subwords
from sandbox.data.formats import described_images
from sandbox.data.subwords import Vocabulary
from sandbox.metrics.facts import FACTS, fact_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.families.attending_writer import PADDING
from sandbox.tasks.families.caption_data import (
    CaptionSettings,
    CaptionSplit,
    GivenPictures,
    MadeScenes,
    framed,
)
from sandbox.tasks.families.caption_network import CaptionNetwork, Describer
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

OWN_CAPTIONS = OwnData(
    "my own pictures",
    "A folder, or a zip of it, with pictures and a CSV file with a picture's name and its caption in each "
    "row.",
    files=(".zip",),
    things="pictures with captions",
)


class Captioning(Task[CaptionSettings, Tensor, str]):
    """A task that says what is in pictures; it says its data in `load_named`."""

    metric: ClassVar[Metric] = FACTS
    says: ClassVar[str] = "it says **{value}** of the facts of {count} unseen {things} correctly"
    says_other: ClassVar[str] = "{name} **{value}**"
    live: ClassVar[int] = 100
    spoilt: ClassVar[int] = 100
    tiny: ClassVar[Mapping[str, Any]] = {
        "size": 32,
        "scenes": 40,
        "objects": 1,
        "steps": 260,
        "batch_size": 8,
        "channels": (8, 8),
        "hidden": 64,
        "embedding": 16,
        "beam": 1,
        "learning_rate": 0.01,
    }
    split_settings: ClassVar[Collection[str] | None] = ("size", "scenes", "objects", "split_seed")
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_CAPTIONS,)

    def load_named(self, settings: CaptionSettings, source: Source) -> CaptionSplit:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load_folder(self, settings: CaptionSettings, folder: Path) -> CaptionSplit:
        """A folder of pictures and a table of their captions."""
        found = described_images.load(folder, settings.split_seed)
        train, test = (
            Examples(torch.stack([framed(one, settings.size) for one in pictures]), captions)
            for pictures, captions in (found.part(unseen) for unseen in (False, True))
        )
        return CaptionSplit(train=train, test=test, about=About(found.name, "pictures", notes=found.notes))

    def load(self, settings: CaptionSettings, source: str | None) -> CaptionSplit:
        """A named set, or a folder of pictures with a table of their captions."""
        path = located(self.sources, source)
        if isinstance(path, Source):
            return self.load_named(settings, path)
        folder = photo_folder.unpacked(path)
        if folder is None:
            raise unknown(self.sources, str(source))
        return self.load_folder(settings, folder)

    def prepare(
        self, settings: CaptionSettings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Find the words, and build the network."""
        assert isinstance(split, CaptionSplit)
        captions = [list(several) for several in split.train.targets]
        text = "\n".join(f" {caption}" for several in captions for caption in several)
        vocabulary = subwords.learn(text, settings.vocabulary)
        size = split.train.inputs.shape[-1]
        meta = {
            "network": {
                "side": size,
                "channels": settings.channels,
                "hidden": settings.hidden,
                "embedding": settings.embedding,
                "paths": settings.paths,
                "dropout": settings.dropout,
            },
            "vocabulary": vocabulary.to_json(),
            "beam": settings.beam,
            "data": split.about.name,
        }
        model = CaptionNetwork(len(vocabulary), **meta["network"]).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        batches = (
            MadeScenes(settings, vocabulary, seed, device)
            if split.made
            else GivenPictures(split.train.inputs, captions, vocabulary, settings, seed, device)
        )
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(),
                    lr=settings.learning_rate,
                    weight_decay=settings.weight_decay,
                    fused=device.type in ("cpu", "cuda"),
                ),
                lambda scores, wanted: F.cross_entropy(
                    scores.flatten(0, 1), wanted.flatten(), ignore_index=PADDING
                ),
                schedule=warmup_cosine(settings.steps),
                clip=settings.clip,
            ),
            predictor=Describer(model, vocabulary, (3, size, size), settings.beam),
            batches=batches,
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Describer:
        """The network of a checkpoint."""
        vocabulary = Vocabulary.from_json(meta["vocabulary"])
        model = CaptionNetwork(len(vocabulary), **meta["network"])
        model.load_state_dict(dict(tensors))
        side = int(meta["network"]["side"])
        return Describer(model.eval(), vocabulary, (3, side, side), int(meta["beam"]))

    def measure(
        self, predictor: Predictor[Tensor, str], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """See `fact_scores`."""
        return fact_scores(list(predictor.predict(examples.inputs)), examples.targets)

    def baselines(
        self, settings: CaptionSettings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, str]]:
        """The caption of the most similar known picture."""
        input = Image(tuple(split.train.inputs.shape[1:]))
        captions = [several[0] for several in split.train.targets]
        return {"nearest picture's caption": NearestCaption(split.train.inputs, captions, input)}
