"""Figures of the digits and the ring, measured beforehand by `python -m apps.latent.bench`."""

SEEDS = 3
FEW_CODE = 8
SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
EXAMPLES = (20, 50, 100, 200, 400, 800, 1198)

Row = tuple[str, int, float, float, float]
"""Method, amount, explained share of held-out digits: mean over seeds, and its 95 % interval."""

BY_SIZE: tuple[Row, ...] = ()
BY_EXAMPLES: tuple[Row, ...] = ()

MODES: tuple[tuple[str, float, tuple[int, ...], float, float, float], ...] = (
    ("smooth", 0.3, (8, 8, 8, 8, 8), 0.8858, 0.8702, 0.9016),
)
"""Preset, penalty, modes found with each seed, share of points on one: mean over seeds, and its interval."""
