"""Alarms: when they are due, missed and false, counted by hand."""

import numpy as np
import pytest

from sandbox.metrics.alarms import THRESHOLDS, alarm_scores, film, missed, threshold_at


def at(metres: float) -> int:
    return int(np.abs(THRESHOLDS - metres).argmin())


def test_an_alarm_is_missed_if_no_frame_of_its_time_gives_it():
    truth = [2.0, 0.4, 0.3, 2.0, 2.0, 0.4, 2.0]
    seen = [2.0, 0.9, 0.35, 2.0, 2.0, 1.2, 2.0]
    found = film(seen, truth, limit=0.5, seconds=0.2)
    assert found.due == 2
    assert [found.told[at(metres)] for metres in (0.3, 0.5, 1.1, 1.4)] == [0, 1, 1, 2]
    assert found.minutes == pytest.approx(7 * 0.2 / 60)


def test_false_alarms_are_counted_by_seconds_and_not_near_the_limit():
    truth = np.array([0.4, 0.6, 0.6, *[2.0] * 12, 0.6])
    seen = np.array([0.4, 0.4, 0.4, *[0.4] * 6, 3.0, *[0.4] * 5, 0.4])
    false = film(seen, truth, limit=0.5, seconds=0.2).false
    assert false[at(0.5)] == 2 + 1, "1.2 s are two, 1 s is one; between 0.5 and 0.7 m none counts"
    assert false[at(0.3)] == 0


def test_the_threshold_is_the_highest_that_false_alarms_allow():
    minute = np.full(300, 5.0)
    truth, seen = minute.copy(), minute.copy()
    truth[10], seen[10] = 0.4, 0.8  # comes at 0.8 m only
    truth[20], seen[20] = 0.4, 0.45
    seen[100], seen[200] = 0.6, 0.7  # two false ones: the second is one too many
    films = [film(seen, truth, limit=0.5, seconds=0.2)]
    assert 0.6 < THRESHOLDS[threshold_at(films)] <= 0.7
    assert missed(films) == 0.5
    seen[10] = 0.65
    assert missed([film(seen, truth, limit=0.5, seconds=0.2)]) == 0


def test_who_never_alarms_misses_all_and_the_interval_is_over_films():
    truth = np.tile([3.0, 0.2, 3.0], 8)
    clips = np.repeat(np.arange(8), 3)
    blind = alarm_scores(np.full(24, 99.0), truth, clips, limit=0.5, seconds=0.2)
    assert blind["alarms_missed"].mean == 1
    half = np.where(np.repeat(np.arange(8) < 4, 3), truth, 99.0)
    scores = alarm_scores(half, truth, clips, limit=0.5, seconds=0.2)
    interval = scores["alarms_missed"].interval()
    assert interval.mean == 0.5
    assert 0.05 < interval.low < 0.4 < 0.6 < interval.high < 0.95
    assert scores["distance_error"].mean > 0
