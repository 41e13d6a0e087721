"""Boxes around objects, each with its class and a score."""

import colorsys
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sandbox.data.letterbox import Letterbox

LONGER = 900
"""Pixels of the longer side of a saved picture, at least, so that labels can be read."""
SHOWN = 640
"""The same of a frame of a video."""


class Detections(NamedTuple):
    """What was found in one picture, the surest first.

    Attributes:
        boxes: (D, 4) left, top, right, bottom in pixels of the picture.
        kinds: (D,), classes.
        scores: (D,), from 0 to 1.
        picture: (H, W, 3) in [0, 1].
        sides: (2,), height and width in pixels that the boxes are told in: those of the picture's file.
    """

    boxes: NDArray[np.float32]
    kinds: NDArray[np.int64]
    scores: NDArray[np.float32]
    picture: NDArray[np.float32]
    sides: NDArray[np.int64]

    def told(self, threshold: float) -> "Detections":
        """Only those with at least this score."""
        kept = self.scores >= threshold
        return self._replace(boxes=self.boxes[kept], kinds=self.kinds[kept], scores=self.scores[kept])


def detections(
    inputs: Any, picture: NDArray[Any], boxes: NDArray[Any], kinds: NDArray[Any], scores: NDArray[Any]
) -> Detections:
    """What was found in one picture of a batch, told in pixels of the file it came from, where that is known.

    Args:
        inputs: the batch, which may be a `Framed` one.
        picture: (3, H, W), as the network saw it.
        boxes: (D, 4) in its pixels.
        kinds: (D,).
        scores: (D,).
    """
    whole, sides = getattr(inputs, "whole", None), getattr(inputs, "sides", None)
    height, width = picture.shape[1:]
    if whole is None or sides is None:
        whole, sides = np.asarray(picture).transpose(1, 2, 0), (height, width)
    else:
        inside = Letterbox.of((whole.shape[0], whole.shape[1]), (height, width)).outwards(boxes)
        size = np.array([whole.shape[1], whole.shape[0]] * 2, np.float32)
        boxes = inside.clip(0, size) * (sides[0] / whole.shape[0])
    values = np.asarray(boxes, np.float32).reshape(-1, 4)
    return Detections(values, np.asarray(kinds), np.asarray(scores), np.asarray(whole), np.array(sides))


@dataclass(frozen=True)
class Frame:
    """A box to draw.

    Attributes:
        box: left, top, right, bottom in pixels of the picture that is drawn on.
        colour: `"#rrggbb"`.
        label: text at its corner; empty for none.
        dashed: whether its line is broken.
    """

    box: Sequence[float]
    colour: str
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Boxes:
    """An answer is a `Detections`.

    Attributes:
        classes: their names.
        threshold: score from which an object is told.
        words: what people call one and several of a class: `{"RBC": ("red cell", "red cells")}`.
    """

    classes: Sequence[str]
    threshold: float = 0.4
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    kind: ClassVar[str] = "boxes"

    def counts(self, answer: Any, threshold: float | None = None) -> dict[str, int]:
        """How many of each class are told."""
        told = answer.told(self.threshold if threshold is None else threshold)
        found = np.bincount(np.asarray(told.kinds, int), minlength=len(self.classes))
        return dict(zip(self.classes, found.tolist(), strict=True))

    def text(self, answer: Any) -> str:
        """How many of what: `12 red cells, 1 white cell`, or `2 × 7, 1 × 3`."""
        return self.said(self.counts(answer))

    def said(self, counts: Mapping[str, int]) -> str:
        """Counts in words, the most first."""
        found = sorted(((count, name) for name, count in counts.items() if count), key=lambda pair: -pair[0])
        return ", ".join(self._words(name, count) for count, name in found) or "nothing"

    def to_json(self, answer: Any) -> dict[str, Any]:
        """Counts, and every object that is told: class, score, and box in pixels of the picture."""
        told = answer.told(self.threshold)
        height, width = (int(side) for side in answer.sides)
        return {
            "width": width,
            "height": height,
            "counts": self.counts(answer),
            "objects": [
                {
                    "class": self.classes[int(kind)],
                    "score": round(float(score), 4),
                    "box": np.asarray(box, np.float64).round(1).tolist(),
                }
                for box, kind, score in zip(told.boxes, told.kinds, told.scores, strict=True)
            ],
        }

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the picture with its boxes as PNG, and the JSON form beside it; returns the picture."""
        text = json.dumps(self.to_json(answer), indent=2) + "\n"
        (folder / f"{stem}.json").write_text(text, encoding="utf-8")
        path = folder / f"{stem}.png"
        drawn(answer.picture, self._frames(answer)).save(path)
        return path

    def drawn(self, picture: Any, answer: Any) -> NDArray[np.float32]:
        """The picture that was answered with its boxes, (H, W, 3) in [0, 1]."""
        return np.asarray(drawn(answer.picture, self._frames(answer), SHOWN), np.float32) / np.float32(255)

    def _frames(self, answer: Any) -> list[Frame]:
        told, colours = answer.told(self.threshold), hues(len(self.classes))
        smaller = np.shape(answer.picture)[1] / float(answer.sides[1])
        return [
            Frame((box * smaller).tolist(), colours[int(kind)], f"{self.classes[int(kind)]} {score:.2f}")
            for box, kind, score in zip(told.boxes, told.kinds, told.scores, strict=True)
        ]

    def _words(self, name: str, count: int) -> str:
        if name in self.words:
            return f"{count} {self.words[name][count != 1]}"
        return f"{count} × {name}"


def hues(count: int) -> list[str]:
    """As many colours as there are classes, evenly around the circle."""
    found = [colorsys.hls_to_rgb((0.6 + i / max(1, count)) % 1, 0.42, 0.8) for i in range(count)]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in each) for each in found]


def drawn(picture: NDArray[Any], frames: Sequence[Frame], longer: int = LONGER) -> Image.Image:
    """A picture (H, W, 3) in [0, 1] with boxes, enlarged until its longer side has so many pixels."""
    pixels = np.round(255 * np.clip(np.asarray(picture, np.float32), 0, 1)).astype(np.uint8)
    scale = max(1.0, longer / max(pixels.shape[:2]))
    height, width = (round(side * scale) for side in pixels.shape[:2])
    whole = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(whole)
    font = ImageFont.load_default(max(11, max(width, height) // 60))
    thick = max(2, max(width, height) // 350)
    for frame in frames:
        left, top, right, bottom = (float(each) * scale for each in frame.box)
        if frame.dashed:
            _dashes(pen, (left, top, right, bottom), frame.colour, thick)
        else:
            pen.rectangle((left, top, max(right, left), max(bottom, top)), outline=frame.colour, width=thick)
    for frame in frames:  # above all lines
        if frame.label:
            left, top = (float(each) * scale for each in frame.box[:2])
            _, _, wide, high = pen.textbbox((0, 0), frame.label, font=font)
            left = min(max(0.0, left), max(0.0, width - wide - 4))
            top = top - high - 3 if top > high + 3 else top
            pen.rectangle((left, top, left + wide + 4, top + high + 3), fill=frame.colour)
            pen.text((left + 2, top), frame.label, fill="white", font=font)
    return whole


def _dashes(
    pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: str, thick: int
) -> None:
    left, top, right, bottom = box
    step = 4 * thick
    for x in np.arange(left, right, 2 * step):
        for y in (top, bottom):
            pen.line((x, y, min(x + step, right), y), fill=colour, width=thick)
    for y in np.arange(top, bottom, 2 * step):
        for x in (left, right):
            pen.line((x, y, x, min(y + step, bottom)), fill=colour, width=thick)
