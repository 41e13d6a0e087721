"""Pictures from a car into what a driver does: behavioural cloning, then DAgger."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from sandbox.baselines.lane_lines import HoughPursuit, SameEverywhere
from sandbox.data.formats import driving_log
from sandbox.devices import device_of
from sandbox.files import path_text
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.metrics.segmentation import dice
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.steering_network import SteeringNetwork, changed
from sandbox.tasks.inputs.road import Road
from sandbox.tasks.outputs.steering import GROUND, Steered, Steering, ways
from sandbox.tasks.predictor import BATCH, Predictor, evaluating
from sandbox.tasks.source import OwnData
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.dagger import Act, Dagger, Parts
from sandbox.training.schedules import warmup_cosine

OWN_DRIVE = OwnData(
    "my own drive",
    "A folder, or a zip of it, of pictures in the order of the drive, and a table driving.csv with columns "
    "picture, angle (of the front wheels in degrees, left is positive) and speed (in m/s).",
    files=(".zip",),
    things="pictures",
)
HELD_OUT, GAP = 0.2, 0.02
"""Shares of one's own drive that are unseen, its end, and that are left out before it."""
CLONED = "Nobody can drive on in a recording, so the network only clones it."

ANGLE = Metric(
    "angle_error",
    "steering error",
    "°",
    higher_is_better=False,
    digits=2,
    help="How far the front wheels are turned wrongly on average. The hand-written driver, who "
    "knows where the car is, is right.",
    log=True,
)


@dataclass(frozen=True, kw_only=True)
class SteeringSettings:
    """What can be chosen about a training."""

    frames: int = setting(1_600, "frames of the hand-written driver to clone", low=16, high=100_000)
    rounds: int = setting(
        5, "rounds of DAgger: the network drives, the driver says what it should have done", low=0, high=100
    )
    round_frames: int = setting(960, "frames that a round adds", low=8, high=100_000)
    weather: float = setting(
        0.5, "share of the frames that are learned from in fog or at night", low=0, high=1
    )
    marks: float = setting(
        0.5,
        "weight of marking road and lane beside steering; 0 for a network that only steers",
        low=0,
        high=100,
    )
    split_seed: int = setting(0, "decides which roads there are to learn from", low=0, high=LARGEST_SEED)
    steps: int = setting(1_500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "frames in a minibatch", low=1, high=MOST_EXAMPLES)
    channels: tuple[int, ...] = setting(
        (16, 32, 48, 64), "filters of each convolution", low=1, high=1024, count=(1, DEEPEST)
    )
    hidden: int = setting(100, "width of the dense layer", low=1, high=WIDEST)
    learning_rate: float = setting(
        0.002, "largest step size of AdamW; it rises, then falls to 0 along a cosine", above=0, high=10
    )
    light: float = setting(
        0.15, "how much brighter or darker a frame may be made, as a share of its light", low=0, high=1
    )


@dataclass(frozen=True)
class RoadFrames(Examples[Tensor, Tensor]):
    """Frames whose pixels are known.

    Attributes:
        ground: (N, H, W) u8, of each pixel its class of `GROUND`; None where nobody knows it.
    """

    ground: Any = None

    def part(self, rows: slice) -> RoadFrames:
        """The frames of a slice."""
        part = super().part(rows)
        return replace(self, **{**vars(part), "ground": None if self.ground is None else self.ground[rows]})


