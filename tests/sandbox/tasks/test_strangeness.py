"""The threshold of what is strange."""

import numpy as np

from sandbox.tasks.families.strangeness import FALSE_ALARMS, Inspector, threshold_of


class Bright(Inspector):
    """Finds bright what is bright."""

    @property
    def threshold(self):
        return 1.0

    def raw(self, photos):
        return photos[:, 0]


def test_few_good_parts_suffice_for_a_threshold_that_keeps_its_promise():
    random = np.random.default_rng(0)
    inspector = Bright(1)

    def parts(count):
        tops = random.lognormal(0.0, 0.5, count)
        return [np.full((1, 8, 8), top, np.float32) for top in tops]

    unseen = np.array([part.max() for part in parts(4000)])
    kept = [(unseen > threshold_of(inspector, parts(6), parts(6))).mean() for _ in range(60)]
    assert np.mean(np.array(kept) <= FALSE_ALARMS + 0.01) > 0.8  # a quantile of twelve: every third time
    assert np.median(kept) > 0.002  # nor is nothing ever an alarm


def test_a_learned_picture_that_is_larger_counts_as_several():
    picture = np.zeros((1, 16, 24), np.float32)
    for column in range(3):
        picture[0, :, 8 * column : 8 * column + 8] = 1 + column
    alone = [np.full((1, 16, 8), 2.0, np.float32)]
    several = threshold_of(Bright(1), [picture], alone)
    assert several > threshold_of(Bright(1), [np.full((1, 16, 24), 2.0, np.float32)], alone)
