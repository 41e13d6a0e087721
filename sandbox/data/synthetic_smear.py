"""Made pictures of a blood smear under a microscope: red cells, white cells and platelets with their boxes.

Nothing here is measured. Cells overlap, stains and light differ from picture to picture, and debris and
stain that no box marks lies about. Sizes follow the real pictures of BCCD: a red cell is about a sixth of the
picture's width.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

CLASSES = ("Platelets", "RBC", "WBC")
"""As BCCD calls platelets, red and white blood cells."""
PLATELET, RED, WHITE = range(3)
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
VISIBLE = 0.25
"""Share of a cell that must lie in the picture, so that it is marked."""


def smears(
    count: int, seed: int, shape: tuple[int, int] = (240, 320)
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Pictures and their boxes.

    Args:
        count: pictures.
        seed: decides all of them.
        shape: height and width.

    Returns:
        Pictures (N, H, W, 3), and for each its boxes (M, 5): left, top, right, bottom and the class.
    """
    made = [smear(np.random.default_rng((seed, i)), shape) for i in range(count)]
    return np.stack([picture for picture, _ in made]), [boxes for _, boxes in made]


def smear(draw: np.random.Generator, shape: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """One picture (H, W, 3) and its boxes (M, 5)."""
    height, width = shape
    unit = width / 320
    light = np.array([225, 215, 222]) + draw.uniform(-16, 12, 3) + draw.uniform(-14, 8)
    red, purple = (
        np.array(colour) + draw.uniform(-16, 16, 3) for colour in ((205, 150, 160), (120, 75, 155))
    )
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = light
    picture *= _uneven(draw, shape, 0.06)[..., None]
    boxes: list[tuple[float, float, float, float, int]] = []
    size = unit * draw.uniform(21, 29)
    places: list[tuple[float, float, float]] = []
    for _ in range(int(draw.integers(1, 3)) if draw.random() < 0.75 else 0):
        radius = size * draw.uniform(1.5, 2.1)
        place = _free(draw, shape, places, radius, 0.6)
        places.append((*place, radius))
        boxes.append((*_white(picture, draw, place, radius, purple), WHITE))
    for _ in range(int(draw.integers(4, 22))):
        radius = size * draw.uniform(0.85, 1.12)
        place = _free(draw, shape, places, radius, draw.uniform(-0.25, 0.3))
        places.append((*place, radius))
        boxes.append((*_red(picture, draw, place, radius, red, light), RED))
    for _ in range(int(draw.integers(0, 5))):
        radius = size * draw.uniform(0.26, 0.5)
        place = _free(draw, shape, places, radius, 0.2)
        boxes.append((*_platelet(picture, draw, place, radius, purple), PLATELET))
    for _ in range(int(draw.integers(0, 6))):  # dirt and drops of stain that are no cells
        x, y = draw.uniform(0, width), draw.uniform(0, height)
        dirt = _disc(shape, x, y, unit * draw.uniform(1, 3), 1.0, 0.0)
        _blend(picture, dirt, light * draw.uniform(0.4, 0.9), 0.6)
    picture = cv2.GaussianBlur(picture, (0, 0), unit * draw.uniform(0.5, 1.2))
    picture += draw.normal(0, draw.uniform(2, 6), picture.shape)
    return picture.clip(0, 255).astype(np.uint8), _inside(boxes, shape)


def _free(
    draw: np.random.Generator,
    shape: tuple[int, int],
    places: list[tuple[float, float, float]],
    radius: float,
    gap: float,
) -> tuple[float, float]:
    """A place whose distance to all others is the sum of the radii, plus `gap` of the own one; or any."""
    x, y = 0.0, 0.0
    for _ in range(12):
        x, y = draw.uniform(0, shape[1]), draw.uniform(0, shape[0])
        if all(np.hypot(x - px, y - py) > pr + radius + gap * radius for px, py, pr in places):
            break
    return float(x), float(y)


def _red(
    picture: NDArray[np.float32],
    draw: np.random.Generator,
    place: tuple[float, float],
    radius: float,
    colour: NDArray[np.float64],
    light: NDArray[np.float64],
) -> Box:
    """A disc that is pale in its middle, where it is thin."""
    squash, turn = draw.uniform(0.85, 1.0), draw.uniform(0, np.pi)
    hue = colour + draw.uniform(-8, 8, 3)
    shape = picture.shape[:2]
    _blend(picture, _disc(shape, *place, radius, squash, turn), hue, 0.75)
    if draw.random() < 0.8:
        pale = _disc(shape, *place, radius * draw.uniform(0.35, 0.6), squash, turn, soft=0.5)
        _blend(picture, pale, light, draw.uniform(0.25, 0.7))
    return _around(*place, radius, squash, turn)


def _white(
    picture: NDArray[np.float32],
    draw: np.random.Generator,
    place: tuple[float, float],
    radius: float,
    colour: NDArray[np.float64],
) -> Box:
    """A pale cell with a dark nucleus of one to four lobes."""
    shape = picture.shape[:2]
    squash, turn = draw.uniform(0.85, 1.0), draw.uniform(0, np.pi)
    _blend(picture, _disc(shape, *place, radius, squash, turn), colour * 0.45 + 120, 0.8)
    lobes = int(draw.integers(1, 5))
    at = draw.uniform(0, 2 * np.pi)
    for i in range(lobes):
        angle = at + i * draw.uniform(0.9, 1.5)
        away = radius * (0.0 if lobes == 1 else draw.uniform(0.25, 0.45))
        size = radius * (draw.uniform(0.6, 0.85) if lobes == 1 else draw.uniform(0.3, 0.45))
        x, y = place[0] + away * np.cos(angle), place[1] + away * np.sin(angle)
        _blend(picture, _disc(shape, x, y, size, draw.uniform(0.7, 1), draw.uniform(0, np.pi)), colour, 0.85)
    return _around(*place, radius, squash, turn)


def _platelet(
    picture: NDArray[np.float32],
    draw: np.random.Generator,
    place: tuple[float, float],
    radius: float,
    colour: NDArray[np.float64],
) -> Box:
    """A small grainy fragment."""
    shape = picture.shape[:2]
    squash, turn = draw.uniform(0.6, 1.0), draw.uniform(0, np.pi)
    _blend(picture, _disc(shape, *place, radius, squash, turn, soft=0.3), colour + 35, 0.7)
    for _ in range(3):
        x, y = (each + radius * draw.uniform(-0.5, 0.5) for each in place)
        _blend(picture, _disc(shape, x, y, radius * 0.25, 1.0, 0.0), colour, 0.6)
    return _around(*place, radius, squash, turn)


def _disc(
    shape: tuple[int, ...], x: float, y: float, radius: float, squash: float, turn: float, soft: float = 0.12
) -> tuple[slice, slice, NDArray[np.float32]]:
    """How much of each pixel an ellipse covers, in the part of the picture around it."""
    reach = radius * (1 + soft) + 1
    rows = slice(max(0, int(y - reach)), max(0, int(y + reach) + 2))
    columns = slice(max(0, int(x - reach)), max(0, int(x + reach) + 2))
    v, u = np.mgrid[rows.start : min(rows.stop, shape[0]), columns.start : min(columns.stop, shape[1])]
    along = ((u - x) * np.cos(turn) + (v - y) * np.sin(turn)) / radius
    across = ((v - y) * np.cos(turn) - (u - x) * np.sin(turn)) / (radius * squash)
    away = np.hypot(along, across)
    return rows, columns, ((1 + soft - away) / (2 * soft)).clip(0, 1).astype(np.float32)


def _blend(
    picture: NDArray[np.float32],
    where: tuple[slice, slice, NDArray[np.float32]],
    colour: NDArray[np.floating],
    strength: float,
) -> None:
    rows, columns, cover = where
    part = picture[rows, columns]
    part += strength * cover[: part.shape[0], : part.shape[1], None] * (colour - part)


def _around(x: float, y: float, radius: float, squash: float, turn: float) -> Box:
    wide = radius * np.hypot(np.cos(turn), squash * np.sin(turn))
    high = radius * np.hypot(np.sin(turn), squash * np.cos(turn))
    return float(x - wide), float(y - high), float(x + wide), float(y + high)


def _inside(
    boxes: list[tuple[float, float, float, float, int]], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """What of the boxes lies in the picture; without those of which too little does."""
    whole = np.array(boxes, np.float32).reshape(-1, 5)
    cut = whole.copy()
    cut[:, [0, 2]] = cut[:, [0, 2]].clip(0, shape[1])
    cut[:, [1, 3]] = cut[:, [1, 3]].clip(0, shape[0])
    areas = [(each[:, 2] - each[:, 0]) * (each[:, 3] - each[:, 1]) for each in (cut, whole)]
    return cut[areas[0] >= VISIBLE * areas[1]]


def _uneven(draw: np.random.Generator, shape: tuple[int, int], amount: float) -> NDArray[np.float32]:
    """Light that is a little stronger on one side."""
    coarse = 1 + amount * draw.uniform(-1, 1, (3, 4)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
