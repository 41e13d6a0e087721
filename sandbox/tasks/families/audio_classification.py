"""Recordings into classes: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.dynamic_time_warping import WarpedNeighbour
from sandbox.baselines.linear import Linear
from sandbox.baselines.on_features import OnFeatures
from sandbox.data import sound_folder
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import sounds
from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.data.log_mel import LogMel, normalised
from sandbox.errors import UserError
from sandbox.metrics.classification import ACCURACY, classification_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.tasks.families.picture_network import build, network
from sandbox.tasks.families.sound_network import Recogniser, in_shape, recogniser
from sandbox.tasks.families.sound_settings import SoundSettings
from sandbox.tasks.inputs.sound import Sound
from sandbox.tasks.loading import settings_from
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

AT_ONCE = 500
"""Sounds of which spectrograms are computed at a time."""
NEIGHBOURS = 400
"""Training recordings that the nearest neighbour is looked for among; warping time takes a while."""
OWN_SOUNDS = OwnData(
    "my own recordings",
    "A folder, or a zip of it, with a folder of recordings for each word, or names such as 7_anna_1.wav.",
    files=(".zip",),
    classes=sounds.ENDINGS,
    things="recordings",
    microphone="Say it six times or more, with a pause after each.",
)


@dataclass(frozen=True, kw_only=True)
class SoundSplit(Split[Tensor, Tensor]):
    """Waveforms (N, T) in [-1, 1] with the numbers of their classes (N,).

    Attributes:
        classes: names of the classes.
        rate: samples a second.
        speakers: who speaks in each unseen recording; empty names where nobody says.
    """

    classes: tuple[str, ...]
    rate: int
    speakers: Sequence[str] = ()

    @property
    def input(self) -> Sound:
        """How a recording is read."""
        return Sound(self.rate, self.train.inputs.shape[1])


class SoundClassifier:
    """A trained network with what it needs to read a recording.

    Attributes:
        model: makes scores (N, classes) of waveforms (N, T).
        input: how a recording is read.
        output: the names of the classes.
    """

    def __init__(self, model: Recogniser, input: Sound, classes: Sequence[str]) -> None:
        self.model, self.input, self.output = model, input, Probabilities(tuple(classes))

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Probabilities (N, classes) for waveforms (N, T)."""
        sounds = torch.as_tensor(np.asarray(inputs, np.float32))
        return batched(self.model, sounds, AT_ONCE).softmax(1).numpy()

    def spectrogram(self, wave: Any) -> Tensor:
        """What the network sees of a waveform (T,), (1, M, L)."""
        with torch.inference_mode():
            return self.model.spectrograms(torch.as_tensor(np.asarray(wave, np.float32))[None])[0]


S = TypeVar("S", bound=SoundSettings)


