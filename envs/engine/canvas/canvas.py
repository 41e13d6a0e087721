"""Where `draw` functions draw: `PygameCanvas` makes pixels, `DisplayList` makes JSON for the browser.

Coordinates and lengths are in the environment's own `size` units, x to the right, y down, with fractions.
Colours are names of `envs.engine.palette` or `"#rrggbb"`. pygame is imported when text or an image
is first drawn.
"""

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from envs.engine import palette
from envs.engine.canvas.images import DATA_IMAGE, data_address, decode_address
from envs.engine.canvas.text_pixels import lettered

if TYPE_CHECKING:
    import pygame

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

Align = Literal["left", "center", "right"]
Point = Sequence[float]


class Canvas(ABC):
    """The drawing calls of an environment's `draw(state, params, canvas)`.

    Attributes:
        width: of the picture, in the environment's units.
        height: of the picture, in the environment's units.
    """

    def __init__(self, size: tuple[float, float]):
        self.width, self.height = size

    @abstractmethod
    def background(self, color: str) -> None:
        """Covers everything; the first call of a `draw`."""

    @abstractmethod
    def rect(self, x: float, y: float, w: float, h: float, color: str, radius: float = 0) -> None:
        """Fills a rectangle with its top left corner at `x, y`; `radius` rounds its corners."""

    @abstractmethod
    def circle(self, x: float, y: float, r: float, color: str) -> None:
        """Fills a circle around `x, y`."""

    @abstractmethod
    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> None:
        """Draws a straight line with round ends."""

    @abstractmethod
    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fills a closed polygon given by its corners `(x, y)`, at least three."""

    @abstractmethod
    def text(self, x: float, y: float, string: str, size: float, color: str, align: Align = "left") -> None:
        """Writes a line of bold sans-serif text; `x` is its left, center or right, `y` its middle."""

    @abstractmethod
    def image(self, rgb_array: np.ndarray, x: float, y: float, w: float, h: float) -> None:
        """Shows an image, `(rows, columns, 3)` u8, stretched over a rectangle."""


class PygameCanvas(Canvas):
    """Draws pixels, anti-aliased, at any scale.

    Attributes:
        scale: pixels per unit.
        pixels: `(rows, columns, 3)` u8; the picture itself, overwritten by the next one.
    """

    def __init__(self, size: tuple[float, float], scale: float = 1.0):
        super().__init__(size)
        self.scale = scale
        columns, rows = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        self.pixels = np.zeros((rows, columns, 3), np.uint8)
        self._surface: pygame.Surface | None = None

    def view(self, box: tuple[int, int, int, int], size: tuple[float, float]) -> "PygameCanvas":
        """A canvas of its own units over a part of this one's pixels.

        Args:
            box: left, top, width and height of the part, in pixels; at least 1 by 1 and inside the picture.
            size: width and height in units of the new canvas; their ratio to `box` is its scale.
        """
        left, top, columns, rows = box
        part = PygameCanvas.__new__(PygameCanvas)
        Canvas.__init__(part, size)
        part.scale = columns / size[0]
        part.pixels = self.pixels[top : top + rows, left : left + columns]
        part._surface = self.surface.subsurface(box)
        return part

    @property
    def surface(self) -> "pygame.Surface":
        """The picture as a pygame surface that shares its memory with `pixels`."""
        if self._surface is None:
            import pygame

            rows, columns, _ = self.pixels.shape
            # frombuffer shares the memory, frombytes would copy it.
            self._surface = pygame.image.frombuffer(self.pixels.reshape(-1).data, (columns, rows), "RGB")
        return self._surface

    def background(self, color: str) -> None:
        """Covers everything."""
        self.pixels[0] = palette.rgb(color)
        self.pixels[1:] = self.pixels[0]  # whole rows at once: four times as fast as pixel by pixel

    def rect(self, x: float, y: float, w: float, h: float, color: str, radius: float = 0) -> None:
        """Fills a rectangle, with rounded corners for `radius > 0`."""
        k = self.scale
        radius = min(radius, w / 2, h / 2)
        if radius <= 0:
            self._fill(np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]) * k, color)
            return
        quarter = _unit_circle(_corners(radius * k)) * radius
        n = len(quarter) // 4
        centers = ((x + w - radius, y + h - radius), (x + radius, y + h - radius))
        centers += ((x + radius, y + radius), (x + w - radius, y + radius))
        arcs = [quarter[i * n : (i + 1) * n + 1] + center for i, center in enumerate(centers)]
        self._fill(np.concatenate(arcs) * k, color)

    def circle(self, x: float, y: float, r: float, color: str) -> None:
        """Fills a circle."""
        if r > 0:
            self._fill((_unit_circle(_corners(r * self.scale)) * r + (x, y)) * self.scale, color)

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> None:
        """Draws a straight line with round ends."""
        length = math.hypot(x2 - x1, y2 - y1)
        if not math.isfinite(length):
            return
        if length == 0 or width <= 0:
            self.circle(x1, y1, width / 2, color)
            return
        along_x, along_y = (x2 - x1) / length * width / 2, (y2 - y1) / length * width / 2
        turn = np.array([(along_x, along_y), (-along_y, along_x)])
        front, back = _unit_halves(_corners(width / 2 * self.scale))
        outline = np.concatenate([front @ turn + (x2, y2), back @ turn + (x1, y1)])
        self._fill(outline * self.scale, color)

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fills a closed polygon."""
        self._fill(np.asarray(points, np.float64) * self.scale, color)

    def text(self, x: float, y: float, string: str, size: float, color: str, align: Align = "left") -> None:
        """Writes one line of text in the font that pygame ships."""
        if not string:  # pygame crashes on enlarging nothing
            return
        written = lettered(string, max(1, round(size * self.scale)), palette.rgb(color))
        left = x * self.scale - written.get_width() * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        # The middle of its capitals, which browsers take for the middle too.
        self.surface.blit(written, (round(left), round(y * self.scale - 0.435 * written.get_height())))

    def image(self, rgb_array: np.ndarray, x: float, y: float, w: float, h: float) -> None:
        """Shows an image: data by nearest neighbour, pictures smoothly."""
        import pygame

        rows, columns = rgb_array.shape[:2]
        source = pygame.image.frombuffer(
            np.ascontiguousarray(rgb_array).reshape(-1).data, (columns, rows), "RGB"
        )
        k = self.scale
        box = (max(1, round(w * k)), max(1, round(h * k)))
        stretch = pygame.transform.scale if max(rows, columns) <= DATA_IMAGE else pygame.transform.smoothscale
        self.surface.blit(
            source if box == (columns, rows) else stretch(source, box), (round(x * k), round(y * k))
        )

    def _fill(self, corners: np.ndarray, color: str) -> None:
        from envs.engine.canvas.raster import fill_polygon

        if np.isfinite(corners).all():  # a state that ran away draws nothing instead of failing
            fill_polygon(self.pixels, np.ascontiguousarray(corners, np.float64), *palette.rgb(color))


