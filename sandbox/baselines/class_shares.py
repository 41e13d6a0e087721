"""Probabilities of scikit-learn's classifiers, which know only the classes that they have seen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def in_all_classes(
    found: NDArray[np.floating], seen: NDArray[np.integer], classes: Sequence[str]
) -> NDArray[np.float64]:
    """Probabilities (M, C) of all classes from those of the classes with such numbers; 0 for the others."""
    every = np.zeros((len(found), len(classes)))
    every[:, np.asarray(seen, int)] = found
    return every
