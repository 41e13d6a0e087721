"""The generator: uniform, independent between seeds, and the same compiled or not."""

import time

import numpy as np
import pytest

from envs.engine import random
from envs.engine.random import normal, randint, rng_states, uniform

RECORD = np.dtype((np.record, [("rng", "u8")]))


def record(seed=0):
    states = np.zeros(1, RECORD)
    states["rng"] = rng_states(np.array([seed], np.uint64))
    return states[0]


def test_draw_is_multiply_with_carry_in_exact_arithmetic():
    state = record(5)
    exact = int(state.rng)
    for _ in range(1000):
        low, carry = exact % 2**32, exact >> 32
        exact = low * 4294883355 + carry
        assert int(random.draw(state)) == low ^ carry
        assert int(state.rng) == exact < 2**64


def test_uniform_fills_its_range_evenly():
    state = record()
    values = np.array([uniform(state, -2.0, 3.0) for _ in range(20_000)])
    assert values.min() >= -2.0
    assert values.max() < 3.0
    counts = np.histogram(values, bins=20, range=(-2, 3))[0]
    # Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in 1000 seeds.
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.03


def test_randint_reaches_all_values_and_no_others():
    state = record()
    values = [int(randint(state, -1, 3)) for _ in range(8000)]
    found, counts = np.unique(values, return_counts=True)
    assert found.tolist() == [-1, 0, 1, 2]
    assert np.abs(counts - 2000).max() < 200


def test_normal_has_its_mean_and_deviation():
    state = record()
    values = np.array([normal(state, 1.0, 2.0) for _ in range(20_000)])
    assert abs(values.mean() - 1.0) < 0.06
    assert abs(values.std() - 2.0) < 0.05
    assert abs((np.abs(values - 1.0) < 2.0).mean() - 0.6827) < 0.015


def test_neighbouring_seeds_are_unrelated():
    first = np.array([uniform(record(seed), 0.0, 1.0) for seed in range(5000)])
    counts = np.histogram(first, bins=20, range=(0, 1))[0]
    assert ((counts - 250) ** 2 / 250).sum() < 43.8
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.05
    assert len(np.unique(first)) == 5000


@pytest.mark.parametrize("function", [uniform, normal], ids=lambda f: f.__name__)
def test_no_seed_gets_stuck(function):
    # The seeds whose SplitMix64 output would be 0 or all ones are not known; the states themselves are.
    for seed in (0, 1, 2**63, 2**64 - 1, 2**64 - 0x9E3779B97F4A7C15):
        state = record(seed)
        assert len({float(function(state, 0.0, 1.0)) for _ in range(50)}) > 45


def test_a_million_seeds_take_no_time():
    start = time.perf_counter()
    states = rng_states(np.arange(1_000_000, dtype=np.uint64))
    assert time.perf_counter() - start < 30.0
    assert len(np.unique(states)) == 1_000_000
