"""Figures of masks against answers worked out by hand, and scikit-image's own."""

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error

from sandbox.metrics.segmentation import class_scores, dice, match, object_scores


def mask(*boxes):
    found = np.zeros((20, 20), np.int32)
    for number, (top, left, bottom, right) in enumerate(boxes, 1):
        found[top:bottom, left:right] = number
    return found


TRUTH = mask((0, 0, 4, 4), (0, 10, 4, 14), (10, 0, 14, 4))


def test_dice_is_twice_the_common_part():
    half = mask((0, 0, 4, 2), (0, 10, 4, 12), (10, 0, 14, 2))
    assert dice(TRUTH, half) == pytest.approx(2 * 24 / (48 + 24))
    assert dice(TRUTH, TRUTH) == 1 and dice(TRUTH, np.zeros_like(TRUTH)) == 0
    assert dice(np.zeros_like(TRUTH), np.zeros_like(TRUTH)) == 1


def test_an_object_is_found_above_half_and_not_at_half():
    answer = mask((0, 0, 4, 3), (0, 10, 4, 12), (16, 16, 19, 19))
    pairs = match(TRUTH, answer)
    assert pairs.found == 1  # 12 of 16 pixels; 8 of 16 is no more than half
    assert pairs.missed.tolist() == [2, 3] and pairs.made_up.tolist() == [2, 3]


def test_one_answer_over_two_objects_finds_at_most_one():
    assert match(mask((0, 0, 4, 4), (0, 4, 4, 8)), mask((0, 0, 4, 8))).found == 0


def test_ap50_is_over_the_objects_of_all_pictures():
    alone = mask((5, 5, 9, 9))
    scores = object_scores([TRUTH, alone], [mask((0, 0, 4, 4)), alone])
    assert scores["ap50"].mean == pytest.approx(2 / 4)  # found 1 + 1; missed 2
    assert scores["count_error"].mean == pytest.approx(1.0)
    assert scores["count_share"].mean == pytest.approx(2 / 4)
    assert scores["ap50"].interval().low <= 0.5 <= scores["ap50"].interval().high
    overlap = scores["dice"].mean
    assert overlap == pytest.approx((2 * 16 / (48 + 16) + 1) / 2)
    assert scores["iou"].mean == pytest.approx((16 / 48 + 1) / 2)


def test_a_perfect_answer_has_no_rand_error_and_full_marks():
    shuffled = np.array([0, 3, 1, 2])[TRUTH]
    assert adapted_rand_error(TRUTH, shuffled)[0] == pytest.approx(0)
    assert {
        score.mean for name, score in object_scores([TRUTH], [shuffled]).items() if name != "count_error"
    } == {1.0}


def test_classes_that_are_not_there_do_not_count():
    truth = np.zeros((4, 4), np.int32)
    answer = truth.copy()
    answer[0] = 1
    scores = class_scores([truth, truth], [truth, answer], 3)
    assert scores["accuracy"].mean == pytest.approx((1 + 0.75) / 2)
    assert scores["iou"].mean == pytest.approx((1 + (0.75 + 0) / 2) / 2)
