"""What a driver does: how far to turn the wheels, and how fast to drive; and where it sees road and lane."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sandbox.data import road_view
from sandbox.tasks.outputs.mask import Mask

TINT = (0.2, 0.55, 1.0)
"""Of the way ahead, over a picture."""
THIN = 0.5
"""Metres of its width over a marked lane; it is as wide as the car elsewhere."""
LARGE = 384
"""Pixels of the width to which a small picture is enlarged before the way is drawn over it."""


GROUND = ("other", "road", "lane")
"""What a pixel may be: the own lane, the rest of the road, or anything else, such as a car on it."""
PAINTS = ((0.0, 0.0, 0.0), (0.80, 0.47, 0.65), (0.0, 0.75, 0.45))
"""Red, green and blue of each over a picture. Okabe & Ito 2008, a little brighter."""
STRENGTH = 0.4


class Steered(NamedTuple):
    """An answer about one picture.

    Attributes:
        way: (2,), angle of the front wheels in degrees, positive to the left, and speed in m/s.
        ground: (H, W), of each pixel its class of `GROUND`; None of who does not say it.
    """

    way: NDArray[np.float32]
    ground: NDArray[np.uint8] | None = None


def way_of(answer: Any) -> NDArray[Any]:
    """Angle and speed (2,) of a `Steered`, or of who says no more than these."""
    return np.ravel(answer.way if isinstance(answer, Steered) else answer)


def ways(answers: Sequence[Any]) -> NDArray[Any]:
    """Angles and speeds (N, 2) of answers."""
    return np.array([way_of(answer) for answer in answers], np.float64).reshape(-1, 2)


def marked(photo: NDArray[Any], ground: NDArray[Any]) -> NDArray[np.float32]:
    """A photo (H, W, 3) in [0, 1] on which road and lane (h, w) are tinted."""
    size = (photo.shape[1], photo.shape[0])
    resized = cv2.resize(np.asarray(ground, np.uint8), size, interpolation=cv2.INTER_NEAREST)
    large = np.asarray(resized, np.uint8)
    share = STRENGTH * (large > 0)[..., None]
    return ((1 - share) * photo + share * np.array(PAINTS)[large]).astype(np.float32)


@dataclass(frozen=True)
class Steering:
    """An answer is a `Steered`, or an array (2,), its way."""

    kind: ClassVar[str] = "steering"

    def text(self, answer: Any) -> str:
        """Such as `1.2° to the left, 52 km/h`."""
        angle, speed = (float(value) for value in way_of(answer))
        side = "left" if angle > 0 else "right"
        turned = "straight on" if abs(angle) < 0.05 else f"{abs(angle):.1f}° to the {side}"
        return f"{turned}, {3.6 * max(speed, 0.0):.0f} km/h"

    def to_json(self, answer: Any) -> dict[str, float]:
        """`angle` in degrees, positive to the left, `speed` in m/s; shares of `road` and `lane` if said."""
        angle, speed = (float(value) for value in way_of(answer))
        found = {"angle": angle, "speed": speed}
        if (ground := _ground(answer)) is not None:
            shares = Mask(classes=GROUND).shares(ground)
            found |= {name: round(shares[name], 4) for name in GROUND[1:]}
        return found

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the JSON form; what each pixel is, if said, beside it as a PNG file `<stem>-ground.png`."""
        if (ground := _ground(answer)) is not None:
            Mask(classes=GROUND).save(ground, folder, f"{stem}-ground")
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(self.to_json(answer), indent=2) + "\n", encoding="utf-8")
        return path

    def drawn(self, picture: Any, answer: Any, tint: Any = TINT) -> NDArray[np.float32]:
        """The way that the car would take, over its picture (3, H, W): a photo (H, W, 3) in [0, 1].

        Where the answer says what road and lane are, these are tinted.

        Args:
            picture: in [0, 1].
            answer: to draw.
            tint: red, green and blue of the way.
        """
        photo = np.ascontiguousarray(np.asarray(picture, np.float32).transpose(1, 2, 0))
        if photo.shape[1] < LARGE:
            larger = round(LARGE * photo.shape[0] / photo.shape[1])
            photo = cv2.resize(photo, (LARGE, larger), interpolation=cv2.INTER_LINEAR)
        half = road_view.CAR / 2
        if (ground := _ground(answer)) is not None:
            photo, half = marked(photo, ground), THIN / 2  # the lane stays in sight
        points = road_view.path(float(way_of(answer)[0]))
        along = np.gradient(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
        edges = [points + side * half * across for side in (1, -1)]
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


def _ground(answer: Any) -> NDArray[np.uint8] | None:
    return answer.ground if isinstance(answer, Steered) else None
