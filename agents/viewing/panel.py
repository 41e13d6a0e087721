"""The column of text beside a picture: headings, numbers, bars and curves, one under the other.

Sizes are panel units: the column is 300 wide, about 720 high in a usual window. What finds no
room is left out, so a small window shows the first things first.
"""

import math
import textwrap
from collections.abc import Sequence
from itertools import pairwise

from envs.engine import palette
from envs.engine.canvas import Canvas

MARGIN = 24.0
CURVE = 80
"""Values in the width of a curve."""
AGES = "[   ]"
"""Keys that turn the age of whoever has checkpoints."""
LETTER = 7.4
"""Width of a letter 14 high, where most of them are wide ones."""
TEXT, QUIET = "white", "grey"
GROUND, RULE = palette.blend("night", "white", 0.05), palette.blend("night", "white", 0.17)


def on_dark(color: str) -> str:
    """A hue, lighter, as it is drawn on the dark column."""
    return palette.blend(color, "white", 0.28)


class Column:
    """Writes from the top of a canvas to its bottom.

    Args:
        canvas: of the panel; covered with the dark background.
        reserved: units at the bottom that are kept free for `bottom`.

    Attributes:
        y: where the next thing begins.
    """

    def __init__(self, canvas: Canvas, reserved: float = 64.0):
        self.canvas = canvas
        self.y = 20.0
        self.left, self.right = MARGIN, canvas.width - MARGIN
        self._end = canvas.height - reserved
        canvas.background(GROUND)

    def room(self, height: float) -> bool:
        """Whether something this high still fits."""
        return self.y + height <= self._end

    def title(self, text: str, under: str) -> None:
        """A heading with a quiet line under it."""
        self.canvas.text(self.left, self.y + 12, shorten(text, 20), 24, TEXT)
        self.canvas.text(self.left, self.y + 40, shorten(under, 36), 13, QUIET)
        self.y += 62

    def rule(self) -> None:
        """A thin line across."""
        if self.room(20.0):
            self.canvas.rect(self.left, self.y + 4, self.right - self.left, 1, RULE)
            self.y += 20

    def heading(self, text: str, right: str = "") -> None:
        """A quiet line, with something brighter at its right end."""
        if self.room(24.0):
            self.canvas.text(self.left, self.y + 8, text, 13, QUIET)
            self.canvas.text(self.right, self.y + 8, right, 13, TEXT, "right")
            self.y += 24

    def paragraph(self, heading: str, text: str) -> None:
        """A quiet heading over a few lines of text, if all of it fits."""
        lines = textwrap.wrap(text, 36)
        if self.room(24.0 + 18 * len(lines)):
            self.heading(heading)
            for line in lines:
                self.canvas.text(self.left, self.y + 8, line, 13, TEXT)
                self.y += 18
            self.y += 6

    def numbers(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Large numbers side by side, each with its name above."""
        if not self.room(58.0):
            return
        step = (self.right - self.left) / len(pairs)
        for i, (name, value) in enumerate(pairs):
            size = 28 if len(value) <= 5 else 22 if len(value) <= 7 else 17
            self.canvas.text(self.left + i * step, self.y + 8, name, 13, QUIET)
            self.canvas.text(self.left + i * step, self.y + 34, value, size, TEXT)
        self.y += 62

    def bars(self, rows: Sequence[tuple[str, float | None, bool]], color: str) -> None:
        """Named shares from 0 to 1 in the order given; the chosen one is strong.

        Args:
            rows: name, share or None for what is not allowed, whether it is the chosen one.
            color: of the bars.
        """
        named = min(92.0, 14 + 8.0 * max(len(name) for name, _, _ in rows))
        start, end = self.left + named, self.right - 44
        for name, share, chosen in rows:
            if not self.room(26.0):
                return
            middle = self.y + 10
            strong = on_dark(color) if chosen else palette.blend(color, "night", 0.35)
            self.canvas.text(self.left, middle, shorten(name, 10), 14, TEXT if chosen else QUIET)
            if share is None:
                self.canvas.text(self.right, middle, "not allowed", 13, QUIET, "right")
                self.y += 26
                continue
            self.canvas.rect(start, middle - 6, end - start, 12, RULE, 3)
            length = (end - start) * min(1.0, max(0.0, share))
            self.canvas.rect(start, middle - 6, length, 12, strong, 3)
            self.canvas.text(
                self.right, middle, f"{100 * share:.0f} %", 13, TEXT if chosen else QUIET, "right"
            )
            self.y += 26
        self.y += 6

    def levels(self, rows: Sequence[tuple[str, float, float, float]], color: str) -> None:
        """Named numbers between a low and a high end, drawn from zero, or from the end next to it.

        Args:
            rows: name, number, low, high.
            color: of the bars.
        """
        start, end = self.left + 92, self.right - 52
        for name, number, low, high in rows:
            if not self.room(26.0):
                return
            middle = self.y + 10
            at = [
                start + (end - start) * (min(max(v, low), high) - low) / (high - low) for v in (0.0, number)
            ]
            self.canvas.text(self.left, middle, shorten(name, 10), 14, TEXT)
            self.canvas.rect(start, middle - 6, end - start, 12, RULE, 3)
            self.canvas.rect(min(at), middle - 6, max(2.0, abs(at[1] - at[0])), 12, on_dark(color), 3)
            self.canvas.text(self.right, middle, f"{number:.2f}", 13, TEXT, "right")
            self.y += 26
        self.y += 6

    def curve(self, values: Sequence[float], color: str, height: float = 64.0) -> None:
        """A line through the last values, scaled to its lowest and highest."""
        if not self.room(height + 10):
            return
        top, width = self.y, self.right - self.left
        self.canvas.rect(self.left, top, width, height, "night", 4)
        shown = [value for value in values if math.isfinite(value)][-CURVE:]
        if len(shown) >= 2:
            low, high = min(shown), max(shown)
            span = max(high - low, 1e-9 + 0.02 * max(abs(low), abs(high)))
            middle = (low + high) / 2
            step = (width - 12) / (CURVE - 1)
            points = [
                (self.left + 6 + i * step, top + height / 2 - (value - middle) / span * (height - 16))
                for i, value in enumerate(shown)
            ]
            for (x1, y1), (x2, y2) in pairwise(points):
                self.canvas.line(x1, y1, x2, y2, on_dark(color), 2)
            self.canvas.circle(*points[-1], 3.5, on_dark(color))
        self.y += height + 16

    def ticks(self, values: Sequence[float], color: str) -> None:
        """A thin mark for each value on a line from the lowest to the highest, which are written under it."""
        shown = [value for value in values if math.isfinite(value)]
        if not self.room(44.0) or not shown:
            return
        low, high = min(shown), max(shown)
        self.canvas.rect(self.left, self.y, self.right - self.left, 22, "night", 4)
        for value in shown:
            share = (value - low) / (high - low) if high > low else 0.5
            at = self.left + 6 + (self.right - self.left - 12) * share
            self.canvas.line(at, self.y + 4, at, self.y + 18, on_dark(color), 1.5)
        self.canvas.text(self.left, self.y + 32, short(low), 12, QUIET)
        self.canvas.text(self.right, self.y + 32, short(high), 12, QUIET, "right")
        self.y += 48

    def slider(self, marks: Sequence[float], at: int, color: str) -> None:
        """Places on a line, the present one large.

        Args:
            marks: from 0 to 1, ascending.
            at: index of the present one.
            color: of the way up to it.
        """
        if not self.room(30.0):
            return
        middle, width = self.y + 10, self.right - self.left
        places = [self.left + width * mark for mark in marks]
        self.canvas.line(self.left, middle, self.right, middle, RULE, 3)
        self.canvas.line(self.left, middle, places[at], middle, on_dark(color), 3)
        for place in places:
            self.canvas.circle(place, middle, 3, palette.blend("night", "white", 0.45))
        self.canvas.circle(places[at], middle, 7, TEXT)
        self.y += 30

    def scale(self, rows: Sequence[tuple[str, float | None, str]]) -> None:
        """Scores on one common scale from zero, or from the lowest if there are negative ones.

        Args:
            rows: name, score or None for one that is not there yet, colour.
        """
        scores = [score for _, score, _ in rows if score is not None]
        if not scores:
            return
        low, high = min(0.0, *scores), max(0.0, *scores)
        span = (high - low) or 1.0
        start, end = self.left + 92, self.right - 52
        for name, score, color in rows:
            if not self.room(28.0):
                return
            middle = self.y + 11
            self.canvas.text(self.left, middle, shorten(name, 11), 14, TEXT)
            self.canvas.rect(start, middle - 7, end - start, 14, RULE, 3)
            if score is None:
                self.canvas.text(self.right, middle, "–", 14, QUIET, "right")
            else:
                zero, place = (start + (end - start) * (value - low) / span for value in (0.0, score))
                self.canvas.rect(
                    min(zero, place), middle - 7, max(2.0, abs(place - zero)), 14, on_dark(color), 3
                )
                self.canvas.text(self.right, middle, short(score), 14, TEXT, "right")
            self.y += 28
        self.y += 6

    def bottom(self, state: str, color: str, hint: str) -> None:
        """The last lines: what is going on, after a dot, and a hint or a notice of at most two lines."""
        y = self.canvas.height - 52
        self.canvas.circle(self.left + 5, y, 5, on_dark(color))
        self.canvas.text(self.left + 20, y, shorten(state, 30), 15, TEXT)
        for i, line in enumerate(textwrap.wrap(hint, 40, max_lines=2, placeholder="…")):
            self.canvas.text(self.left, y + 22 + 15 * i, line, 12, QUIET)


def card(canvas: Canvas, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """A table of keys in the middle of a canvas whose unit is one of its pixels.

    Args:
        canvas: what it is drawn over.
        title: above the table.
        rows: key, what it does.
    """
    line = 30.0
    wide = max(440.0, 178 + LETTER * max(len(does) for _, does in rows))
    high = 74 + line * len(rows)
    k = min(2.5, max(0.3, min(canvas.width * 0.9 / wide, canvas.height * 0.9 / high, canvas.height / 640)))
    k = min(k, canvas.width / wide, canvas.height / high)
    left, top = (canvas.width - wide * k) / 2, (canvas.height - high * k) / 2
    canvas.rect(left - 2 * k, top - 2 * k, (wide + 4) * k, (high + 4) * k, "slate", 14 * k)
    canvas.rect(left, top, wide * k, high * k, "night", 12 * k)
    canvas.text(left + 28 * k, top + 34 * k, title, 20 * k, TEXT)
    for i, (key, does) in enumerate(rows):
        y = top + (72 + i * line) * k
        canvas.text(left + 28 * k, y, key, 14 * k, on_dark("human"))
        canvas.text(left + 150 * k, y, does, 14 * k, TEXT)


def banner(canvas: Canvas, title: str, under: str) -> None:
    """Two lines on a dark band near the top of a picture of any units."""
    k = min(canvas.width / 600, canvas.height / 400)
    wide = k * max(220.0, 11.0 * len(title) + 60)
    left = (canvas.width - wide) / 2
    canvas.rect(left, 8 * k, wide, 56 * k, "night", 10 * k)
    canvas.text(canvas.width / 2, 28 * k, title, 19 * k, TEXT, "center")
    canvas.text(canvas.width / 2, 49 * k, under, 13 * k, "silver", "center")


def nameplate(canvas: Canvas, text: str, color: str) -> None:
    """A name in the lower left corner of a picture of any units, on its colour."""
    k = min(canvas.width / 600, canvas.height / 400)
    wide, high = k * (7.5 * len(text) + 24), 24 * k
    canvas.rect(0, canvas.height - high, wide, high, color)
    canvas.text(12 * k, canvas.height - high / 2, text, 13 * k, "white")


def outline(canvas: Canvas, color: str) -> None:
    """A thin frame around a picture of any units."""
    w, h, rim = canvas.width, canvas.height, 0.008 * canvas.width
    for x, y, wide, high in ((0, 0, w, rim), (0, h - rim, w, rim), (0, 0, rim, h), (w - rim, 0, rim, h)):
        canvas.rect(x, y, wide, high, on_dark(color))


def shorten(text: str, letters: int) -> str:
    """The text, cut with an ellipsis to at most so many letters."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def short(number: float) -> str:
    """A number in at most about six characters: `12`, `-3.5`, `0.042`, `12,400`."""
    if not math.isfinite(number):
        return "–"
    if float(number).is_integer() or abs(number) >= 1000:
        return f"{number + 0.0:,.0f}".replace("-", "−")  # -0.0 + 0.0 is 0.0
    if abs(number) < 0.001:
        return f"{number:.0e}".replace("-", "−")
    digits = 1 if abs(number) >= 10 else 2 if abs(number) >= 0.1 else 3
    return f"{number:.{digits}f}".replace("-", "−")
