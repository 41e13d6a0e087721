"""Points of a drawing: where the ink is, as often as there is ink."""

import numpy as np
import pytest

from sandbox.data import drawn_points, mixtures
from sandbox.errors import UserError


def test_points_lie_in_the_ink_and_as_often():
    ink = np.zeros((64, 64), np.float32)
    ink[:16, :16] = 1  # upper left
    ink[48:, 48:] = 0.25  # lower right, a quarter as dark
    points = drawn_points.points_of(ink)
    left = points[:, 0] < 0
    assert (points[left] > [-1, 0.5]).all() and (points[left] < [-0.5, 1]).all()
    assert (points[~left] > [0.5, -1]).all() and (points[~left] < [1, -0.5]).all()
    assert left.mean() == pytest.approx(0.8, abs=0.02)
    assert (points == drawn_points.points_of(ink)).all()


def test_a_drawing_is_learned_from_as_a_file_of_points(tmp_path):
    ink = np.zeros((64, 64), np.float32)
    ink[30:34] = 1
    path = tmp_path / drawn_points.FILE
    path.write_bytes(drawn_points.to_csv(drawn_points.points_of(ink)))
    found = mixtures.load(str(path))
    assert len(found.train) + len(found.test) == drawn_points.COUNT
    spread = found.train.std(0)
    assert spread[0] > 5 * spread[1]


def test_an_empty_pad_is_no_distribution():
    with pytest.raises(UserError, match="hardly anything"):
        drawn_points.points_of(np.zeros((64, 64), np.float32))