class Steerer:
    """A trained network.

    Attributes:
        model: makes angles and speeds of pictures.
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, model: SteeringNetwork, shape: Sequence[int]) -> None:
        self.model, self.input, self.output = model, Road(tuple(shape)), Steering()

    def predict(self, inputs: Any) -> list[Steered]:
        """Answers for pictures (N, 3, H, W)."""
        pictures = torch.from_numpy(np.asarray(self.input.encoded(inputs), np.float32))
        with evaluating(self.model):
            return [one for part in pictures.split(BATCH) for one in self._answers(part)]

    def _answers(self, pictures: Tensor) -> list[Steered]:
        outputs = self.model(pictures.to(device_of(self.model)))
        if not isinstance(outputs, tuple):
            return [Steered(way) for way in outputs.float().cpu().numpy()]
        # Above what the network looks at there is no road.
        below = outputs[1].argmax(1).to(torch.uint8).cpu()
        ground = torch.nn.functional.pad(below, (0, 0, pictures.shape[2] - below.shape[1], 0)).numpy()
        return [Steered(*one) for one in zip(outputs[0].float().cpu().numpy(), ground, strict=True)]


class SteeringTask(Task[Any, Tensor, Steered]):
    """A task that drives a car by what a camera sees; it says its roads in `load` and `meet`."""

    metric: ClassVar[Metric] = ANGLE
    says: ClassVar[str] = "on {count} unseen {things} it steers **{value}** off the driver who knows the road"
    says_other: ClassVar[str] = "{name} **{value}**"
    live: ClassVar[int] = 300
    spoilt: ClassVar[int] = 200
    tiny: ClassVar[Mapping[str, Any]] = {
        "frames": 96,
        "rounds": 1,
        "round_frames": 256,
        "steps": 160,
        "batch_size": 32,
        "channels": (8, 16, 16),
        "hidden": 32,
        "learning_rate": 0.004,
        "weather": 0.2,
    }
    split_settings: ClassVar[Collection[str] | None] = ("frames", "split_seed")
    code: ClassVar[Sequence[Any]] = (Dagger, SteeringNetwork)

    @abstractmethod
    def meet(self, settings: Any, seed: int, round: int, act: Act) -> Parts:
        """Let a network drive: frames (N, 3, H, W) u8 that it came to, and what the driver would have done.

        Where the task marks road and lane, with what each pixel is, (N, H, W).

        Args:
            settings: of the training.
            seed: decides on which roads.
            round: counted from 1.
            act: answers (N, 2) of the network for pictures (N, 3, H, W) in [0, 1].
        """

    def load_drive(self, folder: Path, shape: Sequence[int]) -> Split[Tensor, Any]:
        """One's own drive; the end of it is unseen, for frames that follow each other are nearly the same.

        Args:
            folder: see `sandbox.data.formats.driving_log`.
            shape: of the pictures, as a network takes them.
        """
        drive = driving_log.load(folder, Road(tuple(shape)).encode)
        end = round((1 - HELD_OUT) * len(drive.pictures))
        learned = slice(None, end - round(GAP * len(drive.pictures)))
        pictures, answers = torch.from_numpy(drive.pictures), torch.from_numpy(drive.answers)
        return Split(
            train=Examples(pictures[learned], answers[learned]),
            test=Examples(pictures[end:], answers[end:]),
            about=About(
                path_text(folder.resolve().name), "frames", notes=(*drive.reading.sentences(), CLONED)
            ),
        )

    def prepare(
        self, settings: Any, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """A network of convolutions learns with AdamW."""
        shape = tuple(split.train.inputs.shape[1:])
        ground = getattr(split.train, "ground", None) if settings.marks else None
        keywords = {"shape": shape, "channels": tuple(settings.channels), "hidden": settings.hidden}
        if ground is not None:
            keywords["marks"] = settings.marks
        model = SteeringNetwork(**keywords).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        learner = Dagger(
            model,
            torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=1e-3),
            model.loss,
            examples=(
                (255 * split.train.inputs).round().to(torch.uint8),
                torch.as_tensor(split.train.targets),
                *(() if ground is None else (ground,)),
            ),
            meet=partial(self.meet, settings, seed),
            rounds=settings.rounds if split.about.synthetic else 0,
            total=settings.steps,
            batch_size=settings.batch_size,
            seed=seed,
            change=partial(changed, light=settings.light, weather=settings.weather),
            schedule=warmup_cosine(settings.steps),
            clip=1.0,
        )
        return Training(
            learner=learner,
            predictor=Steerer(model, shape),
            batches=learner.batches,
            total=settings.steps,
            meta={"network": keywords, "data": split.about.name},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Steerer:
        """The network of a checkpoint."""
        model = SteeringNetwork(**meta["network"])
        model.load_state_dict(dict(tensors))
        return Steerer(model.eval(), meta["network"]["shape"])

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """`angle_error` in degrees and `speed_error` in m/s: mean absolute differences from the driver.

        Where it is known what each pixel is, and the predictor says it, also `lane_iou` and `road_iou`:
        intersection over union of the own lane, and of all lanes together, per frame.
        """
        answers = predictor.predict(examples.inputs)
        wrong = np.abs(ways(answers) - np.asarray(examples.targets))
        found: dict[str, Scores] = {
            "angle_error": PerExample(wrong[:, 0]),
            "speed_error": PerExample(wrong[:, 1]),
        }
        truths = getattr(examples, "ground", None)
        if truths is None or any(answer.ground is None for answer in answers):
            return found
        for name in ("lane", "road"):
            least = GROUND.index(name)  # the lane is a part of the road, and comes after it
            overlap = np.array(
                [
                    dice(np.asarray(truth) >= least, answer.ground >= least)
                    for truth, answer in zip(truths, answers, strict=True)
                ]
            )
            found[f"{name}_iou"] = PerExample(overlap / (2 - overlap))
        return found

    def baselines(self, settings: Any, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Lane lines by the Hough transform with pure pursuit at the mean speed; and always the same.

        What is always the same is also what each pixel is: what it is most often.
        """
        mean = np.asarray(split.train.targets).mean(0)
        truths, usual = getattr(split.train, "ground", None), None
        if truths is not None:
            counts = [(np.asarray(truths) == kind).sum(0) for kind in range(len(GROUND))]
            usual = np.argmax(counts, 0).astype(np.uint8)
        input, output = Road(tuple(split.train.inputs.shape[1:])), Steering()
        return {
            "Hough lines and pure pursuit": HoughPursuit(float(mean[1]), input, output),
            "straight on at the mean speed": SameEverywhere(
                Steered(np.array([0.0, mean[1]], np.float32), usual), input, output
            ),
        }