class DisplayList(Canvas):
    """Writes the drawing calls down as a JSON list that is replayed in the browser, or by `replay`.

    Each operation is a list: the name of the call, then its arguments in the order of the call, all of them,
    always. Numbers are finite and rounded to less than a 10,000th of the picture's longer side, colours are
    `"#rrggbb"`:

    - `["background", color]`
    - `["rect", x, y, w, h, color, radius]`: `radius` 0 is a sharp corner; at most half of the shorter side
    - `["circle", x, y, r, color]`
    - `["line", x1, y1, x2, y2, color, width]`: round ends
    - `["polygon", [x, y, x, y, ...], color]`: closed, filled; corners one after the other in one flat list
    - `["text", x, y, string, size, color, align]`: bold sans-serif; `size` is the height of the font; `x` is
      the left, center or right by `align`; `y` the middle (`textBaseline = "middle"`)
    - `["image", source, x, y, w, h, smooth]`: `source` is a `data:image/png` or `data:image/jpeg` address,
      `smooth` true or false (`imageSmoothingEnabled`)

    Attributes:
        ops: the operations so far; `background` starts anew.
    """

    def __init__(self, size: tuple[float, float]):
        super().__init__(size)
        self.ops: list[list] = []
        self._digits = max(0, math.ceil(math.log10(1e4 / max(size))))

    def background(self, color: str) -> None:
        """Forgets what it covers."""
        self.ops.clear()
        self.ops.append(["background", palette.hexadecimal(color)])

    def rect(self, x: float, y: float, w: float, h: float, color: str, radius: float = 0) -> None:
        """`["rect", x, y, w, h, color, radius]`."""
        radius = max(0.0, min(radius, w / 2, h / 2))
        self._add("rect", *self._round(x, y, w, h), palette.hexadecimal(color), *self._round(radius))

    def circle(self, x: float, y: float, r: float, color: str) -> None:
        """`["circle", x, y, r, color]`."""
        self._add("circle", *self._round(x, y, max(0.0, r)), palette.hexadecimal(color))

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> None:
        """`["line", x1, y1, x2, y2, color, width]`."""
        ends = self._round(x1, y1, x2, y2)
        self._add("line", *ends, palette.hexadecimal(color), *self._round(max(0.0, width)))

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """`["polygon", [x, y, ...], color]`."""
        flat = self._round(*(value for point in points for value in point))
        if None in flat:
            return
        self.ops.append(["polygon", flat, palette.hexadecimal(color)])

    def text(self, x: float, y: float, string: str, size: float, color: str, align: Align = "left") -> None:
        """`["text", x, y, string, size, color, align]`."""
        self._add("text", *self._round(x, y), string, *self._round(size), palette.hexadecimal(color), align)

    def image(self, rgb_array: np.ndarray, x: float, y: float, w: float, h: float) -> None:
        """`["image", source, x, y, w, h, smooth]`."""
        smooth = max(rgb_array.shape[:2]) > DATA_IMAGE
        self._add("image", data_address(rgb_array), *self._round(x, y, w, h), smooth)

    def _add(self, *operation: object) -> None:
        if None not in operation:  # a number that is not finite: nothing to see
            self.ops.append(list(operation))

    def _round(self, *numbers: float) -> list[float | int | None]:
        """Short numbers: rounded, whole ones as int, None for what is not finite."""
        digits = self._digits
        short: list[float | int | None] = []
        for number in numbers:
            value = round(float(number), digits) if math.isfinite(number) else None
            short.append(int(value) if value is not None and value.is_integer() else value)
        return short


