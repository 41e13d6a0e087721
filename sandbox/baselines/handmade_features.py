"""Features that people thought of, and a straight cut through them: what came before convolutional networks.

Histograms of oriented gradients say where edges run (Dalal & Triggs 2005), a histogram of colours what is
there wherever it is (Swain & Ballard 1991). A linear support vector machine cuts between the classes
(Cortes & Vapnik 1995); its margins become probabilities by a softmax whose temperature three-fold
predictions decide.
"""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.baselines.class_shares import in_all_classes
from sandbox.metrics.calibration import fit_temperature
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.probabilities import Probabilities

SIDE, CELL = 32, 8
"""Pixels to which a larger picture is scaled, and of a cell in which edges are counted."""
ORIENTATIONS, SHADES = 9, 4
"""Directions of edges, and shades of each colour channel that are counted."""
MOST = 2_000
"""Training pictures that are learned from; of more, every so many-th."""


class HandmadeFeatures:
    """Answers with a linear support vector machine of hand-made features.

    Args:
        examples: (N, C, H, W) in [0, 1].
        labels: (N,) numbers of their classes.
        input: how a picture is read.
        classes: names of the classes.
    """

    def __init__(self, examples: Tensor, labels: Tensor, input: Input, classes: tuple[str, ...]) -> None:
        from sklearn.model_selection import cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import LinearSVC

        self.input, self.output = input, Probabilities(classes)
        every = -(-len(examples) // MOST)
        rows, known = handmade(examples[::every].numpy()), labels[::every].numpy()
        self.model = make_pipeline(StandardScaler(), LinearSVC(C=0.01, random_state=0))
        self.temperature = 1.0
        if np.unique(known, return_counts=True)[1].min() >= 3:
            margins = cross_val_predict(self.model, rows, known, cv=3, method="decision_function")
            places = np.searchsorted(np.unique(known), known)
            self.temperature = fit_temperature(_shares(np.asarray(margins), 1.0), places)
        self.model.fit(rows, known)

    def predict(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities (M, C) for pictures (M, C, H, W)."""
        margins = self.model.decision_function(handmade(np.asarray(inputs)))
        return in_all_classes(_shares(margins, self.temperature), self.model.classes_, self.output.classes)


def handmade(pictures: NDArray[np.floating]) -> Float[np.ndarray, "N D"]:
    """Oriented gradients and, of colour pictures, shades of pictures (N, C, H, W)."""
    import cv2
    from skimage.feature import hog

    found = []
    for picture in pictures.transpose(0, 2, 3, 1):
        side = max(16, min(SIDE, *picture.shape[:2]))  # smaller pictures have no cells
        scaled = cv2.resize(np.ascontiguousarray(picture), (side, side), interpolation=cv2.INTER_AREA)
        cell = CELL if side >= SIDE else 4
        edges = hog(
            scaled,
            orientations=ORIENTATIONS,
            pixels_per_cell=(cell, cell),
            cells_per_block=(2, 2),
            channel_axis=None if scaled.ndim == 2 else -1,
        )
        found.append(np.concatenate([edges, _shades(picture)]))
    return np.array(found, np.float32)


def _shades(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """Shares (4 ** C,) of the pixels with each combination of shades."""
    flat = np.minimum((picture.reshape(-1, picture.shape[2]) * SHADES).astype(int), SHADES - 1)
    code = flat @ (SHADES ** np.arange(picture.shape[2]))
    return np.bincount(code, minlength=SHADES ** picture.shape[2]) / len(flat)


def _shares(margins: NDArray[np.floating], temperature: float) -> NDArray[np.floating]:
    """Probabilities from margins (N,) between two classes, or (N, C)."""
    scores = np.stack([-margins, margins], axis=1) if margins.ndim == 1 else margins
    powers = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    return powers / powers.sum(1, keepdims=True)
