"""A video through a task's network, frame by frame: what it finds is drawn into each frame.

For every predictor whose input is a photo and whose answer can be drawn over one: boxes, masks, maps.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import video
from sandbox.errors import UserError
from sandbox.files import path_text

PHOTOS = ("scene", "photo")
"""Kinds of input that are pictures of any size."""
CODEC, ENDING = "VP80", ".webm"
"""What OpenCV's own wheels can write and every browser plays."""


@dataclass(frozen=True)
class Frame:
    """One frame with its answer.

    Attributes:
        answer: of the network.
        picture: RGB bytes (H, W, 3) with the answer drawn over it.
        seconds: that the answer took, without reading and drawing.
    """

    answer: Any
    picture: NDArray[np.uint8]
    seconds: float


def fits(predictor: Any) -> bool:
    """Whether a network can be asked about the frames of a video."""
    return predictor.input.kind in PHOTOS and hasattr(predictor.output, "drawn")


def answered(predictor: Any, frames: Iterable[NDArray[np.float32]]) -> Iterator[Frame]:
    """The answer to each frame (H, W, 3) in [0, 1], each by itself."""
    for frame in frames:
        value = predictor.input.encode(frame)
        begun = time.perf_counter()
        answer = predictor.predict(value[None])[0]
        seconds = time.perf_counter() - begun
        shown = np.round(255 * np.clip(predictor.output.drawn(value, answer), 0, 1)).astype(np.uint8)
        yield Frame(answer, shown, seconds)


class Writer:
    """Writes frames of one size into a WEBM file; leave it by `with`.

    Args:
        path: of the file.
        rate: frames per second.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate = path, rate
        self._writer: Any = None
        self._size = (0, 0)

    def __enter__(self) -> Writer:
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()

    def write(self, picture: NDArray[np.uint8]) -> None:
        """Add a frame; a last odd row or column, which the codec does not take, is left out.

        Raises:
            UserError: it cannot be written.
        """
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        if self._writer is None:
            self._size = (width, height)
            fourcc = cv2.VideoWriter.fourcc(*CODEC)
            self._writer = cv2.VideoWriter(str(self.path), fourcc, self.rate, self._size)
            if not self._writer.isOpened():
                raise UserError(
                    f"{path_text(self.path)} cannot be written; OpenCV here has no {CODEC} codec."
                )
        self._writer.write(np.ascontiguousarray(picture[: self._size[1], : self._size[0], ::-1]))


@dataclass(frozen=True)
class Written:
    """A video with answers.

    Attributes:
        path: of the file.
        frames: in it.
        seconds: that the network took for all of them.
        last: the answer to the last one.
    """

    path: Path
    frames: int
    seconds: float
    last: Any

    @property
    def rate(self) -> float:
        """Frames that were answered in a second."""
        return self.frames / max(self.seconds, 1e-9)


def annotate(predictor: Any, file: Path, path: Path) -> Written:
    """Answer a video and write it with the answers drawn into it.

    Args:
        predictor: one that `fits`.
        file: the video.
        path: of the new one.

    Raises:
        UserError: it cannot be read or written; says why.
    """
    count, seconds, last = 0, 0.0, None
    with Writer(path, video.rate(file)) as writer:
        for frame in answered(predictor, video.frames(file)):
            writer.write(frame.picture)
            count, seconds, last = count + 1, seconds + frame.seconds, frame.answer
    return Written(path, count, seconds, last)
