"""Curves of two classes: as scikit-learn computes them, and as their definitions say."""

import numpy as np
import pytest
from sklearn import metrics

from sandbox.metrics.classification import classification_scores
from sandbox.metrics.roc import Auc, cheapest, decisions, roc, roc_band


@pytest.fixture(scope="module")
def scored():
    """Scores of 300 examples, many of them equal; a third is positive."""
    generator = np.random.default_rng(0)
    positive = np.arange(300) % 3 == 0
    return np.round(generator.normal(positive * 1.2, 1.0), 1), positive


def test_as_scikit_learn(scored):
    scores, positive = scored
    found = roc(scores, positive)
    alarms, sensitivity, thresholds = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.false_alarms, alarms)
    np.testing.assert_allclose(found.sensitivity, sensitivity)
    np.testing.assert_allclose(found.thresholds[1:], thresholds[1:])
    assert Auc(scores, positive).mean == pytest.approx(metrics.roc_auc_score(positive, scores))


def test_the_interval_of_the_area_is_that_of_resamples(scored):
    scores, positive = scored
    delong = Auc(scores, positive).interval()
    generator = np.random.default_rng(1)
    areas = []
    for _ in range(1000):
        rows = generator.integers(0, len(scores), len(scores))
        areas.append(Auc(scores[rows], positive[rows]).mean)
    assert (delong.low, delong.high) == pytest.approx(np.quantile(areas, [0.025, 0.975]).tolist(), abs=0.012)
    perfect = Auc(np.arange(10.0), np.arange(10) > 4).interval()
    assert (perfect.low, perfect.mean, perfect.high) == (1.0, 1.0, 1.0)


def test_the_band_holds_the_curve(scored):
    scores, positive = scored
    at = np.linspace(0, 1, 21)
    low, high = roc_band(scores, positive, at)
    found = roc(scores, positive)
    middle = np.interp(at, found.false_alarms, found.sensitivity)
    assert (low <= middle + 0.02).all() and (middle <= high + 0.02).all() and (high - low).max() > 0.05


def test_sensitivity_at_a_specificity():
    scores, positive = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), np.array([1, 0, 1, 1, 0, 0], bool)
    found = roc(scores, positive)
    assert found.at_specificity(1.0) == pytest.approx(1 / 3)
    assert found.at_specificity(2 / 3) == pytest.approx(1.0)


def test_a_threshold_has_its_price(scored):
    scores, positive = scored
    for threshold in (-5.0, 0.3, 9.0):
        said = scores >= threshold
        found = decisions(scores, positive, threshold)
        passed, alarms, missed, hits = metrics.confusion_matrix(positive, said, labels=[False, True]).ravel()
        assert (found.passed, found.alarms, found.missed, found.found) == (passed, alarms, missed, hits)
        assert found.cost(4) == 4 * missed + alarms
    shares = (scores - scores.min()) / np.ptp(scores)
    for miss in (0.25, 1.0, 10.0):
        best = decisions(shares, positive, cheapest(shares, positive, miss)).cost(miss)
        assert best == min(decisions(shares, positive, one).cost(miss) for one in np.linspace(0, 1.01, 500))
    assert cheapest(shares, positive, 20.0) < cheapest(shares, positive, 0.2)


def test_two_classes_have_these_figures_and_others_have_not(scored):
    scores, positive = scored
    share = 1 / (1 + np.exp(-scores))
    found = classification_scores(np.column_stack([1 - share, share]), positive.astype(int))
    assert found["auc"].mean == pytest.approx(metrics.roc_auc_score(positive, scores))
    interval = found["sensitivity_at_90"].interval()
    assert interval.low < interval.mean < interval.high
    assert "auc" not in classification_scores(np.eye(3), np.arange(3))
    assert "auc" not in classification_scores(np.array([[0.2, 0.8]]), np.array([1]))
