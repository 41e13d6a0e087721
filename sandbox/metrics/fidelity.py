"""How near repaired pictures are to the right ones: PSNR and SSIM, as the field's tables have them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sandbox.metrics.scores import Metric, PerExample, Scores

PSNR = Metric(
    "psnr",
    "PSNR",
    "dB",
    help="Peak signal-to-noise ratio. 10 dB more is a tenth of the squared error; 1 dB is a difference that "
    "one sees.",
)
MOST = 100.0
"""Decibels of a picture without any error."""


def psnr(truth: Any, answer: Any) -> float:
    """The peak signal-to-noise ratio of a picture in decibels; white is 1, answers are cut off at [0, 1].

    Args:
        truth: (C, H, W) in [0, 1].
        answer: likewise.
    """
    apart = np.clip(np.asarray(answer, np.float64), 0, 1) - np.asarray(truth, np.float64)
    return float(min(MOST, -10 * np.log10(max(np.square(apart).mean(), 1e-30))))


def ssim(truth: Any, answer: Any) -> float:
    """Structural similarity, at most 1: local means, contrasts and shapes, not pixels. Wang et al. 2004.

    Args:
        truth: (C, H, W) in [0, 1], at least 11 pixels high and wide.
        answer: likewise.
    """
    from skimage.metrics import structural_similarity

    one, other = np.asarray(truth, np.float64), np.clip(np.asarray(answer, np.float64), 0, 1)
    found: Any = structural_similarity(
        one, other, channel_axis=0, data_range=1, gaussian_weights=True, use_sample_covariance=False
    )
    return float(found)


def fidelity_scores(truths: Sequence[Any], answers: Sequence[Any]) -> dict[str, Scores]:
    """`psnr` in dB and `ssim`, a value for each picture.

    Args:
        truths: pictures (C, H, W) in [0, 1].
        answers: of the same sizes.
    """
    pairs = list(zip(truths, answers, strict=True))
    return {
        "psnr": PerExample(np.array([psnr(truth, answer) for truth, answer in pairs])),
        "ssim": PerExample(np.array([ssim(truth, answer) for truth, answer in pairs])),
    }
