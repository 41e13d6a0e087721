"""Forecasts without a network, on series whose future is known."""

import numpy as np
import pytest

from sandbox.baselines import forecasts, growth

TIME = np.arange(400)
SERIES = 0.05 * TIME + 3 * np.sin(2 * np.pi * TIME / 12)


def cut(values, length=48, horizon=12):
    rows = np.lib.stride_tricks.sliding_window_view(values, length + horizon)[..., None].astype(np.float32)
    return rows[:, :length], rows[:, length:]


def test_the_season_before_is_right_about_a_season_alone():
    inputs, targets = cut(np.sin(2 * np.pi * TIME / 12))
    np.testing.assert_allclose(forecasts.seasonal(inputs, horizon=12, period=12), targets, atol=1e-5)


def test_holt_winters_knows_trend_and_season():
    inputs, targets = cut(SERIES)
    said = forecasts.holt_winters(inputs, targets, 12)(inputs)
    again = forecasts.seasonal(inputs, horizon=12, period=12)
    assert np.square(said - targets).mean() < 0.25 * np.square(again - targets).mean()


def test_without_two_seasons_in_a_window_there_is_none():
    inputs, targets = cut(SERIES, length=20)
    assert np.isfinite(forecasts.holt_winters(inputs, targets, 12)(inputs)).all()


def test_a_straight_map_goes_on_with_what_follows_a_straight_rule():
    inputs, targets = cut(SERIES)
    way = forecasts.straight(inputs[:150], targets[:150])
    assert np.abs(way(inputs[200:]) - targets[200:]).max() < 0.15


@pytest.mark.parametrize("way", [growth.mean_growth, growth.most_similar, growth.straight_map])
def test_curves_that_all_grow_alike_go_on_alike(way):
    begin = np.random.default_rng(0).normal(size=(60, 1))
    curves = begin + np.log1p(np.arange(20))
    known, new = curves[:40], curves[40:]
    said = way(known[:, :5], known[:, 5:])(new[:, :5])
    np.testing.assert_allclose(said, new[:, 5:], atol=0.05)
