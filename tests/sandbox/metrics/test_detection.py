"""Figures of detectors: average precision by hand, matching as Pascal VOC has it, counts."""

from types import SimpleNamespace

import numpy as np
import pytest

from sandbox.metrics.detection import (
    ap,
    average_precision,
    best_threshold,
    curve,
    detection_scores,
    matched,
    matches,
    overlaps,
)

A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]


def answer(*rows):
    """Boxes with class and score."""
    table = np.array(rows, float).reshape(-1, 6)
    return SimpleNamespace(boxes=table[:, :4], kinds=table[:, 4].astype(int), scores=table[:, 5])


def test_overlaps_of_boxes_that_share_a_half_a_third_and_nothing():
    assert overlaps([A], [A, [0, 0, 10, 5], [5, 0, 15, 10], B])[0] == pytest.approx([1, 0.5, 1 / 3, 0])
    assert overlaps([[3, 3, 3, 3]], [[3, 3, 3, 3]])[0, 0] == 0  # no area, no overlap and no division by 0


def test_a_second_answer_to_one_object_is_wrong_and_another_class_too():
    truth = np.array([[*A, 0], [*B, 1], [-1] * 5])
    found = matched([A, A, B, B], [0, 0, 0, 1], [0.5, 0.9, 0.8, 0.7], truth)
    assert found.tolist() == [-1, 0, -1, 1]


def test_an_overlap_of_exactly_one_half_is_correct():
    truth = np.array([[*A, 0]])
    assert matched([[0, 0, 10, 5]], [0], [0.9], truth).tolist() == [0]
    assert matched([[0, 0, 10, 4.9]], [0], [0.9], truth).tolist() == [-1]


def test_average_precision_by_hand():
    # correct, wrong, correct, wrong, of 3 objects: precision 1, 1/2, 2/3, 1/2 at recall 1/3, 1/3, 2/3, 2/3
    truths = np.array([[[*A, 0], [*B, 0], [*C, 0]]], float)
    rows = [[*A, 0, 0.9], [100, 0, 110, 10, 0, 0.8], [*B, 0, 0.7], [200, 0, 210, 10, 0, 0.6]]
    found = matches([answer(*rows)], truths, 1)
    recall, precision = curve(found, 0)
    assert recall == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert precision == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert ap(found, 0) == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)


def test_a_dip_of_the_precision_is_filled_up():
    assert average_precision(
        np.array([0.25, 0.5, 0.75, 1.0]), np.array([1.0, 0.4, 0.6, 0.5])
    ) == pytest.approx((1 + 0.6 + 0.6 + 0.5) / 4)


def test_average_precision_as_scikit_learn_where_precision_never_rises():
    """Without dips both are the same sum of steps."""
    from sklearn.metrics import average_precision_score

    labels, scores = np.array([1, 1, 1, 0, 1, 0, 0, 0]), np.linspace(0.9, 0.1, 8)
    there = labels.sum()
    recall = np.cumsum(labels) / there
    precision = np.cumsum(labels) / np.arange(1, 9)
    assert average_precision(recall, precision) == pytest.approx(average_precision_score(labels, scores))


def test_perfect_nothing_and_only_wrong_answers():
    truths = np.array([[[*A, 0], [*B, 1]], [[*C, 0], [-1] * 5]], float)
    perfect = [answer([*A, 0, 0.9], [*B, 1, 0.8]), answer([*C, 0, 0.7])]
    names = ("one", "two")
    found = {name: score.mean for name, score in detection_scores(perfect, truths, names, 0.5).items()}
    assert found == {"ap50": 1, "ap_one": 1, "ap_two": 1, "precision": 1, "recall": 1, "count_error": 0}
    none = detection_scores([answer(), answer()], truths, names, 0.5)
    assert (none["ap50"].mean, none["recall"].mean, none["count_error"].mean) == (0, 0, 3 / 4)
    wrong = detection_scores([answer([*C, 0, 0.9]), answer([*A, 1, 0.9])], truths, names, 0.5)
    assert wrong["ap50"].mean == 0


def test_a_class_without_objects_does_not_count():
    truths = np.array([[[*A, 0]]], float)
    found = detection_scores([answer([*A, 0, 0.9], [*B, 1, 0.9])], truths, ("there", "absent"), 0.5)
    assert found["ap50"].mean == 1 and "ap_absent" not in found
    assert found["precision"].mean == 0.5 and found["count_error"].mean == 0.5


def test_resampling_pictures_weights_them():
    truths = np.array([[[*A, 0]], [[*A, 0]]], float)
    found = matches([answer([*A, 0, 0.9]), answer([*B, 0, 0.8])], truths, 1)
    assert ap(found, 0) == pytest.approx(0.5)
    assert ap(found, 0, np.array([0, 0])) == pytest.approx(1)
    assert ap(found, 0, np.array([1, 1])) == 0
    answers = [answer([*A, 0, 0.9]), answer([*B, 0, 0.8])]
    interval = detection_scores(answers, truths, ("x",), 0.5)["ap50"].interval()
    assert (interval.low, interval.high) == (0, 1)


def test_the_threshold_with_the_best_f1():
    truths = np.array([[[*A, 0], [*B, 0]]], float)
    rows = [[*A, 0, 0.9], [*B, 0, 0.6], [*C, 0, 0.5], [60, 0, 70, 10, 0, 0.4]]
    assert best_threshold(matches([answer(*rows)], truths, 1)) == 0.6
