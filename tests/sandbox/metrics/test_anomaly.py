"""Figures of anomaly scores."""

import numpy as np

from sandbox.metrics.anomaly import anomaly_scores, threshold_at


def test_a_threshold_keeps_its_share_of_false_alarms():
    random = np.random.default_rng(0)
    threshold = threshold_at(random.normal(size=2000), 0.05)
    normal, unusual = random.normal(size=2000), random.normal(3, 1, size=500)
    found = anomaly_scores(np.append(normal, unusual), np.arange(2500) >= 2000, threshold)
    assert abs(found["false_alarms"].mean - 0.05) < 0.015
    assert 0.87 < found["found"].mean < 0.95 and 0.97 < found["auroc"].mean < 0.99


def test_ten_alike_examples_of_one_person_count_as_one():
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(12), 20)
    unusual = np.arange(240) % 2 == 0
    scores = random.normal(size=12)[people] * unusual + 0.1 * random.normal(size=240)
    widths = []
    for groups in (None, people):
        interval = anomaly_scores(scores, unusual, 0.0, groups)["auroc"].interval()
        widths.append(interval.high - interval.low)
    assert widths[1] > 1.5 * widths[0]


def test_without_anything_unusual_there_are_false_alarms_only():
    assert set(anomaly_scores(np.ones(3), np.zeros(3, bool), 0.5)) == {"false_alarms"}
