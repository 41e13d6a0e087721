"""The view of a video: a film with what was found in each frame; one sentence without a camera."""

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from sandbox.data.formats import video
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough


def page():
    from types import SimpleNamespace
    from typing import Any

    import numpy as np

    from apps.studio.inside import video
    from sandbox.tasks.inputs.photo import Photo
    from sandbox.tasks.outputs.mask import Mask

    class Bright:
        input, output = Photo(3), Mask(classes=("dark", "bright"))

        def predict(self, inputs):
            return [(np.asarray(one).mean(0) > 0.5).astype(np.int32) for one in inputs]

    view: Any = SimpleNamespace(predictor=Bright(), run=SimpleNamespace(name="run"), step=1)
    video.show("detect", view)


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "short.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 48))
    for i in range(5):
        writer.write(np.full((48, 96, 3), 40 * i, np.uint8))
    writer.release()
    return path.read_bytes()


def test_a_film_is_shown_with_its_frames_a_second(film):
    at = AppTest.from_function(page, default_timeout=30).run()
    at.file_uploader(key="detect:video").upload("short.avi", film, "video/x-msvideo").run()
    assert not at.exception and not at.error
    (said,) = (text.value for text in at.markdown)
    assert said.startswith("5 frames, **") and "frames a second** on this machine" in said
    (_, (kept, _)) = at.session_state["detect:film"]
    assert kept[:4] == b"\x1aE\xdf\xa3"  # the head of a WEBM file
    at.file_uploader(key="detect:video").upload("none.avi", b"nothing", "video/x-msvideo").run()
    assert "none.avi is no MP4" in at.error[0].value.replace("\\", "")


def test_without_a_camera_the_page_says_so(monkeypatch):
    def none(most):
        raise UserError("No camera of this machine can be opened; take a video file.")
        yield

    monkeypatch.setattr(video, "camera_frames", none)
    at = AppTest.from_function(page, default_timeout=30).run()
    at.segmented_control(key="detect:frames").set_value("the camera of this machine").run()
    at.button(key="detect:look").click().run()
    assert [error.value for error in at.error] == [
        "No camera of this machine can be opened; take a video file."
    ]
