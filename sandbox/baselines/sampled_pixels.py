"""Some pixels of labelled photos, for methods that learn from pixels one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray


def sampled_pixels(
    photos: Sequence[NDArray[Any]],
    masks: Sequence[NDArray[Any]],
    features: Callable[[NDArray[Any]], Float[np.ndarray, "H W F"]],
    count: int,
) -> tuple[Float[np.ndarray, "N F"], Int[np.ndarray, " N"]]:
    """Draw pixels at random, as many from each photo; the same ones every time.

    Args:
        photos: (C, H, W) each.
        masks: their classes, (H, W) each.
        features: of all pixels of a photo.
        count: of pixels in all, about.

    Returns:
        Features and classes.
    """
    generator = np.random.default_rng(0)
    each = max(1, count // len(photos))
    rows, labels = [], []
    for photo, mask in zip(photos, masks, strict=True):
        some = generator.integers(0, mask.size, each)
        rows.append(features(photo).reshape(mask.size, -1)[some])
        labels.append(np.ravel(mask)[some])
    return np.concatenate(rows), np.concatenate(labels)
