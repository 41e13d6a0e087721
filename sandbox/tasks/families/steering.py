"""Pictures from a car into what a driver does: behavioural cloning, then DAgger."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.lane_lines import HoughPursuit, SameEverywhere
from sandbox.blocks.cnn import CNN
from sandbox.corruptions import road
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.road import Road
from sandbox.tasks.outputs.steering import Steering
from sandbox.tasks.predictor import Predictor, batched
from sandbox.tasks.split import Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.dagger import Act, Dagger
from sandbox.training.schedules import warmup_cosine

SKY = 0.375
"""Share of a picture's rows, from the top, that the network does not look at: the sky."""
GRAIN = 3 / 255
"""Standard deviation of the noise of a camera's pixels, of 1."""
DENSEST, DARKEST = 8.0, 0.95
"""Fog and night in training at most, as `sandbox.corruptions.road` counts them."""

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
        0.0, "share of the frames that are learned from in fog or at night", low=0, high=1
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


class SteeringNetwork(nn.Module):
    """Angle (degrees) and speed (m/s) of pictures (B, 3, H, W) in [0, 1].

    Args:
        shape: of a picture.
        channels: filters of each convolution; each halves height and width.
        hidden: width of the dense layer.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, shape: Sequence[int], channels: Sequence[int], hidden: int) -> None:
        super().__init__()
        colours, height, width = shape
        self.top = round(SKY * height)
        kernels = (5, *[3] * (len(channels) - 1))
        self.body = CNN(
            (colours, height - self.top, width),
            channels,
            kernel=kernels,
            stride=2,
            hidden=(hidden,),
            out_dim=2,
        )
        self.register_buffer("mean", torch.tensor([0.0, 20.0]))
        self.register_buffer("scale", torch.tensor([1.5, 8.0]))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B 2"]:
        """Without the sky."""
        return self.mean + self.scale * self.body(self.prepared(x))

    def prepared(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W"]:
        """Pictures as the convolutions take them: without the sky, around 0."""
        return 4 * (x[:, :, self.top :] - 0.5)

    def loss(self, outputs: Float[Tensor, "B 2"], targets: Float[Tensor, "B 2"]) -> Tensor:
        """The absolute error of both, rounded at 0, in the same scale as they are learned."""
        return F.smooth_l1_loss(outputs / self.scale, targets / self.scale, beta=0.3)


class Steerer:
    """A trained network.

    Attributes:
        model: makes angles and speeds of pictures.
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, model: SteeringNetwork, shape: Sequence[int]) -> None:
        self.model, self.input, self.output = model, Road(tuple(shape)), Steering()

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Answers (N, 2) for pictures (N, 3, H, W)."""
        return batched(
            self.model, torch.from_numpy(np.asarray(self.input.encoded(inputs), np.float32))
        ).numpy()


class SteeringTask(Task[Any, Tensor, NDArray[np.float32]]):
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
    }
    split_settings: ClassVar[Collection[str] | None] = ("frames", "split_seed")
    code: ClassVar[Sequence[Any]] = (Dagger, SteeringNetwork)

    @abstractmethod
    def meet(self, settings: Any, seed: int, round: int, act: Act) -> tuple[Tensor, Tensor]:
        """Let a network drive: frames (N, 3, H, W) u8 that it came to, and what the driver would have done.

        Args:
            settings: of the training.
            seed: decides on which roads.
            round: counted from 1.
            act: answers (N, 2) of the network for pictures (N, 3, H, W) in [0, 1].
        """

    def prepare(
        self, settings: Any, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """A network of convolutions learns with AdamW."""
        shape = tuple(split.train.inputs.shape[1:])
        keywords = {"shape": shape, "channels": tuple(settings.channels), "hidden": settings.hidden}
        model = SteeringNetwork(**keywords).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        learner = Dagger(
            model,
            torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=1e-3),
            model.loss,
            examples=(
                (255 * split.train.inputs).round().to(torch.uint8),
                torch.as_tensor(split.train.targets),
            ),
            meet=partial(self.meet, settings, seed),
            rounds=settings.rounds,
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
        """`angle_error` in degrees and `speed_error` in m/s: mean absolute differences from the driver."""
        wrong = np.abs(np.asarray(predictor.predict(examples.inputs)) - np.asarray(examples.targets))
        return {"angle_error": PerExample(wrong[:, 0]), "speed_error": PerExample(wrong[:, 1])}

    def baselines(self, settings: Any, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Lane lines by the Hough transform with pure pursuit at the mean speed; and always the same."""
        mean = np.asarray(split.train.targets).mean(0)
        input, output = Road(tuple(split.train.inputs.shape[1:])), Steering()
        return {
            "Hough lines and pure pursuit": HoughPursuit(float(mean[1]), input, output),
            "straight on at the mean speed": SameEverywhere((0.0, mean[1]), input, output),
        }


def changed(
    frames: Tensor, targets: Tensor, generator: torch.Generator, *, light: float, weather: float
) -> tuple[Tensor, Tensor]:
    """Frames u8 as pictures in [0, 1]: half of them mirrored, all of other light, some in fog or at night.

    Args:
        frames: (B, 3, H, W).
        targets: (B, 2).
        generator: decides all of it.
        light: see `SteeringSettings`.
        weather: likewise.
    """
    count = len(frames)
    mirrored = torch.rand(count, generator=generator) < 0.5
    pictures = torch.where(mirrored[:, None, None, None], frames.flip(3), frames) / 255
    targets = torch.stack([torch.where(mirrored, -targets[:, 0], targets[:, 0]), targets[:, 1]], 1)
    for i in torch.nonzero(torch.rand(count, generator=generator) < weather).ravel().tolist():
        which, amount = torch.rand(2, generator=generator).tolist()
        seed = int(torch.randint(2**31, (), generator=generator))
        one = pictures[i : i + 1]
        one[:] = (
            road.fog(one, amount * DENSEST, seed) if which < 0.5 else road.night(one, amount * DARKEST, seed)
        )
    gain = 1 + light * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
    noise = GRAIN * torch.randn(pictures[:1].shape, generator=generator)  # the same in a batch, for speed
    return (gain * pictures + noise).clamp_(0, 1), targets
