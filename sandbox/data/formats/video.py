"""Short videos, frame by frame, through OpenCV."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError
from sandbox.files import path_text

ENDINGS = (".mp4", ".avi", ".mov", ".mkv", ".webm")
KINDS = "MP4, AVI, MOV, MKV or WEBM"
MOST_BYTES = 100 * 10**6
MOST_PIXELS = 9 * 10**6
"""Of one frame."""
MOST_FRAMES = 600
"""That are handed out, evenly spread over a longer video."""
MOST_READ = 20_000
"""Frames that are looked through for them."""


def frames(file: Path, most: int = MOST_FRAMES, *, name: str = "") -> Iterator[NDArray[np.float32]]:
    """Frames (H, W, 3) in [0, 1], in their order; at most so many, evenly spread as far as the file says.

    Args:
        file: the video.
        most: frames that are handed out.
        name: what it is called in a message; by default its path.

    Raises:
        UserError: it is no video, or one that is too large; says which.
    """
    said = name or path_text(file)
    if file.stat().st_size > MOST_BYTES:
        raise UserError(f"{said} is larger than {MOST_BYTES // 10**6} MB.")
    video = cv2.VideoCapture(str(file))
    try:
        width, height, count = (
            video.get(key)
            for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_COUNT)
        )
        if not video.isOpened() or not (width >= 1 and height >= 1):
            raise UserError(f"{said} is no {KINDS} video that can be read.")
        if width * height > MOST_PIXELS:
            most_said = f"at most {MOST_PIXELS // 10**6} million are read"
            raise UserError(f"{said} has {width:.0f} x {height:.0f} pixels; {most_said}.")
        every = max(1, int(-(-min(count, MOST_READ) // most)))
        given = 0
        for number in range(MOST_READ):
            if given == most or not video.grab():
                break
            if number % every:
                continue
            good, frame = video.retrieve()
            if not good or frame is None or frame.ndim != 3 or frame.shape[0] * frame.shape[1] > MOST_PIXELS:
                break
            given += 1
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(np.float32) / np.float32(255)
        if not given:
            raise UserError(f"{said} is no {KINDS} video that can be read.")
    finally:
        video.release()
