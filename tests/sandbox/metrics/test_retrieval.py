"""Ranks of what was looked for, and thresholds that are chosen on other texts."""

import numpy as np
import pytest

from sandbox.metrics.out_of_scope import at_threshold, threshold_at
from sandbox.metrics.retrieval import ranks, retrieval_scores


def test_ranks_and_what_they_give():
    scores = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.2, 0.2, 0.2], [0.3, 0.1, 0.3]])
    wanted = np.array([0, 2, 1, 0])
    assert ranks(scores, wanted).tolist() == [1, 3, 2, 1.5]  # in the middle of those that are as good
    found = {name: score.mean for name, score in retrieval_scores(scores, wanted).items()}
    assert found["reciprocal_rank"] == pytest.approx((1 + 1 / 3 + 1 / 2 + 1 / 1.5) / 4)
    assert (found["recall_at_1"], found["recall_at_5"]) == (0.25, 1.0)


def test_a_threshold_costs_no_more_right_answers_than_it_may():
    generator = np.random.default_rng(0)
    inside = generator.dirichlet([1, 1, 1], 200)
    labels = np.where(generator.random(200) < 0.7, inside.argmax(1), (inside.argmax(1) + 1) % 3)
    right = (inside.argmax(1) == labels).mean()
    for lost in (0.0, 0.02, 0.1):
        threshold = threshold_at(inside, labels, lost)
        kept = at_threshold(inside, labels, inside[:0], threshold)
        assert right - lost - 1e-9 <= kept["answered_correctly"].mean <= right
        # And no larger one would do.
        beyond = at_threshold(inside, labels, inside[:0], np.nextafter(threshold, 1) + 1e-9)
        assert beyond["answered_correctly"].mean < right - lost + 1e-9 or lost == 0
        assert set(kept) == {"answered_correctly"}
    assert threshold_at(inside, labels, 1.0) == 1.0
    outside = np.array([[0.4, 0.3, 0.3], [0.9, 0.1, 0.0]])
    assert at_threshold(inside, labels, outside, 0.5)["taken_back"].mean == 0.5
