"""The explained share: all of it for the whole, none for the mean."""

import numpy as np
import pytest

from sandbox.metrics.reconstruction import reconstruction_scores

WHOLES = np.random.default_rng(0).random((50, 1, 2, 3)).astype(np.float32)
MEAN = WHOLES.mean(0)


def test_explained_is_one_for_the_whole_and_none_for_the_mean():
    assert reconstruction_scores(WHOLES, WHOLES, MEAN)["explained"].mean == pytest.approx(1)
    found = reconstruction_scores(WHOLES, np.broadcast_to(MEAN, WHOLES.shape), MEAN)["explained"].interval()
    assert found.mean == pytest.approx(0, abs=1e-6)
    assert found.low < 0 < found.high


def test_without_a_mean_it_is_that_of_the_wholes():
    answers = WHOLES / 2
    known, unknown = (reconstruction_scores(WHOLES, answers, mean) for mean in (MEAN.ravel(), None))
    assert known["explained"].mean == pytest.approx(unknown["explained"].mean)
    assert known["error"].mean == pytest.approx(float(np.square(WHOLES / 2).mean()), rel=1e-5)
