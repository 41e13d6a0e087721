"""The test that says whether two groups of learning curves differ."""

import numpy as np

from agents.bench.curves import permutation_p


def apart(a, b):
    return abs(a.mean() - b.mean())


def test_shifted_curves_differ_and_others_do_not():
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(2, 10, 6))
    assert permutation_p(one, other, apart, 500) > 0.2
    assert permutation_p(one, other + 3, apart, 500) < 0.01
    # Of two groups alike, no deal can be nearer: all are at least as far apart.
    assert permutation_p(one, one, apart, 100) == 1.0
