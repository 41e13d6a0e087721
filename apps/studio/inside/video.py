"""A short video, or the camera of this machine: what is found in it, frame by frame, and how fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.data.formats import video
from sandbox.errors import UserError
from sandbox.tasks.video import ENDING, Writer, answered
from sandbox.tasks.video import fits as takes_video

TITLE = "Video"
ORDER = 90
MOST, SECONDS, MEGABYTES = 150, 60.0, 50
"""Frames that are shown, seconds that the network may take for them, and size of the file."""
LIVE, LIVE_RATE = 100, 10.0
"""Frames from the camera, and how many a second their film plays."""
FILE, CAMERA = "a file", "the camera of this machine"


def fits(view: RunView) -> bool:
    """Whether the network takes photos, and its answers can be drawn over them."""
    return takes_video(view.predictor)


def show(page: str, view: RunView) -> None:
    """Draw the answer over each frame of an uploaded video, or of what the server's camera sees."""
    way = st.segmented_control(
        "Where the frames come from",
        [FILE, CAMERA],
        default=FILE,
        required=True,
        key=f"{page}:frames",
        label_visibility="collapsed",
    )
    if way == CAMERA:
        st.caption("This is the camera of the machine that the studio runs on, through OpenCV.")
        if st.button("Look through it", icon=":material/videocam:", key=f"{page}:look"):
            _film(page, view, video.camera_frames(LIVE), LIVE_RATE)
        return
    file = st.file_uploader(
        "A short video",
        type=[ending.removeprefix(".") for ending in video.ENDINGS],
        key=f"{page}:video",
        max_upload_size=MEGABYTES,
        help=f"{video.KINDS}, at most {MEGABYTES} MB. Of a long one, {MOST} frames are shown, evenly spread.",
    )
    if file is None:
        st.caption("Every frame is answered by itself; the network remembers nothing of the one before.")
        return
    key, film = f"{page}:film", (file.file_id, view.run.name, view.step)
    if st.session_state.get(key, (None, None))[0] == film:
        _draw(page, *st.session_state[key][1])
        return
    with TemporaryDirectory() as folder:
        path, name = Path(folder) / "video", file.name[:60]
        path.write_bytes(file.getvalue())
        try:
            rate = video.rate(path, MOST, name=name)
        except UserError as error:
            st.error(sentence(error), icon=":material/error:")
            return
        found = _film(page, view, video.frames(path, MOST, name=name), rate)
    if found is not None:
        st.session_state[key] = film, found


def _film(
    page: str, view: RunView, frames: Iterable[NDArray[np.float32]], rate: float
) -> tuple[bytes, str] | None:
    """Show frames as they are answered, then all of them as a film; None if there is none."""
    picture, line = st.empty(), st.empty()
    spent, count, said = 0.0, 0, ""
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"film{ENDING}"
            with Writer(path, rate) as writer:
                for frame in _within(answered(view.predictor, frames)):
                    spent, count = spent + frame.seconds, count + 1
                    writer.write(frame.picture)
                    picture.image(frame.picture, output_format="JPEG")
                    said = f"**{count / max(spent, 1e-9):z.0f} frames a second** on this machine"
                    answer = escape(view.predictor.output.text(frame.answer))
                    line.markdown(f"Frame {count}: {answer}. {said}.")
            film = path.read_bytes()
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return None
    picture.empty()
    line.empty()
    found = film, f"{count} frames, {said}, without reading and drawing them."
    _draw(page, *found)
    return found


def _within(frames: Iterator[Any]) -> Iterator[Any]:
    """Frames until the network has taken `SECONDS`."""
    spent = 0.0
    for frame in frames:
        yield frame
        spent += frame.seconds
        if spent > SECONDS:
            return


def _draw(page: str, film: bytes, said: str) -> None:
    st.video(film, format="video/webm")
    st.markdown(said)
    st.download_button(
        "The video with its answers (WEBM)",
        film,
        "answers.webm",
        "video/webm",
        icon=":material/download:",
        key=f"{page}:webm",
        on_click="ignore",
    )
