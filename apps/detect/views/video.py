"""A short video: what is found in it, frame by frame, and how many frames a second that is."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.outputs.boxes import colours
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.data.formats import video
from sandbox.errors import UserError
from sandbox.tasks.outputs.boxes import Boxes, Detections, Frame, drawn

TITLE = "Video"
ORDER = 40
MOST = 150
"""Frames that are shown."""
MEGABYTES = 50


def fits(view: RunView) -> bool:
    """Whether the network finds boxes."""
    return isinstance(view.predictor.output, Boxes)


def show(page: str, view: RunView) -> None:
    """Draw the boxes in each frame of an uploaded video."""
    file = st.file_uploader(
        "A short video",
        type=[ending.removeprefix(".") for ending in video.ENDINGS],
        key=f"{page}:video",
        max_upload_size=MEGABYTES,
        help=f"{video.KINDS}, at most {MEGABYTES} MB. Of a long one, {MOST} frames are shown.",
    )
    if file is None:
        st.caption("Every frame is answered by itself; the network remembers nothing of the one before.")
        return
    picture, line = st.empty(), st.empty()
    spent = count = 0
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "video"
            path.write_bytes(file.getvalue())
            for answer, seconds in answers(view, path, file.name[:60]):
                spent, count = spent + seconds, count + 1
                picture.image(_with_boxes(view, answer))
                said = escape(view.predictor.output.text(answer))
                line.markdown(
                    f"Frame {count}: {said}. **{count / spent:z.0f} frames a second** on this machine."
                )
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")


def answers(view: Any, path: Path, name: str) -> Iterator[tuple[Detections, float]]:
    """What is found in each frame, and the seconds that took without reading and drawing it."""
    predictor = view.predictor
    for frame in video.frames(path, MOST, name=name):
        begun = time.perf_counter()
        answer = predictor.predict(predictor.input.encode(frame)[None])[0]
        yield answer, time.perf_counter() - begun


def _with_boxes(view: RunView, answer: Detections) -> NDArray[np.uint8]:
    output = view.predictor.output
    told, hue = answer.told(output.threshold), colours(len(output.classes))
    smaller = answer.picture.shape[1] / float(answer.sides[1])
    frames = [
        Frame((box * smaller).tolist(), hue[int(kind)], output.classes[int(kind)])
        for box, kind in zip(told.boxes, told.kinds, strict=True)
    ]
    return np.asarray(drawn(answer.picture, frames, 640))
