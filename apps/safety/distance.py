"""Keep people away from a machine: find both from above, measure the distance, raise the alarm.

By default the pictures are frames of the environment Work cell, so they are called synthetic. Eight of its 32
halls are in no training frame, and their light changes more. In films people are followed from frame
to frame. With `--data` it learns from your own pictures with boxes, in which one class is called `person`.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from sandbox.baselines.background_subtraction import BackgroundSubtraction
from sandbox.data.formats.boxed_images import BoxedImages
from sandbox.metrics.alarms import MISSED, alarm_scores
from sandbox.metrics.detection import AP50
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import setting
from sandbox.tasks.families.detection import OWN_PICTURES, Detection, DetectionSplit, Detector, split_of
from sandbox.tasks.families.detection_settings import DetectionSettings
from sandbox.tasks.inputs.scene import Scene
from sandbox.tasks.outputs.following import follow, nearest_in_films
from sandbox.tasks.outputs.separation import NOBODY, Separation
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Examples, Split

CLASSES = ("person", "robot", "gripper")
"""Those of the environment."""
FILMS = "apps.safety.work_cell_films"
"""What takes the frames; imported by name, so that an exported network answers without the environment."""
SECONDS = 0.2
"""Between two frames of a test film."""


@dataclass(frozen=True, kw_only=True)
class Settings(DetectionSettings):
    """What can be chosen about a training."""

    pictures: int = 2_400
    size: int = 192
    steps: int = 1000
    batch_size: int = 12
    learning_rate: float = 0.004
    channels: tuple[int, ...] = (24, 32, 48)
    mosaic: float = 0.0
    zoom: float = 0.1
    colour: float = 0.25
    flip: bool = False
    threshold: float = 0.5  # markings on an unseen floor reach 0.45, and one of them is an alarm
    frames: int = setting(100, "frames of each of the 64 test films, five a second", low=2, high=600)
    metres: float = setting(12.0, "width of what the pictures show, in metres", above=0, high=10_000)
    reach: float = setting(
        0.53, "metres between the middles of a person and the machine's tip when they touch", low=0, high=100
    )
    false_alarms: float = setting(
        1.0, "false alarms a minute that are put up with where alarms are judged", low=0, high=1_000
    )
    alarm: float = setting(0.5, "metres below which somebody is too close", low=0, high=1_000)


@dataclass(frozen=True)
class Filmed(Examples[Tensor, Tensor]):
    """Frames of films.

    Attributes:
        nearest: (N,), metres between the machine and the nearest person, as they really are.
        clips: (N,), which film each is of.
    """

    nearest: Any = None
    clips: Any = None

    def part(self, rows: slice) -> "Filmed":
        """The frames of a slice."""
        part = super().part(rows)
        return replace(self, **{**vars(part), "nearest": self.nearest[rows], "clips": self.clips[rows]})


class Distance(Detection[Settings]):
    """People, a robot and its gripper, with a CenterNet."""

    title = "Can a network see that somebody is too close to a machine?"
    method = "work cell"
    metric: ClassVar[Metric] = MISSED
    curve: ClassVar[Metric | None] = AP50
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "quick": Settings(pictures=600, frames=12),
        "best": Settings(pictures=4_800, steps=3_000, channels=(32, 48, 64)),
    }
    tiny: ClassVar[Mapping[str, Any]] = {
        "pictures": 96,
        "steps": 120,
        "size": 144,
        "batch_size": 8,
        "learning_rate": 0.008,
        "channels": (16,),
        "frames": 3,
        "threshold": 0.25,
        "false_alarms": 60.0,
    }
    spoilt: ClassVar[int] = 96
    split_settings = ("pictures", "size", "split_seed", "frames")
    says: ClassVar[str] = "it misses **{value}** of the alarms in {count} unseen {things}"
    says_other: ClassVar[str] = "{name} misses **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "work_cell",
            "frames of Work cell",
            "Drawn frames of a robot and people from above; the test films are of halls never seen.",
            synthetic=True,
        ),
        OWN_PICTURES,
    )
    words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "person": ("person", "people"),
        "robot": ("robot", "robots"),
        "gripper": ("gripper", "grippers"),
    }
    code: ClassVar[Sequence[Any]] = (*Detection.code, Separation, follow, alarm_scores)

    def load_named(self, settings: Settings, source: Source) -> DetectionSplit:
        """Frames of Work cell."""
        films = importlib.import_module(FILMS)
        train, test = films.films(settings.pictures, settings.frames, settings.split_seed, _shape(settings))
        found = BoxedImages(
            "frames of Work cell",
            CLASSES,
            train.images,
            train.boxes,
            test.images,
            test.boxes,
            "drawn by this project's environment Work cell",
        )
        split = split_of(found, things="frames", synthetic=True)
        return replace(split, test=_filmed(split.test, test))

    def measure(
        self, predictor: Predictor[Any, Any], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """Alarms missed and the error of the distance, then what detectors are judged by."""
        answered = _Answered(predictor, predictor.predict(examples.inputs))
        output: Any = predictor.output
        if isinstance(examples, Filmed):
            truth, clips = examples.nearest, examples.clips
            found: Any = nearest_in_films(output, answered.answers, clips, SECONDS)
        else:  # own pictures: each by itself, its distances those of its true boxes
            boxes, width = np.asarray(examples.targets), float(examples.inputs.shape[-1])
            each = (output.between(rows[:, :4], rows[:, 4], width) for rows in boxes)
            truth, clips = [float(row.min(initial=NOBODY)) for row in each], np.arange(len(boxes))
            found = [output.nearest(answer) for answer in answered.answers]
        alarms = alarm_scores(
            found, truth, clips, limit=output.alarm, seconds=SECONDS, allowed=output.false_alarms
        )
        return {**alarms, **super().measure(answered, examples)}

    def baselines(self, settings: Settings, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Background subtraction in the halls; in own pictures, what the family has."""
        assert isinstance(split, DetectionSplit)
        if tuple(split.classes) != CLASSES:
            found = super().baselines(settings, split)
            return {name: _Told(each, self._output(settings, split.classes)) for name, each in found.items()}
        height, width = split.shape[1:]
        films = importlib.import_module(FILMS)
        tip, foot = films.tip_and_foot(width)
        return {
            "background subtraction": BackgroundSubtraction(
                films.empty_halls((height, width)),
                foot,
                tip,
                Scene(split.shape),
                self._output(settings, CLASSES),
            )
        }

    def _detector(self, model: nn.Module, meta: Mapping[str, Any], settings: Settings) -> Detector:
        return Detector(model, meta["shape"], self._output(settings, meta["classes"]), settings.overlap)

    def _output(self, settings: Settings, classes: Sequence[str]) -> Separation:
        machine = next((name for name in reversed(classes) if name != "person"), "machine")
        return Separation(
            tuple(classes),
            settings.threshold,
            self.words,
            machine=machine,
            metres=settings.metres,
            reach=settings.reach,
            alarm=settings.alarm,
            false_alarms=settings.false_alarms,
        )


class _Answered:
    """A predictor whose answers are there already."""

    def __init__(self, predictor: Predictor[Any, Any], answers: Sequence[Any]) -> None:
        self.input, self.output, self.answers = predictor.input, predictor.output, answers

    def predict(self, inputs: Any) -> Sequence[Any]:
        """The answers."""
        return self.answers


class _Told:
    """A baseline of the family that tells distances as well."""

    def __init__(self, predictor: Predictor[Any, Any], output: Separation) -> None:
        self.predict, self.input = predictor.predict, predictor.input
        self.output = replace(output, threshold=getattr(predictor.output, "threshold", output.threshold))


def _shape(settings: Settings) -> tuple[int, int]:
    """Two thirds as high as wide, as the hall is, in whole cells of the network."""
    wide = max(48, settings.size // 48 * 48)
    return wide * 2 // 3, wide


def _filmed(examples: Examples[Tensor, Tensor], found: Any) -> Filmed:
    return Filmed(examples.inputs, examples.targets, torch.from_numpy(found.nearest), found.clips)


TASK = Distance()
