"""What a driver does: how far to turn the wheels, and how fast to drive."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sandbox.data import road_view

TINT = (0.2, 0.55, 1.0)
"""Of the way ahead, over a picture."""
LARGE = 384
"""Pixels of the width to which a small picture is enlarged before the way is drawn over it."""


@dataclass(frozen=True)
class Steering:
    """An answer is an array (2,): angle of the front wheels in degrees, positive to the left, and m/s."""

    kind: ClassVar[str] = "steering"

    def text(self, answer: Any) -> str:
        """Such as `1.2° to the left, 52 km/h`."""
        angle, speed = (float(value) for value in np.ravel(answer))
        side = "left" if angle > 0 else "right"
        turned = "straight on" if abs(angle) < 0.05 else f"{abs(angle):.1f}° to the {side}"
        return f"{turned}, {3.6 * max(speed, 0.0):.0f} km/h"

    def to_json(self, answer: Any) -> dict[str, float]:
        """`angle` in degrees, positive to the left, and `speed` in m/s."""
        angle, speed = (float(value) for value in np.ravel(answer))
        return {"angle": angle, "speed": speed}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the JSON form."""
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(self.to_json(answer), indent=2) + "\n", encoding="utf-8")
        return path

    def drawn(self, picture: Any, answer: Any, tint: Any = TINT) -> NDArray[np.float32]:
        """The way that the car would take, over its picture (3, H, W): a photo (H, W, 3) in [0, 1].

        Args:
            picture: in [0, 1].
            answer: to draw.
            tint: red, green and blue of the way.
        """
        photo = np.ascontiguousarray(np.asarray(picture, np.float32).transpose(1, 2, 0))
        if photo.shape[1] < LARGE:
            larger = round(LARGE * photo.shape[0] / photo.shape[1])
            photo = cv2.resize(photo, (LARGE, larger), interpolation=cv2.INTER_LINEAR)
        points = road_view.path(float(np.ravel(answer)[0]))
        along = np.gradient(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
        edges = [points + side * road_view.CAR / 2 * across for side in (1, -1)]
        size = (photo.shape[0], photo.shape[1])
        outline = np.concatenate([edges[0], edges[1][::-1]])
        corners = road_view.pixels(outline[:, 0], outline[:, 1], size).clip(-5_000, 5_000)
        covered = np.zeros(size, np.float32)
        cv2.fillPoly(covered, [np.round(corners).astype(np.int32)], 1.0, cv2.LINE_AA)
        share = 0.55 * covered[..., None]
        return ((1 - share) * photo + share * np.array(tint, np.float32)).clip(0, 1).astype(np.float32)

    def save_over(self, picture: Any, answer: Any, folder: Path, stem: str) -> Path:
        """Write the way over its picture as a PNG file `<stem>-overlay.png`, for the eye."""
        path = folder / f"{stem}-overlay.png"
        PillowImage.fromarray(np.round(255 * self.drawn(picture, answer)).astype(np.uint8)).save(path)
        return path
