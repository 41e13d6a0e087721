"""Pictures into sentences: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.nearest_caption import NearestCaption
from sandbox.data import described_scenes, photo_folder, subwords
from sandbox.data.augment import Flips, flip
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import described_images
from sandbox.data.letterbox import Letterbox
from sandbox.data.subwords import Vocabulary
from sandbox.metrics.facts import FACTS, fact_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.attending_writer import PADDING
from sandbox.tasks.families.caption_network import CaptionNetwork, Describer, begun
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


@dataclass(frozen=True, kw_only=True)
class CaptionSettings:
    """What can be chosen about a training, and about captions with what was learned."""

    size: int = setting(48, "side of the pictures", low=16, high=256, unit="pixels")
    scenes: int = setting(400, "unseen scenes that are made to test on", low=20, high=MOST_EXAMPLES)
    vocabulary: int = setting(300, "different words or pieces of words, at most", low=30, high=20_000)
    channels: tuple[int, ...] = setting(
        (24, 48, 64, 64),
        "filters of each convolution; each but the last halves height and width",
        low=1,
        high=512,
        count=(1, 6),
    )
    hidden: int = setting(128, "numbers in each state", low=2, high=WIDEST)
    embedding: int = setting(48, "numbers that a word is read as", low=1, high=WIDEST)
    paths: int = setting(2, "2 to see form and colour apart, 1 to see them in one", low=1, high=2)
    word_noise: float = setting(
        0.4, "chance that a word so far is another caption's, so that the picture counts", low=0, below=1
    )
    dropout: float = setting(0.0, "chance of zeroing a number, against learning by heart", low=0, below=1)
    flips: Flips = setting("none", "mirror pictures while training; where a caption says no places")
    steps: int = setting(1800, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(16, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.003, "largest step size of AdamW; it rises, then falls to 0 along a cosine", above=0, high=10
    )
    weight_decay: float = setting(0.01, "pull of AdamW towards small weights", low=0, high=10)
    clip: float = setting(1.0, "largest norm of the gradient", above=0, high=1e6)
    beam: int = setting(2, "beginnings that are kept while it searches for a caption", low=1, high=50)
    split_seed: int = setting(
        0, "decides which pairs of shape and colour, or pictures, are unseen", low=0, high=LARGEST_SEED
    )


@dataclass(frozen=True, kw_only=True)
class CaptionSplit(Split[Tensor, Sequence[str]]):
    """Pictures (N, 3, H, W) with all their known captions.

    Attributes:
        made: whether new scenes are made while it learns.
    """

    made: bool = False


class MadeScenes:
    """Minibatches of new scenes, each a function of the seed and the step alone."""

    def __init__(
        self, settings: CaptionSettings, vocabulary: Vocabulary, seed: int, device: torch.device
    ) -> None:
        self.settings, self.vocabulary, self.seed, self.device = settings, vocabulary, seed, device

    def __call__(self, step: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Pictures (B, 3, H, W) with captions so far (B, T), and the tokens that come next (B, T)."""
        some = self.settings
        pictures, captions = described_scenes.scenes(
            some.batch_size,
            (self.seed, 2, step),
            some.size,
            unseen=False,
            split_seed=some.split_seed,
        )
        written, wanted = (part.to(self.device) for part in begun(self.vocabulary, captions))
        return (_shares(pictures).to(self.device), written), wanted


class GivenPictures:
    """Shuffled minibatches of pictures with one of their captions each."""

    def __init__(
        self,
        pictures: Tensor,
        captions: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        settings: CaptionSettings,
        seed: int,
        device: torch.device,
    ) -> None:
        rows = [(row, caption) for row, several in enumerate(captions) for caption in several]
        written, wanted = begun(vocabulary, [caption for _, caption in rows])
        self.pictures, self.flips = pictures.to(device), settings.flips
        self.batches = ShuffledBatches(
            torch.tensor([row for row, _ in rows], device=device),
            written.to(device),
            wanted.to(device),
            batch_size=settings.batch_size,
            seed=seed,
        )

    def __call__(self, step: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """As `MadeScenes`."""
        rows, written, wanted = self.batches(step)
        longest = int((wanted != PADDING).sum(1).max())
        pictures = self.pictures[rows]
        pictures = flip(pictures, self.flips) if self.flips != "none" else pictures
        return (pictures, written[:, :longest]), wanted[:, :longest]


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
        "steps": 60,
        "batch_size": 16,
        "channels": (8, 16, 16),
        "hidden": 32,
        "embedding": 16,
        "beam": 1,
        "learning_rate": 0.01,
    }
    split_settings: ClassVar[Collection[str] | None] = ("size", "scenes", "split_seed")
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
                "word_noise": settings.word_noise,
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


def made(settings: CaptionSettings, known: int) -> CaptionSplit:
    """Scenes of shapes; all objects of unseen ones are of pairs of shape and colour that are held out."""
    train, test = (
        Examples(_shares(pictures), [(caption,) for caption in captions])
        for pictures, captions in (
            described_scenes.scenes(
                count,
                (settings.split_seed, int(unseen)),
                settings.size,
                unseen=unseen,
                split_seed=settings.split_seed,
            )
            for count, unseen in ((known, False), (settings.scenes, True))
        )
    )
    about = About("scenes of shapes", "scenes", "made by a program", synthetic=True)
    return CaptionSplit(train=train, test=test, about=about, made=True)


def framed(picture: Any, size: int) -> Tensor:
    """A picture (H, W) or (H, W, 3) in [0, 1] as a square (3, size, size), grey where it does not reach."""
    values = np.asarray(picture, np.float32)
    values = values if values.ndim == 3 else np.repeat(values[..., None], 3, 2)
    square = Letterbox.of((values.shape[0], values.shape[1]), (size, size)).picture(values)
    return torch.from_numpy(np.ascontiguousarray(square.transpose(2, 0, 1)).clip(0, 1))


def _shares(pictures: Any) -> Tensor:
    return torch.from_numpy(pictures.astype(np.float32) / np.float32(255))
