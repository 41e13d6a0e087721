"""Made scenes with what they show in words: shapes of a colour and a size, each at a place of its own.

What is held out: one colour of each shape, 6 pairs of 42, and no colour twice. Every object of an unseen
scene is of such a pair; no object of a scene to learn from is. So each shape is learned from in six of seven
colours, and each colour in at least five of six shapes. Sizes and places are free. The split of CLEVR-CoGenT
(Johnson et al. 2017) is of this kind.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

COLOURS = {
    "red": (205, 45, 45),
    "orange": (235, 140, 40),
    "yellow": (230, 215, 60),
    "green": (60, 160, 70),
    "blue": (60, 90, 205),
    "purple": (145, 65, 170),
    "white": (240, 240, 240),
}
"""Red, green and blue, about; each object's own is a little off."""
SHAPES = ("circle", "square", "triangle", "star", "ring", "cross")
SIZES = {"small": (0.27, 0.32), "large": (0.44, 0.50)}
"""Half the height of an object, in parts of the side of a place."""
PLACES = (
    *("at the top left", "at the top", "at the top right"),
    *("on the left", "in the middle", "on the right"),
    *("at the bottom left", "at the bottom", "at the bottom right"),
)
"""In reading order: a scene has three rows of three."""
MOST = 3
"""Objects of a scene, unless told otherwise."""
FINE = 4
"""Bits behind the point of a coordinate of a pixel."""


@dataclass(frozen=True)
class Thing:
    """An object of a scene."""

    size: str
    colour: str
    shape: str
    place: int

    def __str__(self) -> str:
        return f"a {self.size} {self.colour} {self.shape} {PLACES[self.place]}"


def held_out(seed: int) -> set[tuple[str, str]]:
    """Pairs of shape and colour that are in no scene to learn from: one colour of each shape, none twice."""
    colours = np.random.default_rng((seed, 77)).permutation(list(COLOURS)).tolist()
    return set(zip(SHAPES, colours, strict=False))


def scenes(
    count: int, seed: tuple[int, ...], side: int, *, unseen: bool, split_seed: int = 0, most: int = MOST
) -> tuple[NDArray[np.uint8], list[str]]:
    """Scenes and what they show.

    Args:
        count: of scenes.
        seed: decides all of them.
        side: height and width, in pixels.
        unseen: whether every object is of a held-out pair, or none.
        split_seed: decides which pairs are held out.
        most: objects of a scene; there is at least one.

    Returns:
        (N, 3, side, side) bytes, and a sentence for each: its objects in reading order.
    """
    draw, aside = np.random.default_rng(seed), held_out(split_seed)
    pairs = [
        (shape, colour) for shape in SHAPES for colour in COLOURS if ((shape, colour) in aside) == unseen
    ]
    found = [_scene(draw, pairs, side, most) for _ in range(count)]
    pictures = np.stack([picture for picture, _ in found]).astype(np.float32)
    # The noise of a camera, more of it in some pictures.
    pictures += draw.standard_normal(pictures.shape, np.float32) * draw.uniform(1, 8, (count, 1, 1, 1))
    pictures = pictures.clip(0, 255).astype(np.uint8).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(pictures), [", ".join(map(str, things)) for _, things in found]


def _scene(
    draw: np.random.Generator, pairs: list[tuple[str, str]], side: int, most: int
) -> tuple[NDArray[np.uint8], list[Thing]]:
    """A picture (side, side, 3), and its objects."""
    place = side / 3
    paper = draw.uniform(20, 110) + draw.uniform(-12, 12, 3)
    coarse = (paper + draw.uniform(-18, 18, (3, 3, 1))).clip(0, 255).astype(np.uint8)
    picture = np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    things: list[Thing] = []
    for at in sorted(draw.choice(len(PLACES), int(draw.integers(1, most + 1)), replace=False).tolist()):
        shape, colour = pairs[int(draw.integers(len(pairs)))]
        size = list(SIZES)[int(draw.integers(len(SIZES)))]
        half = draw.uniform(*SIZES[size]) * place
        free = 0.8 * max(0.0, place / 2 - half)
        centre = (np.array([at % 3, at // 3]) + 0.5) * place + draw.uniform(-free, free, 2)
        hue = np.clip(np.array(COLOURS[colour]) + draw.normal(0, 9, 3), 0, 255)
        _draw(picture, shape, centre, half, float(draw.uniform(-0.25, 0.25)), hue.tolist())
        things.append(Thing(size, colour, shape, at))
    return picture, things


def _draw(
    picture: NDArray[np.uint8],
    shape: str,
    centre: NDArray[np.float64],
    half: float,
    turn: float,
    colour: list[float],
) -> None:
    """Put a shape onto a picture (H, W, 3)."""
    corners = _CORNERS[shape]
    cos, sin = np.cos(turn), np.sin(turn)
    around = corners @ np.array([[cos, sin], [-sin, cos]]) * half + centre
    # A coordinate names the middle of a pixel.
    points = np.rint((around - 0.5) * 2**FINE).astype(np.int32)
    cv2.fillPoly(picture, list(points), colour, lineType=cv2.LINE_AA, shift=FINE)


def _outline(shape: str) -> NDArray[np.float64]:
    """Closed lines (L, N, 2) around a shape from -1 to 1, about, y down; a line in another is a hole."""
    if shape in ("circle", "ring"):
        angles = np.arange(24) * np.pi / 12
        line = np.column_stack([np.cos(angles), np.sin(angles)])
        return np.stack([line] if shape == "circle" else [line, 0.55 * line])
    if shape == "star":
        angles = np.arange(10) * np.pi / 5 - np.pi / 2
        away = np.where(np.arange(10) % 2, 0.42, 1.1)
        return (np.column_stack([np.cos(angles), np.sin(angles)]) * away[:, None])[None]
    if shape == "cross":
        a, b = 0.3, 1.0
        right = [(a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b)]
        return np.array([[*right, *((-x, -y) for x, y in right)]])
    if shape == "square":
        return 0.88 * np.array([[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]])
    return np.array([[(0.0, -1.0), (1.08, 0.85), (-1.08, 0.85)]])


_CORNERS = {shape: _outline(shape) for shape in SHAPES}
