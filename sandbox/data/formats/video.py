"""Short videos and cameras, frame by frame, through OpenCV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
MOST_RATE, USUAL_RATE = 240.0, 25.0
"""Largest rate in frames per second that a file may tell, and the one of a file that tells none."""


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
    with opened(file, said) as video:
        every = _every(video, most)
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
            yield _values(frame)
        if not given:
            raise UserError(f"{said} is no {KINDS} video that can be read.")


def rate(file: Path, most: int = MOST_FRAMES, *, name: str = "") -> float:
    """How many of the frames that `frames` hands out are a second of the video.

    Args:
        file: the video.
        most: see `frames`.
        name: likewise.

    Raises:
        UserError: see `frames`.
    """
    with opened(file, name or path_text(file)) as video:
        told = float(video.get(cv2.CAP_PROP_FPS))
        return max(1.0, (told if 0 < told <= MOST_RATE else USUAL_RATE) / _every(video, most))


def camera_frames(most: int, number: int = 0) -> Iterator[NDArray[np.float32]]:
    """Frames (H, W, 3) in [0, 1] of what a camera of this machine sees now.

    Raises:
        UserError: there is none that can be opened.
    """
    camera = cv2.VideoCapture(number)
    try:
        for _ in range(most):
            good, frame = camera.read() if camera.isOpened() else (False, None)
            if not good or frame is None:
                raise UserError("No camera of this machine can be opened; take a video file.")
            yield _values(frame)
    finally:
        camera.release()


@contextmanager
def opened(file: Path, name: str) -> Iterator[cv2.VideoCapture]:
    """A video whose size is within the limits.

    Raises:
        UserError: it is no video, or one that is too large; says which.
    """
    if file.stat().st_size > MOST_BYTES:
        raise UserError(f"{name} is larger than {MOST_BYTES // 10**6} MB.")
    video = cv2.VideoCapture(str(file))
    try:
        width, height = (video.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if not video.isOpened() or not (width >= 1 and height >= 1):
            raise UserError(f"{name} is no {KINDS} video that can be read.")
        if width * height > MOST_PIXELS:
            most_said = f"at most {MOST_PIXELS // 10**6} million are read"
            raise UserError(f"{name} has {width:.0f} x {height:.0f} pixels; {most_said}.")
        yield video
    finally:
        video.release()


def _every(video: cv2.VideoCapture, most: int) -> int:
    """Every so many-th frame is handed out."""
    return max(1, int(-(-min(video.get(cv2.CAP_PROP_FRAME_COUNT), MOST_READ) // most)))


def _values(frame: NDArray[Any]) -> NDArray[np.float32]:
    return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(np.float32) / np.float32(255)
