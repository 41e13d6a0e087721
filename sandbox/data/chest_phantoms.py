"""Drawn chest X-rays, 28x28: two lungs, ribs, a heart, and in half of them a cloud in a lung. Synthetic.

They look like the pictures of PneumoniaMNIST from afar and show what a network must find: something faint,
at a place that is not known beforehand, beside bright things that mean nothing. Figures of them say nothing
about people.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.labelled_images import LabelledImages

CLASSES = ("clear", "clouded")
SIDE = 28
TRAIN, TEST = 2_400, 800
RARE = 0.3
"""Share of clear pictures: as in hospitals' archives, most that are kept are of the ill."""


def load(seed: int = 0) -> LabelledImages:
    """2,400 pictures to learn from and 800 unseen ones, of different draws."""
    images, labels = draw(TRAIN + TEST, seed)
    return LabelledImages(
        name="drawn chest X-rays",
        classes=CLASSES,
        train_images=images[:TRAIN],
        train_labels=labels[:TRAIN],
        test_images=images[TRAIN:],
        test_labels=labels[TRAIN:],
        source="Drawn by this program; no person's picture is in it.",
    )


def draw(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (N, 1, 28, 28) in [0, 1] and their classes (N,)."""
    r = np.random.default_rng(seed)
    y, x = (axis[None] for axis in np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j])

    def each(low: float, high: float) -> NDArray[np.float64]:
        return r.uniform(low, high, (count, 1, 1))

    labels = (r.uniform(size=count) >= RARE).astype(np.int64)
    across, down, size = each(-0.08, 0.08), each(-0.08, 0.12), each(0.88, 1.12)
    u, v = (x - across) / size, (y - down) / size
    lungs = np.maximum(
        _blob(u + each(0.4, 0.48), v, each(0.25, 0.33), each(0.6, 0.75)),
        _blob(u - each(0.4, 0.48), v, each(0.22, 0.31), each(0.55, 0.75)),
    )
    body = _blob(u, v - 0.2, 1.05 + 0 * across, 1.25 + 0 * across)
    heart = _blob(u - each(0.05, 0.2), v - each(0.3, 0.45), each(0.25, 0.36), each(0.26, 0.36))
    spine = np.exp(-((u / 0.1) ** 2))
    ribs = 0.5 + 0.5 * np.cos(2 * np.pi * (v + 0.35 * np.abs(u)) * each(2.6, 3.4) + each(0.0, 6.3))
    picture = 0.2 + 0.52 * body - each(0.34, 0.5) * lungs + 0.3 * heart * (1 - 0.3 * lungs) + 0.12 * spine
    picture = picture + each(0.05, 0.12) * ribs * lungs
    # Clouds lie in the lungs only; some lungs have none, and a dim veil over everything means nothing.
    side = np.where(r.uniform(size=(count, 1, 1)) < 0.5, -1, 1)
    cloud = _blob(u - side * each(0.28, 0.58), v - each(-0.3, 0.5), each(0.16, 0.34), each(0.16, 0.36), 0.5)
    patchy = 0.7 + 0.3 * np.sin(9 * u + each(0.0, 6.3)) * np.sin(8 * v + each(0.0, 6.3))
    picture = picture + labels[:, None, None] * each(0.09, 0.34) * cloud * patchy * (0.25 + 0.75 * lungs)
    picture = (picture - 0.45) * each(0.75, 1.25) + 0.45 + each(-0.08, 0.08)
    picture = picture + r.normal(0, 0.03, picture.shape)
    images = np.round(255 * picture.clip(0, 1)) / 255  # as a file of 8 bits would hold them
    return torch.from_numpy(images.astype(np.float32))[:, None], torch.from_numpy(labels)


def _blob(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    width: NDArray[np.float64],
    height: NDArray[np.float64],
    soft: float = 0.12,
) -> NDArray[np.float64]:
    """1 inside an ellipse, 0 outside, with a soft edge."""
    return 1 / (1 + np.exp((np.hypot(u / width, v / height) - 1) / soft))
