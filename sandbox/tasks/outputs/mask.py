"""Masks: what every pixel of a picture belongs to, an object or a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image as PillowImage

from sandbox.data import objects
from sandbox.data.overlay import outlined, photo_of, tinted

LISTED = 2_000
"""Objects that the JSON form lists, the first ones; it counts all."""


@dataclass(frozen=True, kw_only=True)
class Mask:
    """An answer is an array (H, W) of whole numbers: of objects, 0 for none; or of classes, from 0.

    Attributes:
        things: what the objects are called, in the plural.
        classes: their names, where each pixel has a class; empty for objects.
    """

    things: str = "objects"
    classes: Sequence[str] = ()
    kind: ClassVar[str] = "mask"

    def shares(self, answer: Any) -> dict[str, float]:
        """How much of the picture each class covers, by name."""
        counts = np.bincount(np.asarray(answer).ravel(), minlength=len(self.classes))
        return {name: float(part) for name, part in zip(self.classes, counts / counts.sum(), strict=True)}

    def text(self, answer: Any) -> str:
        """Such as `37 nuclei, 18 % of the picture`; or `brick 40 %, grass 35 %, gravel 25 %`."""
        if self.classes:
            largest = sorted(self.shares(answer).items(), key=lambda item: -item[1])
            return ", ".join(f"{name} {100 * share:.0f} %" for name, share in largest if share)
        mask = np.asarray(answer)
        return f"{objects.count(mask):,} {self.things}, {100 * float((mask > 0).mean()):.0f} % of the picture"

    def to_json(self, answer: Any) -> dict[str, Any]:
        """`size` (width, height) with `count`, `share` and `objects`, or `shares` of classes.

        An object has a centre, an area and a box, all in pixels of the picture as the network saw it, from
        its upper left corner.
        """
        mask = np.asarray(answer)
        size = {"size": [mask.shape[1], mask.shape[0]]}
        if self.classes:
            return {**size, "shares": self.shares(mask)}
        found = objects.listed(mask)
        share = round(float((mask > 0).mean()), 4)
        listed = [one.to_json() for one in found[:LISTED]]
        return {**size, "count": len(found), "share": share, "objects": listed}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a PNG file whose grey values are the numbers, of 16 bits where there are more than 255."""
        path = folder / f"{stem}.png"
        mask = np.asarray(answer)
        PillowImage.fromarray(mask.astype(np.uint16 if mask.max(initial=0) > 255 else np.uint8)).save(path)
        return path

    def drawn(self, picture: Any, answer: Any) -> Any:
        """The answer over its picture (C, H, W) as a photo (H, W, 3) in [0, 1]."""
        photo, mask = photo_of(np.asarray(picture)), np.asarray(answer)
        return tinted(photo, mask) if self.classes else outlined(photo, mask)

    def save_over(self, picture: Any, answer: Any, folder: Path, stem: str) -> Path:
        """Write the answer over its picture as a PNG file `<stem>-overlay.png`, for the eye."""
        path = folder / f"{stem}-overlay.png"
        pixels = np.round(255 * np.clip(self.drawn(picture, answer), 0, 1)).astype(np.uint8)
        PillowImage.fromarray(pixels).save(path)
        return path
