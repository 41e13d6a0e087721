"""Pictures that change with their boxes: what is in a box stays in it, whatever is drawn."""

import numpy as np
import pytest

from sandbox.data import pasted_digits, synthetic_smear
from sandbox.data.boxed_batches import BoxedBatches, Changes, moved
from sandbox.data.formats.boxed_images import as_table
from sandbox.data.letterbox import Letterbox


def squares(count: int = 6):
    """Black pictures, a bright square of 12 pixels in each, and its box."""
    pictures, boxes = np.zeros((count, 48, 64, 3), np.uint8), []
    for i, picture in enumerate(pictures):
        left, top = 5 + 6 * i, 4 + 4 * i
        picture[top : top + 12, left : left + 12] = 255
        boxes.append(np.array([[left, top, left + 12, top + 12, 0]], np.float32))
    return pictures, as_table(boxes)


@pytest.mark.parametrize(
    "changes",
    [
        Changes(),
        Changes(zoom=0.5),
        Changes(mirror=True, flip=True),
        Changes(mosaic=1.0),
        Changes(mosaic=1.0, zoom=0.6, mirror=True, flip=True),
    ],
)
def test_the_bright_square_stays_in_its_box(changes):
    batches = BoxedBatches(*squares(), batch_size=6, seed=0, changes=changes)
    seen = 0
    for step in range(8):
        pictures, boxes = batches(step)
        for picture, rows in zip(pictures[:, 0].numpy(), boxes.numpy(), strict=True):
            inside = np.zeros_like(picture, bool)
            for left, top, right, bottom, _ in rows[rows[:, 4] >= 0]:
                assert 0 <= left < right <= 64 and 0 <= top < bottom <= 48
                part = picture[round(top) : round(bottom), round(left) : round(right)]
                assert part.mean() > 0.75, (left, top, right, bottom)
                rows_in = slice(max(0, round(top) - 2), round(bottom) + 2)
                inside[rows_in, max(0, round(left) - 2) : round(right) + 2] = True
                seen += 1
            if not changes.mosaic and changes.zoom == 0:  # else a small rest of a square may have no box
                assert (picture[~inside] < 0.55).all()
    assert seen > 20


def test_a_batch_is_a_function_of_step_and_seed():
    changes = Changes(mosaic=0.5, zoom=0.3, colour=0.3)
    one, other, third = (
        BoxedBatches(*squares(), batch_size=4, seed=seed, changes=changes) for seed in (0, 0, 1)
    )
    one(0)
    for a, b in zip(one(5), other(5), strict=True):
        assert (a == b).all()
    assert (one(5)[0] != third(5)[0]).any()


def test_boxes_are_cut_at_the_edge_and_dropped_when_little_is_left():
    boxes = np.array([[0, 0, 10, 10, 1], [8, 0, 18, 10, 2], [-1] * 5], np.float32)
    found = moved(boxes, (1.0, -4.0), (1.0, 0.0), (0, 0, 10, 10))
    assert found.tolist() == [[0, 0, 6, 10, 1], [4, 0, 10, 10, 2]]
    assert moved(boxes, (1.0, -7.0), (1.0, 0.0), (0, 0, 20, 10)).tolist() == [[1, 0, 11, 10, 2]]
    assert moved(boxes, (-1.0, 10.0), (1.0, 0.0), (0, 0, 10, 10))[0].tolist() == [0, 0, 10, 10, 1]


@pytest.mark.parametrize("size", [(30, 40), (100, 20), (7, 90), (48, 64)])
def test_a_letterbox_and_back(size):
    box = Letterbox.of(size, (48, 64))
    inside = box.picture(np.ones((*size, 3), np.float32))
    assert inside.shape == (48, 64, 3)
    boxes = np.array([[0, 0, size[1], size[0]], [1, 2, 5, 6]], np.float32)
    assert box.outwards(box.inwards(boxes)) == pytest.approx(boxes, abs=1e-4)
    left, top, right, bottom = box.inwards(boxes)[0].round().astype(int)
    assert inside[top:bottom, left:right] == pytest.approx(1)
    inside[top:bottom, left:right] = 0.5
    assert (inside == 0.5).all()


def test_smears_have_all_kinds_of_cells_within_the_picture_and_come_again():
    pictures, boxes = synthetic_smear.smears(20, 3, (96, 128))
    again, _ = synthetic_smear.smears(20, 3, (96, 128))
    assert (pictures == again).all() and pictures.shape == (20, 96, 128, 3)
    every = np.concatenate(boxes)
    assert set(every[:, 4]) == {0, 1, 2}
    assert (every[:, :2] >= 0).all() and (every[:, 2] <= 128).all() and (every[:, 3] <= 96).all()
    sizes = [
        np.sqrt(np.prod(every[every[:, 4] == k, 2:4] - every[every[:, 4] == k, :2], 1)).mean()
        for k in range(3)
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_scenes_never_share_a_photo_or_a_digit():
    assert not set(pasted_digits.TEST_PHOTOS) & set(pasted_digits.TRAIN_PHOTOS)
    pictures, boxes = pasted_digits.scenes(10, 0, test=True, side=96)
    assert pictures.shape == (10, 96, 96, 3) and all(len(rows) for rows in boxes)
    heights = np.concatenate([rows[:, 3] - rows[:, 1] for rows in boxes])
    assert heights.max() > 1.8 * heights.min()
