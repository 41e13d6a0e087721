"""What only the page Detect shows: maps over a picture, false boxes and missed objects."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from apps.detect.views.heat_maps import overlaid
from apps.studio.outputs import boxes
from envs.engine import palette
from sandbox.tasks.outputs.boxes import Boxes, Detections

pytestmark = pytest.mark.thorough


def test_a_map_colours_the_cells_it_marks():
    heat = np.zeros((2, 3), np.float32)
    heat[1, 2] = 1
    found = overlaid(np.ones((3, 8, 12), np.float32), heat, palette.MODEL)
    assert found.shape == (8, 12, 3) and (found[:4] == 1).all()
    assert found[5, 9] == pytest.approx(np.array(palette.rgb(palette.MODEL)) / 255)


def test_false_boxes_and_missed_objects_are_marked():
    view: Any = SimpleNamespace(predictor=SimpleNamespace(output=Boxes(("a", "b"))))
    told = np.array([[0, 0, 10, 10], [30, 0, 40, 10]], np.float32)
    found = Detections(
        told, np.array([0, 1]), np.array([0.9, 0.8]), np.zeros((50, 50, 3), np.float32), np.array([50, 50])
    )
    truth = torch.tensor([[0.0, 0, 10, 10, 0], [0, 30, 10, 40, 1], [-1] * 5])
    frames, right, wrong, missed = boxes._frames(view, found, truth)  # pyright: ignore[reportPrivateUsage]
    assert (right, wrong, missed) == (1, 1, 1)
    assert [(frame.dashed, frame.colour) for frame in frames] == [
        (False, boxes.colours(2)[0]),
        (True, palette.DANGER),
        (True, palette.TRUTH),
    ]
    frames, right, wrong, missed = boxes._frames(view, found, None)  # pyright: ignore[reportPrivateUsage]
    assert (right, wrong, missed) == (2, 0, 0) and not any(frame.dashed for frame in frames)
