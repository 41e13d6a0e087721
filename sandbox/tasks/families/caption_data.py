"""Pictures with captions: settings of a training, made scenes, given pictures, and minibatches of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sandbox.data import described_scenes
from sandbox.data.augment import Flips, flip
from sandbox.data.batches import ShuffledBatches
from sandbox.data.letterbox import Letterbox
from sandbox.data.subwords import Vocabulary
from sandbox.errors import UserError
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.attending_writer import PADDING
from sandbox.tasks.families.caption_network import begun
from sandbox.tasks.split import About, Examples, Split


@dataclass(frozen=True, kw_only=True)
class CaptionSettings:
    """What can be chosen about a training, and about captions with what was learned."""

    size: int = setting(48, "side of the pictures", low=16, high=256, unit="pixels")
    scenes: int = setting(400, "unseen scenes that are made to test on", low=20, high=MOST_EXAMPLES)
    objects: int = setting(3, "objects of a made scene, at most", low=1, high=9)
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
    paths: int = setting(2, "2 paths see form and colour apart, 1 path sees both at once", low=1, high=2)
    dropout: float = setting(0.0, "chance of zeroing a number, against learning by heart", low=0, below=1)
    flips: Flips = setting("none", "mirror pictures while training, if captions name no places")
    steps: int = setting(2200, "minibatches to learn from", low=1, high=MOST_STEPS)
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

    def check_together(self) -> None:
        """Refuse more convolutions than the pictures can be halved.

        Raises:
            UserError: there are.
        """
        if self.size < 2 ** len(self.channels):
            raise UserError(
                f"{len(self.channels)} convolutions are too many for pictures of {self.size} pixels: name "
                "fewer channels, or raise size."
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
            most=some.objects,
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
        self.pictures = pictures.to(device)
        self.flips: Flips = settings.flips
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
                most=settings.objects,
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