class AudioClassification(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task that sorts recordings into classes; its data are in `load_named`."""

    metric: ClassVar[Metric] = ACCURACY
    says: ClassVar[str] = "it understands **{value}** of {count} unseen {things}"
    says_other: ClassVar[str] = "{name} understands **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_SOUNDS,)
    split_settings: ClassVar[Collection[str] | None] = ("rate", "seconds", "held_out", "split_seed")

    def load(self, settings: S, source: str | None) -> SoundSplit:
        """A named set, or a folder of recordings; see `sound_folder`."""
        folder = located(self.sources, source)
        if isinstance(folder, Source):
            return split_of(self.load_named(settings, folder), settings, synthetic=folder.synthetic)
        if not folder.is_dir():
            raise unknown(self.sources, str(source))
        return split_of(self.load_folder(settings, folder), settings)

    def load_named(self, settings: S, source: Source) -> LabelledSounds:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load_folder(self, settings: S, folder: Any) -> LabelledSounds:
        """The recordings of a folder; for a named set that lies in one, too."""
        return sound_folder.load(folder, rate=settings.rate, samples=round(settings.rate * settings.seconds))

    def prepare(self, settings: S, split: Split[Tensor, Any], *, seed: int, device: torch.device) -> Training:
        """A network for pictures learns to read spectrograms, computed once, with AdamW."""
        assert isinstance(split, SoundSplit)
        front = LogMel(settings.rate, settings.bins)
        keywords = shaped(settings, in_shape(front, split.input.samples), len(split.classes))
        meta = {"settings": asdict(settings), "network": keywords, "samples": split.input.samples}
        meta |= {"classes": split.classes, "data": split.about.name}
        model = self.model(settings, keywords).to(device)
        # Channels last in memory: a third to a half less time for a step on a processor core.
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=device.type in ("cpu", "cuda"),
        )
        with torch.inference_mode():
            decibels = torch.cat([front(part) for part in split.train.inputs.split(AT_ONCE)])
        decibels = decibels.clone().to(device)  # outside of inference mode, or no gradient can pass
        return Training(
            learner=Supervised(
                model.listener,
                optimizer,
                lambda scores, labels: F.cross_entropy(
                    scores, labels, label_smoothing=settings.label_smoothing
                ),
                schedule=schedule("cosine", settings.steps),
                metrics=lambda scores, labels: {"accuracy": (scores.argmax(1) == labels).float().mean()},
            ),
            predictor=SoundClassifier(model, split.input, split.classes),
            batches=ShuffledBatches(
                decibels, split.train.targets.to(device), batch_size=settings.batch_size, seed=seed
            ),
            total=settings.steps,
            meta=meta,
        )

    def model(self, settings: S, keywords: Mapping[str, Any]) -> Recogniser:
        """The network of settings, or of a checkpoint.

        Raises:
            UserError: it cannot be built for such spectrograms.
        """
        try:
            reader = build(settings.block, keywords)
        except ValueError as error:
            raise UserError(f"This network cannot be built: {error}.") from error
        return recogniser(reader, rate=settings.rate, bins=settings.bins, voices=settings.voices)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> SoundClassifier:
        """The network of a checkpoint."""
        settings: Any = settings_from(self, meta["settings"])
        model = self.model(settings, meta["network"])
        model.listener.load_state_dict(dict(tensors))
        return SoundClassifier(model.eval(), Sound(settings.rate, meta["samples"]), meta["classes"])

    def measure(
        self, predictor: Predictor[Tensor, NDArray[np.float32]], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `classification_scores`."""
        return classification_scores(
            np.asarray(predictor.predict(examples.inputs)), np.asarray(examples.targets)
        )

    def baselines(self, settings: S, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """The nearest recording after warping time, and a straight cut through means of the spectrogram."""
        assert isinstance(split, SoundSplit)
        front, known = LogMel(settings.rate, settings.bins), split.train.some(NEIGHBOURS)
        output = Probabilities(split.classes)
        return {
            "nearest in warped time": WarpedNeighbour(
                front, known.inputs, known.targets, split.input, output
            ),
            "logistic regression": OnFeatures(
                lambda sounds: time_means(front, sounds),
                lambda rows: Linear(rows, split.train.targets.numpy(), split.input, output),
                split.train.inputs,
            ),
        }


def shaped(settings: SoundSettings, shape: tuple[int, int, int], classes: int) -> dict[str, Any]:
    """Arguments of the block. A `CNN` begins with larger steps, and halves pitch and time at each stage."""
    keywords = network(
        settings.block,
        shape,
        classes,
        channels=settings.channels,
        hidden=settings.hidden,
        dropout=settings.dropout,
    )
    if settings.block != "cnn":
        return keywords
    depth, side = len(settings.channels), min(shape[1:]) // 2
    pool = [2 if side >> stage >= 4 else 1 for stage in range(depth)]
    first = {"kernel": (5, *(3,) * (depth - 1)), "stride": (2, *(1,) * (depth - 1))}
    return {**keywords, **first, "pool": tuple(pool)}


def time_means(front: LogMel, sounds: Any, parts: int = 3) -> NDArray[np.float32]:
    """The mean strength of each region in each third of a clip, (N, parts * M)."""
    waves = torch.as_tensor(np.asarray(sounds, np.float32))
    with torch.inference_mode():
        pooled = [F.adaptive_avg_pool1d(normalised(front(part)), parts) for part in waves.split(AT_ONCE)]
    # A tenth of them, so that logistic regression is not too sure.
    return (0.1 * torch.cat(pooled)).flatten(1).numpy().astype(np.float32)


def split_of(found: LabelledSounds, settings: SoundSettings, *, synthetic: bool = False) -> SoundSplit:
    """A split of recordings that have been read, with a note on who is unseen."""
    train, test, told = found.split(settings.held_out, settings.split_seed)
    waves, labels = torch.from_numpy(found.waves), torch.from_numpy(found.labels)
    return SoundSplit(
        train=Examples(waves[train], labels[train]),
        test=Examples(waves[test], labels[test]),
        about=About(found.name, "words", found.source, synthetic, (told, *found.notes)),
        classes=found.classes,
        rate=found.rate,
        speakers=[found.speakers[int(i)] for i in test],
    )
