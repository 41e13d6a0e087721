"""Character errors: known edit distances, and a rate over all characters instead of a mean over lines."""

import numpy as np
import pytest

from sandbox.metrics.transcription import edit_distance, transcription_scores


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("kitten", "sitting", 3), ("12345", "1345", 1), ("", "77", 2), ("505", "505", 0), ("01", "10", 2)],
)
def test_known_distances(one, other, distance):
    assert edit_distance(one, other) == edit_distance(other, one) == distance


def test_the_rate_is_over_characters_and_can_pass_one():
    found = transcription_scores(["1", "123456789"], ["2", "123456789"])
    assert found["character_errors"].mean == pytest.approx(0.1)
    assert found["exact"].mean == 0.5
    assert transcription_scores(["1234"], ["9"])["character_errors"].mean == 4
    low, high = (getattr(found["character_errors"].interval(), end) for end in ("low", "high"))
    assert 0 <= low <= 0.1 <= high <= 1 and np.isfinite([low, high]).all()
