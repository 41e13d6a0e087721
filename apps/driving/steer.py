"""Drive by what a camera sees: clone the hand-written driver of `sandbox/Driving-v0`, then DAgger.

The camera is behind the windscreen. The network says how far to turn the front wheels and how fast to drive;
pedals and a speedometer do the rest. It also marks the road and the own lane, which is learned from what the
environment has drawn where. The driver who is imitated knows the true state: where the car is on the
road, how the road goes on, and the distance and speed of the car ahead.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.tasks.families.steering import OWN_DRIVE, RoadFrames, SteeringSettings, SteeringTask
from sandbox.tasks.families.steering_network import in_weather
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Split
from sandbox.training.dagger import Act, Parts

CLONED_CARS, CLONED_EVERY = 16, 5
"""Cars that are driven side by side to be cloned, and steps of 0.1 s between their frames."""
MET_CARS, MET_EVERY = 8, 2
UNSEEN, UNSEEN_CARS, UNSEEN_EVERY = 600, 60, 20
"""Test frames, at most; from so many roads."""
SWAY, KEPT = 0.6, 0.9
"""Degrees by which hands wander off in a step, and the share that is left of it in the next: about 1.4°."""
TEST_SEED, LARGEST = 500_000, 400_000
"""Of the test roads, and below which those of training roads are; agents are evaluated from 1,000,000 on."""


class Steer(SteeringTask):
    """The camera drives."""

    title = "Can a network drive by what a camera sees?"
    method = "driving by camera"
    presets: ClassVar[Mapping[str, SteeringSettings]] = {
        "dagger": SteeringSettings(),
        "clear": SteeringSettings(weather=0.0),
        "cloning": SteeringSettings(frames=6_400, rounds=0),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "dagger": "cloning, then DAgger, also in fog and at night",
        "clear": "the same in clear sight only",
        "cloning": "cloning only, as many frames",
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "driving",
            "roads of Driving",
            "Frames of a camera behind the windscreen, with what the hand-written driver does.",
            synthetic=True,
        ),
        OWN_DRIVE,
    )

    def load(self, settings: SteeringSettings, source: str | None) -> Split[Tensor, Any]:
        """Frames of the hand-written driver; the unseen ones of other roads, on which its hands wander."""
        found = located(self.sources, source)
        if not isinstance(found, Source):
            if not found.is_dir():
                raise unknown(self.sources, str(source))
            from apps.driving.roads import HEIGHT, WIDTH

            return self.load_drive(found, (3, HEIGHT, WIDTH))
        train, test = _cloned(settings.frames, settings.split_seed), _unseen(min(UNSEEN, settings.frames))
        return Split(
            train=RoadFrames(*train),
            test=RoadFrames(*test),
            about=About("simulated roads", "frames", synthetic=True),
        )

    def meet(self, settings: SteeringSettings, seed: int, round: int, act: Act) -> Parts:
        """The network drives on roads that no test has; the hands of every second car wander off.

        As large a share of the cars as of the frames drives in fog or at night, each by the weather of its
        own.
        """
        from apps.driving.roads import Roads

        cars = min(MET_CARS, settings.round_frames)
        chosen = _seed(settings.split_seed, seed, round)
        roads, hands = Roads(chosen, cars), Hands(chosen, SWAY * (np.arange(cars) % 2))
        weather = np.random.default_rng(chosen).random((cars, 3))
        inputs, targets, ground = [], [], []
        for step in range(-(-settings.round_frames // cars) * MET_EVERY):
            frames = torch.from_numpy(roads.frames())
            if step % MET_EVERY == 0:
                inputs.append(frames)
                targets.append(torch.from_numpy(roads.wanted()))
                ground.append(torch.from_numpy(roads.ground()))
            seen = frames / 255
            for car in np.flatnonzero(weather[:, 0] < settings.weather):
                seen[car : car + 1] = in_weather(seen[car : car + 1], *weather[car, 1:].tolist(), seed=step)
            roads.drive(hands.moved(act(seen).numpy()))
        return _together(settings.round_frames, inputs, targets, ground, marks=bool(settings.marks))


class Hands:
    """Hands on a wheel that wander off and come back: drivers come to places that are off their way.

    Args:
        seed: of how they wander.
        sway: by how many degrees in each step, of each car, (N,).
    """

    def __init__(self, seed: int, sway: NDArray[Any]) -> None:
        self._random, self._sway, self._off = np.random.default_rng(seed), sway, np.zeros(len(sway))

    def moved(self, wanted: NDArray[Any]) -> NDArray[Any]:
        """What is done, (N, 2), where that is wanted."""
        self._off = KEPT * self._off + self._sway * self._random.standard_normal(len(self._off))
        return wanted + np.stack([self._off, np.zeros_like(self._off)], 1)


@lru_cache(maxsize=1)
def _cloned(count: int, split_seed: int) -> Parts:
    """The driver's own frames, one car after the other, what it does, and what each pixel is."""
    cars = min(CLONED_CARS, count)
    return _recorded(_seed(split_seed), cars, count, CLONED_EVERY, sway=0.0)


@lru_cache(maxsize=2)
def _unseen(count: int) -> Parts:
    """Frames of other roads."""
    return _recorded(TEST_SEED, min(UNSEEN_CARS, count), count, UNSEEN_EVERY, sway=SWAY)


def _recorded(seed: int, cars: int, count: int, every: int, sway: float) -> Parts:
    from apps.driving.roads import Roads

    roads, hands = Roads(seed, cars), Hands(seed, np.full(cars, sway))
    inputs, targets, ground = [], [], []
    for step in range(-(-count // cars) * every):
        wanted = roads.wanted()
        if step % every == every - 1:
            inputs.append(torch.from_numpy(roads.frames()).float() / 255)
            targets.append(torch.from_numpy(wanted))
            ground.append(torch.from_numpy(roads.ground()))
        roads.drive(hands.moved(wanted))
    return _together(count, inputs, targets, ground)


def _together(
    count: int, inputs: list[Tensor], targets: list[Tensor], ground: list[Tensor], marks: bool = True
) -> Parts:
    parts = (inputs, targets, ground) if marks else (inputs, targets)
    return tuple(torch.cat(part)[:count] for part in parts)


def _seed(*numbers: int) -> int:
    """The seed of training roads."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0]) % LARGEST


TASK = Steer()
