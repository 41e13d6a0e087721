"""Videos: frames in their order, a limit on how many, and one sentence for what is none."""

import cv2
import numpy as np
import pytest

from sandbox.data.formats import video
from sandbox.errors import UserError


@pytest.fixture
def short(tmp_path):
    """Ten frames that grow brighter."""
    path = tmp_path / "short.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for i in range(10):
        writer.write(np.full((48, 64, 3), 20 * i, np.uint8))
    writer.release()
    return path


def test_every_frame_in_its_order(short):
    found = list(video.frames(short))
    assert len(found) == 10 and found[0].shape == (48, 64, 3)
    assert [each.mean() for each in found] == pytest.approx([20 * i / 255 for i in range(10)], abs=0.02)


def test_of_a_long_one_some_evenly_spread(short):
    found = list(video.frames(short, 4))
    assert [each.mean() for each in found] == pytest.approx([0, 60 / 255, 120 / 255, 180 / 255], abs=0.02)


@pytest.mark.parametrize("content", [b"", b"no video", b"\x89PNG\r\n"])
def test_what_is_none_is_one_sentence(tmp_path, content):
    (tmp_path / "none.mp4").write_bytes(content)
    with pytest.raises(UserError, match="no MP4"):
        list(video.frames(tmp_path / "none.mp4"))


def test_a_frame_that_is_too_large_is_refused(short, monkeypatch):
    monkeypatch.setattr(video, "MOST_PIXELS", 100)
    with pytest.raises(UserError, match="64 x 48"):
        list(video.frames(short))
