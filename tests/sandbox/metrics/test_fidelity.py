"""Decibels and structural similarity against their definitions."""

import numpy as np
import pytest

from sandbox.metrics.fidelity import MOST, fidelity_scores, psnr, ssim
from sandbox.metrics.scores import PerExample

PHOTO = np.random.default_rng(0).random((1, 32, 40))


def test_psnr_counts_the_squared_error():
    assert psnr(PHOTO * 0 + 0.5, PHOTO * 0 + 0.6) == pytest.approx(20.0)
    assert psnr(PHOTO, PHOTO) == MOST
    assert psnr(np.ones((1, 4, 4)), np.full((1, 4, 4), 3.0)) == MOST  # white is cut off, as in a file


def test_ssim_minds_structure_and_not_brightness():
    brighter, noisy = 0.9 * PHOTO + 0.1, PHOTO + np.random.default_rng(1).normal(0, 0.2, PHOTO.shape)
    assert ssim(PHOTO, PHOTO) == pytest.approx(1.0)
    assert ssim(PHOTO, brighter) > 0.95 > ssim(PHOTO, noisy)


def test_a_value_for_each_picture_of_any_size():
    found = fidelity_scores([PHOTO, PHOTO[:, :16]], [PHOTO, PHOTO[:, :16] * 0.5])
    assert all(isinstance(scores, PerExample) and len(scores.values) == 2 for scores in found.values())
    assert found["ssim"].mean == pytest.approx((1 + ssim(PHOTO[:, :16], PHOTO[:, :16] * 0.5)) / 2)
