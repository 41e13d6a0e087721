"""Maps of strangeness: how far each pixel of a picture is from what good ones look like."""

from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sandbox.data.overlay import photo_of

HEAT = np.array((213, 94, 0)) / 255
"""Vermilion, for colour-blind eyes, too. Okabe & Ito 2008."""
SPREAD = 0.6, 1.6
"""Values of a map at which the tint begins, and is full."""


class AnomalyMap:
    """An answer is an array (H, W): 1 is the threshold, from which on a pixel is an alarm.

    The threshold was chosen on good pictures alone.
    """

    kind: ClassVar[str] = "anomaly_map"

    def score(self, answer: Any) -> float:
        """How strange the strangest pixel is."""
        return float(np.max(answer))

    def text(self, answer: Any) -> str:
        """Such as `defect: score 1.80 (alarm from 1), 3 % of the picture`."""
        score, share = self.score(answer), float((np.asarray(answer) >= 1).mean())
        if score < 1:
            return f"good: score {score:.2f} (alarm from 1)"
        return f"defect: score {score:.2f} (alarm from 1), {100 * share:.1f} % of the picture"

    def to_json(self, answer: Any) -> dict[str, Any]:
        """`score`, `alarm`, the `share` of strange pixels, and the `boxes` around them, in pixels."""
        found = (np.asarray(answer) >= 1).astype(np.uint8)
        _, _, parts, _ = cv2.connectedComponentsWithStats(found)
        boxes = [[int(x), int(y), int(x + w), int(y + h)] for x, y, w, h, _ in parts[1:]]
        return {
            "score": round(self.score(answer), 4),
            "alarm": self.score(answer) >= 1,
            "share": round(float(found.mean()), 5),
            "size": [found.shape[1], found.shape[0]],
            "boxes": boxes,
        }

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the map as a grey PNG file; 128 is the threshold."""
        path = folder / f"{stem}.png"
        PillowImage.fromarray(np.clip(128 * np.asarray(answer), 0, 255).astype(np.uint8)).save(path)
        return path

    def drawn(self, picture: Any, answer: Any) -> NDArray[np.float32]:
        """The picture (C, H, W) as a photo (H, W, 3) in [0, 1], tinted where it is strange."""
        photo = photo_of(np.asarray(picture))
        low, high = SPREAD
        tint = 0.65 * np.clip((np.asarray(answer)[..., None] - low) / (high - low), 0, 1)
        return ((1 - tint) * photo + tint * HEAT).astype(np.float32)

    def save_over(self, picture: Any, answer: Any, folder: Path, stem: str) -> Path:
        """Write the tinted picture as a PNG file `<stem>-overlay.png`, for the eye."""
        path = folder / f"{stem}-overlay.png"
        PillowImage.fromarray(np.round(255 * self.drawn(picture, answer)).astype(np.uint8)).save(path)
        return path
