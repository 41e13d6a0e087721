"""Figures of classifiers: as scikit-learn computes them, and as their definitions say."""

import numpy as np
import pytest
from sklearn import metrics

from sandbox.metrics.calibration import calibration_error, fit_temperature, reliability, tempered
from sandbox.metrics.classification import balanced, classification_scores, confusion_matrix, per_class


@pytest.fixture(scope="module")
def answers():
    """Probabilities of three classes, and labels that follow them loosely; one class is rare."""
    generator = np.random.default_rng(0)
    labels = generator.choice(3, 400, p=(0.6, 0.35, 0.05))
    scores = generator.normal(size=(400, 3)) + 1.5 * np.eye(3)[labels]
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    return probabilities, labels


def test_as_scikit_learn(answers):
    probabilities, labels = answers
    said = probabilities.argmax(1)
    found = {name: score.mean for name, score in classification_scores(probabilities, labels).items()}
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(labels, said))
    assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(labels, said))
    assert found["loss"] == pytest.approx(metrics.log_loss(labels, probabilities))
    assert np.array_equal(confusion_matrix(labels, said, 3), metrics.confusion_matrix(labels, said))


def test_calibration_error_is_the_mean_gap_between_confidence_and_accuracy(answers):
    probabilities, labels = answers
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == labels
    expected = 0.0
    for low in np.arange(10) / 10:
        inside = (confidence >= low) & (confidence < low + 0.1)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert calibration_error(confidence, correct) == pytest.approx(expected)
    # Always sure: the gap is the share of errors. Honest: no gap.
    assert calibration_error(np.ones(10), np.arange(10) < 7) == pytest.approx(0.3)
    assert calibration_error(np.full(10, 0.7), np.arange(10) < 7) == pytest.approx(0.0)


def test_reliability_leaves_empty_groups_out():
    probabilities = np.array([[0.95, 0.05], [0.92, 0.08], [0.45, 0.55], [1.0, 0.0]])
    found = reliability(probabilities, np.array([0, 1, 1, 0]))
    assert found.counts.tolist() == [1, 3]
    assert found.accuracy == pytest.approx([1.0, 2 / 3])
    assert found.confidence == pytest.approx([0.55, (0.95 + 0.92 + 1.0) / 3])


def test_few_answers_have_a_wide_interval():
    many = reliability(np.tile([[0.95, 0.05]], (400, 1)), (np.arange(400) < 20).astype(int))
    low, high = many.interval
    assert low < many.accuracy < high and high - low < 0.05
    few = reliability(np.array([[0.95, 0.05]]), np.array([0]))
    assert few.interval[0] == pytest.approx(0.2065, abs=1e-3) and few.interval[1] == pytest.approx(1.0)


def test_a_class_that_does_not_occur_does_not_count():
    assert balanced(np.array([True, False, True]), np.array([0, 0, 2])) == pytest.approx(0.75)


def test_an_impossible_answer_has_a_finite_loss():
    scores = classification_scores(np.array([[1.0, 0.0]]), np.array([1]))
    assert np.isfinite(scores["loss"].mean) and scores["loss"].mean > 20


def test_each_class_by_itself_as_scikit_learn_says(answers):
    probabilities, labels = answers
    said = probabilities.argmax(1)
    precision, recall, _, counts = metrics.precision_recall_fscore_support(labels, said)
    found = per_class(confusion_matrix(labels, said, 3))
    assert [one.count for one in found.values()] == np.asarray(counts).tolist()
    assert [one.recall for one in found.values()] == pytest.approx(recall)
    assert [one.precision for one in found.values()] == pytest.approx(precision)
    assert all(one.low < one.recall < one.high for one in found.values())
    assert per_class(np.array([[3, 0], [1, 0]]))[1].precision is None


def test_a_temperature_mends_what_is_too_sure_and_changes_no_answer(answers):
    probabilities, labels = answers
    sharp = tempered(probabilities, 1 / 3)
    assert np.array_equal(sharp.argmax(1), probabilities.argmax(1))
    assert np.allclose(sharp.sum(1), 1.0)
    aside, test = slice(None, 200), slice(200, None)
    temperature = fit_temperature(sharp[aside], labels[aside])
    assert temperature == pytest.approx(3 * fit_temperature(probabilities[aside], labels[aside]), rel=1e-3)
    before, after = (
        calibration_error(p[test].max(1), p[test].argmax(1) == labels[test])
        for p in (sharp, tempered(sharp, temperature))
    )
    assert after < before
    # One that is always right cannot be too sure: the search stays finite.
    assert np.isfinite(fit_temperature(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1])))
