"""Boxes in, boxes out: what is told, saved and mapped back to the picture's own pixels."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from sandbox.blocks.centernet import CenterNet
from sandbox.data.formats.images import PictureError
from sandbox.tasks.families import detection
from sandbox.tasks.families.detection import Detector
from sandbox.tasks.inputs.scene import Framed, Scene
from sandbox.tasks.outputs.boxes import Boxes, Detections, Frame, drawn, hues

OUTPUT = Boxes(("RBC", "WBC"), 0.4, {"RBC": ("red cell", "red cells"), "WBC": ("white cell", "white cells")})


def found(*rows, sides=(40, 60)) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    picture = np.zeros((20, 30, 3), np.float32)
    return Detections(table[:, :4], table[:, 4].astype(int), table[:, 5], picture, np.array(sides))


def test_says_how_many_of_what():
    rows = [[0, 0, 9, 9, 0, 0.9], [20, 0, 29, 9, 0, 0.5], [0, 20, 9, 29, 1, 0.8], [0, 0, 9, 9, 1, 0.39]]
    assert OUTPUT.text(found(*rows)) == "2 red cells, 1 white cell"
    assert OUTPUT.text(found()) == "nothing"
    assert Boxes(("7", "3"), 0.4).text(found(*rows)) == "2 × 7, 1 × 3"
    assert OUTPUT.counts(found(*rows), 0.85) == {"RBC": 1, "WBC": 0}


def test_saves_a_picture_and_json_in_pixels_of_the_file(tmp_path):
    path = OUTPUT.save(found([20, 10, 40, 30, 1, 0.75], [0, 0, 9, 9, 0, 0.1]), tmp_path, "answer")
    said = json.loads((tmp_path / "answer.json").read_text())
    assert said == {
        "width": 60,
        "height": 40,
        "counts": {"RBC": 0, "WBC": 1},
        "objects": [{"class": "WBC", "score": 0.75, "box": [20.0, 10.0, 40.0, 30.0]}],
    }
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    assert pixels.shape == (600, 900, 3)
    colour = [int(hues(2)[1][i : i + 2], 16) for i in (1, 3, 5)]
    assert pixels[300, 301].tolist() == colour  # the left side of the box, 20 of 60 pixels from the left
    assert pixels[100, 600].tolist() == [0, 0, 0]


def test_boxes_beyond_the_edge_and_without_area_can_be_drawn():
    frames = [Frame((-9, -9, 5, 5), "#ff0000", "a"), Frame((28, 18, 60, 60), "#00ff00", "b", True)]
    assert drawn(np.zeros((20, 30, 3)), [*frames, Frame((3, 3, 3, 3), "#0000ff")], 90).size == (90, 60)


@pytest.mark.parametrize("size", [(40, 160), (160, 40), (64, 96), (2000, 3000)])
def test_a_file_of_any_shape_is_answered_in_its_own_pixels(tmp_path, monkeypatch, size):
    monkeypatch.setattr(detection, "LEAST_SCORE", 0.0)  # untrained, it is sure of nothing
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    pixels = np.kron(draw.integers(0, 255, (4, 8, 3)), np.ones((size[0] // 4, size[1] // 8, 1)))
    Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "one.png")
    detector = Detector(CenterNet(2, channels=(8, 8)).eval(), (3, 64, 96), OUTPUT, 0.5)
    raw = detector.input.read(tmp_path / "one.png")
    value = detector.input.encode(raw)
    assert isinstance(value, Framed) and value.shape == (3, 64, 96) and value.sides == pixels.shape[:2]
    answer, plain = detector.predict(value[None])[0], detector.predict(np.asarray(value)[None])[0]
    assert answer.sides.tolist() == list(pixels.shape[:2]) and plain.sides.tolist() == [64, 96]
    scale = min(64 / pixels.shape[0], 96 / pixels.shape[1])
    assert len(answer.boxes) == len(plain.boxes) > 0
    high, wide = pixels.shape[:2]
    assert (answer.boxes >= 0).all() and (answer.boxes <= [wide, high, wide, high]).all()
    shift = np.array([(96 - wide * scale) / 2, (64 - high * scale) / 2] * 2)
    expected = ((plain.boxes - shift) / scale).clip(0, [wide, high, wide, high])
    assert answer.boxes == pytest.approx(expected, abs=1.5 / scale)


def test_a_grey_picture_and_a_picture_that_is_none(tmp_path):
    Image.fromarray(np.full((9, 7), 255, np.uint8)).save(tmp_path / "grey.png")
    scene = Scene((3, 32, 32))
    assert scene.encode(scene.read(tmp_path / "grey.png")).max() == 1
    (tmp_path / "none.png").write_bytes(b"none")
    with pytest.raises(PictureError):
        scene.read(tmp_path / "none.png")
