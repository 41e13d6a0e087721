"""Videos through a network: every frame is answered, and written with what was found."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from sandbox import cli
from sandbox.blocks.centernet import CenterNet
from sandbox.data.formats import video
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.tasks.families.detection import Detector
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.outputs.boxes import Boxes
from sandbox.tasks.outputs.mask import Mask
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.video import annotate, answered, fits


@pytest.fixture
def film(tmp_path):
    """Five frames, each brighter than the one before."""
    path = tmp_path / "short.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 48))
    for i in range(5):
        writer.write(np.full((48, 96, 3), 40 * i, np.uint8))
    writer.release()
    return path


class Bright:
    """Marks all of a frame that is brighter than a half."""

    input, output = Photo(3), Mask(classes=("dark", "bright"))

    def predict(self, inputs):
        return [(np.asarray(one).mean(0) > 0.5).astype(np.int32) for one in inputs]


@pytest.mark.thorough
def test_every_frame_is_answered_in_its_own_pixels(film):
    detector = Detector(CenterNet(2, channels=(8, 8)).eval(), (3, 32, 32), Boxes(("a", "b")), 0.5)
    found = list(answered(detector, video.frames(film)))
    assert len(found) == 5 and all(one.seconds > 0 for one in found)
    assert {tuple(one.answer.sides.tolist()) for one in found} == {(48, 96)}
    assert found[0].picture.shape == (320, 640, 3)


def test_the_answers_are_drawn_into_a_video_of_the_same_length(film, tmp_path):
    written = annotate(Bright(), film, tmp_path / "again.webm")
    assert (written.frames, written.last.tolist()) == (5, np.ones((48, 96)).tolist())
    assert video.rate(film) == pytest.approx(video.rate(written.path)) == 10
    drawn = np.stack(list(video.frames(written.path)))
    plain = np.stack(list(video.frames(film)))
    tints = np.abs(drawn - plain).mean((1, 2)).std(1)  # grey frames that a class has given a colour
    assert drawn.shape == (5, 48, 96, 3) and tints.min() > 0.02
    assert np.abs((drawn - plain)[1].mean((0, 1)) - (drawn - plain)[4].mean((0, 1))).max() > 0.05


def test_a_long_video_is_thinned_and_plays_as_long(film):
    assert len(list(video.frames(film, 2))) == 2
    assert video.rate(film, 2) == pytest.approx(10 / 3)


def test_only_what_is_drawn_over_photos_takes_videos():
    assert fits(Bright())
    assert not fits(SimpleNamespace(input=Photo(3), output=Numbers(["a"])))


def test_the_command_writes_it_and_says_how_fast(film, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sandbox.tasks.loading.load_predictor", lambda run, step: Bright())
    run = Run.create("vision/segment", {"kind": "task"})
    (tmp_path / "none.mp4").write_bytes(b"no video")
    words = ["predict", run.name, str(film), str(tmp_path / "none.mp4")]
    assert cli.main(words) == 2 and "--save" in capsys.readouterr().err
    assert cli.main([*words, "--save", str(tmp_path / "out"), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["videos"][str(film)]["frames"] == 5 and said["videos"][str(film)]["frames_per_second"] > 0
    assert len(list(video.frames(tmp_path / "out" / "short.webm"))) == 5
    assert "no MP4" in said["problems"][str(tmp_path / "none.mp4")]


def test_without_a_camera_it_is_one_sentence():
    with pytest.raises(UserError, match="take a video file"):
        next(video.camera_frames(1, number=99))