def replay(ops: Sequence[Sequence], canvas: Canvas) -> None:
    """Draws the operations of a `DisplayList` on another canvas."""
    for name, *arguments in ops:
        if name == "polygon":
            flat, color = arguments
            canvas.polygon(list(zip(flat[::2], flat[1::2], strict=True)), color)
        elif name == "image":
            source, x, y, w, h, _ = arguments
            canvas.image(decode_address(source), x, y, w, h)
        else:
            getattr(canvas, name)(*arguments)


def _corners(radius: float) -> int:
    """Corners, a multiple of 4, of a polygon within 0.05 pixels of a circle of this radius in pixels."""
    return 4 * max(3, math.ceil(math.pi / 4 / math.acos(1 - min(0.5, 0.05 / max(radius, 0.1)))))


@lru_cache(maxsize=256)
def _unit_circle(corners: int) -> np.ndarray:
    """Corners of a regular polygon from angle 0 on, clockwise on the screen; the first again at the end."""
    angles = np.linspace(0.0, 2 * math.pi, corners + 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@lru_cache(maxsize=256)
def _unit_halves(corners: int) -> tuple[np.ndarray, np.ndarray]:
    """The halves of a unit circle to the right and to the left of the vertical, each from end to end."""
    ring, quarter = _unit_circle(corners)[:-1], corners // 4
    turned = np.roll(ring, quarter, axis=0), np.roll(ring, -quarter, axis=0)
    return turned[0][: 2 * quarter + 1], turned[1][: 2 * quarter + 1]
