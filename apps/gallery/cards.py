"""What a card says of an environment: all of it from the environment's file and its preset's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from gymnasium import spaces

import envs
from envs.engine import overview
from envs.engine.canvas import PygameCanvas
from envs.engine.canvas.images import png
from envs.engine.core.batch import Batch
from envs.engine.environment import Environment
from sandbox import registry

WIDTH, HEIGHT = 320, 240
"""Of every picture, in pixels; what is narrower or lower stands in the middle."""
PLAYED = 40
"""Steps of the hand-written player before the picture is taken, at most: rules run as plain Python here."""


@dataclass(frozen=True)
class Card:
    """One environment.

    Attributes:
        name: its file's name.
        title: as people say it: `Mountain car`.
        goal: the first sentence of its rules.
        sees: what an agent observes.
        does: what it can do.
        preset: the first sentence of its preset: how well an agent does after how long; empty without one.
        playable: whether it has keys for a person.
    """

    name: str
    title: str
    goal: str
    sees: str
    does: str
    preset: str
    playable: bool

    def matches(self, words: str) -> bool:
        """Whether all words are somewhere on it."""
        text = " ".join((self.name, self.title, self.goal, self.sees, self.does, self.preset)).lower()
        return all(word in text for word in words.lower().split())


def cards() -> list[Card]:
    """A card for each environment of `envs/`."""
    return [card_of(name) for name in envs.names()]


@lru_cache(maxsize=256)
def card_of(name: str) -> Card:
    """The card of one environment."""
    environment = envs.find(name)
    return Card(
        name=name,
        title=_title(name),
        goal=environment.goal,
        sees=_sees(environment.observation_space),
        does=_does(environment),
        preset=_preset(name),
        playable=bool(environment.keys),
    )


@lru_cache(maxsize=256)
def picture(name: str) -> bytes:
    """An early moment of an episode of its hand-written player, as PNG."""
    environment = envs.find(name)
    width, height = environment.size
    canvas = PygameCanvas(environment.size, min(WIDTH / width, HEIGHT / height))
    batch = Batch(environment, 1, backend="python")
    overview.play(batch, overview.play(batch, PLAYED) // 2)
    environment.draw(batch.states[0], batch.params, canvas)
    rows, columns = canvas.pixels.shape[:2]
    whole = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    whole[:] = canvas.pixels[0, 0]  # as if the picture went on
    top, left = (HEIGHT - rows) // 2, (WIDTH - columns) // 2
    whole[top : top + rows, left : left + columns] = canvas.pixels
    return png(whole)


def _title(name: str) -> str:
    title = name.replace("_", " ").capitalize()
    for plain, written in (("Minatar", "MinAtar"), ("Cartpole", "CartPole")):
        title = title.replace(plain, written)
    return title


def _sees(space: spaces.Space) -> str:
    if isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3:
        rows, columns, channels = space.shape
        return f"sees {rows}x{columns} cells, {channels} layers"
    if isinstance(space, spaces.Discrete):
        return f"sees which of {space.n} places"
    count = int(np.prod(space.shape or (1,)))
    return f"sees {count} number{'s' * (count != 1)}"


def _does(environment: Environment) -> str:
    space = environment.action_space
    if isinstance(space, spaces.Discrete):
        return f"{space.n} actions"
    if isinstance(space, spaces.Box):
        count = int(np.prod(space.shape))
        return f"{count} dial{'s' * (count != 1)}"
    return "several actions at once"


def _preset(name: str) -> str:
    """The first line of the preset's docstring, behind the environment's name."""
    entry = next((entry for entry in registry.presets() if entry.name == name), None)
    said = "" if entry is None else entry.about.partition(": ")[2] or entry.about
    return said[:1].upper() + said[1:]
