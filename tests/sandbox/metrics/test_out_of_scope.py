"""Texts of no class, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sandbox.metrics.language import language_scores
from sandbox.metrics.out_of_scope import curve, out_of_scope_scores

pytestmark = pytest.mark.thorough

GENERATOR = np.random.default_rng(0)
INSIDE = GENERATOR.dirichlet([0.2] * 5, 300)
OUTSIDE = GENERATOR.dirichlet([0.6] * 5, 100)
LABELS = np.where(GENERATOR.random(300) < 0.8, INSIDE.argmax(1), 0)


def test_the_area_is_that_of_scikit_learn():
    sure = np.concatenate([INSIDE.max(1), OUTSIDE.max(1)])
    wanted = roc_auc_score(np.arange(400) < 300, sure)
    found = out_of_scope_scores(INSIDE, OUTSIDE)
    assert found["out_of_scope_auc"].mean == pytest.approx(wanted)
    interval = found["out_of_scope_auc"].interval()
    assert interval.low < wanted < interval.high
    recall = found["out_of_scope_recall"]
    assert recall.mean == pytest.approx((OUTSIDE.max(1) < np.quantile(INSIDE.max(1), 0.05)).mean())


def test_the_curve_begins_with_every_answer_and_ends_with_none():
    found = curve(INSIDE, LABELS, OUTSIDE)
    assert found.recall[0] == 0 and found.accuracy[0] == pytest.approx((INSIDE.argmax(1) == LABELS).mean())
    assert found.recall[-1] == 1 and found.accuracy[-1] == 0
    assert (np.diff(found.recall) >= 0).all() and (np.diff(found.accuracy) <= 0).all()


def test_bits_per_character_weigh_passages_by_their_length():
    found = language_scores([10.0, 300.0], ["abcde", "x" * 100])["bits_per_character"]
    assert found.mean == pytest.approx(310 / 105)
    assert found.interval().low == pytest.approx(2) and found.interval().high == pytest.approx(3)
