"""Labelled camera frames of an environment: images with boxes, masks and distances, for vision to learn from.

Any environment that has `labels` (see `envs.engine.labels`) can be photographed: a few copies of it are
played, and every few steps each is drawn and its labels with it. Masks are drawn by the same polygon
filler as the picture, so they fit it to the pixel.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from envs.engine.camera import Camera
from envs.engine.canvas import PygameCanvas
from envs.engine.core.batch import Batch
from envs.engine.environment import Environment
from envs.engine.errors import BadParameter
from envs.engine.labels import Label

COPIES = 8
"""Copies of the environment that are played side by side; frames are taken of each in turn."""


@dataclass(frozen=True)
class Frame:
    """One picture and what is in it; `n` things, those of which at least `min_pixels` can be seen.

    Attributes:
        image: `(H, W, 3)` u8.
        boxes: `(n, 4)` f4: left, top, right, bottom in pixels around what is seen; the last two exclusive.
            0 for what is hidden.
        whole: `(n, 4)` f4: likewise around the whole thing, hidden or not; it may leave the picture.
        kinds: `(n,)` i8: index into `classes(environment)`.
        distances: `(n,)` f4: metres, as the environment's `labels` means them; nan for what has none.
        instances: `(H, W)` u1: 0 for background, `i + 1` where thing `i` is what can be seen.
    """

    image: np.ndarray
    boxes: np.ndarray
    whole: np.ndarray
    kinds: np.ndarray
    distances: np.ndarray
    instances: np.ndarray

    @property
    def masks(self) -> np.ndarray:
        """`(n, H, W)` bool: the pixels of each thing."""
        return self.instances == np.arange(1, len(self.kinds) + 1, dtype=np.uint8)[:, None, None]

    @property
    def class_map(self) -> np.ndarray:
        """`(H, W)` u1: 0 for background, else 1 + index into `classes(environment)`."""
        return np.concatenate([[0], self.kinds + 1]).astype(np.uint8)[self.instances]


def classes(environment: Environment) -> tuple[str, ...]:
    """Names of what is labelled in the frames of an environment.

    Raises:
        BadParameter: its frames are not labelled.
    """
    return tuple(_declared(environment, "CLASSES"))


def frames(
    environment: Environment,
    count: int,
    seed: int = 0,
    size: tuple[int, int] = (128, 128),
    *,
    params: Mapping[str, Any] | None = None,
    every: int = 8,
    explore: float = 0.1,
    light: float = 0.15,
    noise: float = 3.0,
    min_pixels: int = 6,
    through: Collection[str] = (),
) -> Iterator[Frame]:
    """Labelled frames of an environment that is played by its hand-written player, in one fixed order.

    Args:
        environment: one with `labels`, from `envs.find`.
        count: how many frames.
        seed: decides everything; the first frames of a longer sequence are those of a shorter one.
        size: height and width in pixels. A picture of another shape is cut to it, at a random place.
        params: parameters that differ from their defaults.
        every: steps between two frames of one copy.
        explore: share of random actions, so that unusual moments are seen too.
        light: brightness and the three colours each differ by up to this share from frame to frame.
        noise: standard deviation of the noise of single pixels, of 255.
        min_pixels: what shows fewer pixels is left out of the labels; with 0 what is hidden is in them, too.
        through: kinds that labels look through: they are in the picture, and what they hide is labelled.

    Raises:
        BadParameter: its frames are not labelled, or no such parameter.
    """
    labels, names = _declared(environment, "labels"), classes(environment)
    camera = Camera(environment, size)
    rng = np.random.default_rng(seed)
    sketch = PygameCanvas(environment.size, camera.scale)
    batch = Batch(environment, COPIES, params=params, max_episode_steps=environment.max_episode_steps)
    play = _player(batch, int(rng.integers(2**31)), explore, rng)
    for i in range(count):
        if i % COPIES == 0:
            for _ in range(every):
                play()
        state = batch.states[i % COPIES]
        present = [label for label in labels(state, batch.params) if label.kind not in through]
        things = _seen(present, names, sketch)
        corner = int(rng.integers(camera.spare[0] + 1)), int(rng.integers(camera.spare[1] + 1))
        window = camera.window(corner)
        image = _exposed(camera.picture(state, batch.params, corner), light, noise, rng)
        around = [_around(label, sketch.scale, window) for label in things[1]]
        yield _frame(image, things[0][window], things[1], around, names, min_pixels)


class ClassMaps:
    """Says of each pixel of a camera's pictures what it shows.

    Args:
        environment: one with `labels`.
        camera: on it.

    Raises:
        BadParameter: its frames are not labelled.
    """

    def __init__(self, environment: Environment, camera: Camera) -> None:
        self._labels, self._names = _declared(environment, "labels"), classes(environment)
        self._camera, self._sketch = camera, PygameCanvas(environment.size, camera.scale)

    def of(self, state: Any, params: Any) -> np.ndarray:
        """`(H, W)` u1 of a state, cut as `Camera.picture` is; see `Frame.class_map`."""
        owner, labels = _seen(self._labels(state, params), self._names, self._sketch)
        kinds = np.array([0, *(1 + self._names.index(label.kind) for label in labels)], np.uint8)
        return kinds[owner[self._camera.window()]]


def _declared(environment: Environment, name: str) -> Any:
    found = environment.step.__globals__.get(name)
    if found is None:
        raise BadParameter(f"The frames of {environment.id} are not labelled: it has no {name}.")
    return found


def _player(batch: Batch, seed: int, explore: float, rng: np.random.Generator) -> Callable[[], None]:
    """A function that plays one step in all copies, begun at different times of their episodes."""
    environment, n = batch.environment, batch.num_envs
    space, actions = environment.observation_space, environment.action_space
    actions.seed(seed)
    obs = np.zeros((n, *(space.shape or ())), space.dtype)
    rewards, terminated, truncated = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    batch.seed(seed)

    def play() -> None:
        chosen = [
            actions.sample()
            if environment.baseline is None or rng.random() < explore
            else environment.baseline(row, actions)
            for row in obs
        ]
        batch.step(np.array(chosen, actions.dtype), obs, rewards, terminated, truncated)

    for i in range(n):
        batch.reset(obs, np.arange(n) >= i)
        for _ in range(16):
            play()
    return play


def _seen(
    labels: list[Label], names: tuple[str, ...], sketch: PygameCanvas
) -> tuple[np.ndarray, list[Label]]:
    """Which label, counted from 1, is in front at each pixel; 0 is none."""
    owner = np.zeros(sketch.pixels.shape[:2], np.uint8)
    for number, label in enumerate(labels, 1):
        if label.kind not in names:
            raise BadParameter(f"A label is a {label.kind!r}, which is not one of CLASSES {names}.")
        corners = np.concatenate([np.asarray(outline, np.float64) for outline in label.outlines])
        corners = corners * sketch.scale
        low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
        left, top = np.maximum(low, 0)
        right, bottom = np.minimum(high, (owner.shape[1], owner.shape[0]))
        if left >= right or top >= bottom:
            continue
        part = sketch.pixels[top:bottom, left:right]
        part[:] = 0
        for outline in label.outlines:
            sketch.polygon([(float(x), float(y)) for x, y in outline], "white")
        owner[top:bottom, left:right][part[:, :, 0] > 127] = number
    return owner, labels


def _exposed(pixels: np.ndarray, light: float, noise: float, rng: np.random.Generator) -> np.ndarray:
    """A copy as a camera would take it: lighter or darker, tinted, with noise."""
    if light <= 0 and noise <= 0:
        return pixels.copy()
    gain = (1 + light * rng.uniform(-1, 1)) * (1 + 0.3 * light * rng.uniform(-1, 1, 3))
    grain = noise * rng.standard_normal(pixels.shape, np.float32)
    return np.clip(pixels * gain.astype(np.float32) + grain, 0, 255).astype(np.uint8)


def _around(label: Label, scale: float, window: tuple[slice, slice]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a thing in pixels of a window of the picture."""
    corners = np.concatenate([np.asarray(outline, np.float64) for outline in label.outlines])
    (left, top), (right, bottom) = corners.min(0) * scale, corners.max(0) * scale
    down, across = window[0].start, window[1].start
    return left - across, top - down, right - across, bottom - down


def _frame(
    image: np.ndarray,
    owner: np.ndarray,
    labels: list[Label],
    around: list[tuple[float, float, float, float]],
    names: tuple[str, ...],
    min_pixels: int,
) -> Frame:
    boxes, whole, kinds, distances = [], [], [], []
    instances = np.zeros_like(owner)
    for number, label in enumerate(labels, 1):
        rows, columns = np.nonzero(owner == number)
        if len(rows) < min_pixels:
            continue
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else (0, 0, 0, 0)
        boxes.append(seen)
        whole.append(around[number - 1])
        kinds.append(names.index(label.kind))
        distances.append(label.distance)
        instances[rows, columns] = len(kinds)
    return Frame(
        image,
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(whole, np.float32).reshape(-1, 4),
        np.array(kinds, np.int64),
        np.array(distances, np.float32),
        instances,
    )
