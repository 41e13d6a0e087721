"""Figures of the digits and the ring, measured beforehand by `python -m apps.latent.bench`."""

SEEDS = 3
FEW_CODE = 8
SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
EXAMPLES = (20, 50, 100, 200, 400, 800, 1198)

Row = tuple[str, int, float, float, float]
"""Method, amount, explained share of held-out digits: mean over seeds, and its 95 % interval."""

BY_SIZE: tuple[Row, ...] = (
    ("autoencoder", 1, 0.4464, 0.423, 0.4726),
    ("autoencoder", 2, 0.6001, 0.5917, 0.6046),
    ("autoencoder", 3, 0.6763, 0.671, 0.685),
    ("autoencoder", 4, 0.7291, 0.7228, 0.7365),
    ("autoencoder", 6, 0.8059, 0.8056, 0.8062),
    ("autoencoder", 8, 0.8437, 0.8419, 0.8463),
    ("autoencoder", 12, 0.8871, 0.8838, 0.8894),
    ("autoencoder", 16, 0.9063, 0.9042, 0.9081),
    ("vae", 1, 0.3978, 0.3976, 0.398),
    ("vae", 2, 0.5407, 0.524, 0.5527),
    ("vae", 3, 0.5945, 0.5414, 0.6217),
    ("vae", 4, 0.5963, 0.5393, 0.6283),
    ("vae", 6, 0.6214, 0.6142, 0.6257),
    ("vae", 8, 0.6173, 0.61, 0.6228),
    ("vae", 12, 0.6263, 0.6033, 0.6574),
    ("vae", 16, 0.643, 0.6153, 0.6622),
    ("principal components", 1, 0.1452, 0.1246, 0.1645),
    ("principal components", 2, 0.2825, 0.2616, 0.3031),
    ("principal components", 3, 0.4074, 0.3896, 0.425),
    ("principal components", 4, 0.4943, 0.4801, 0.5085),
    ("principal components", 6, 0.6051, 0.5923, 0.6178),
    ("principal components", 8, 0.6835, 0.6738, 0.6937),
    ("principal components", 12, 0.7965, 0.7899, 0.8031),
    ("principal components", 16, 0.8603, 0.8557, 0.865),
)
BY_EXAMPLES: tuple[Row, ...] = (
    ("autoencoder", 20, 0.3453, 0.3047, 0.3944),
    ("autoencoder", 50, 0.45, 0.4437, 0.4584),
    ("autoencoder", 100, 0.5284, 0.5253, 0.5328),
    ("autoencoder", 200, 0.6591, 0.6446, 0.6693),
    ("autoencoder", 400, 0.7721, 0.7617, 0.784),
    ("autoencoder", 800, 0.8257, 0.8245, 0.8276),
    ("autoencoder", 1198, 0.8437, 0.8419, 0.8463),
    ("vae", 20, 0.3085, 0.3027, 0.3142),
    ("vae", 50, 0.4404, 0.3953, 0.4692),
    ("vae", 100, 0.58, 0.5746, 0.5835),
    ("vae", 200, 0.595, 0.5728, 0.6323),
    ("vae", 400, 0.6146, 0.6114, 0.6205),
    ("vae", 800, 0.6297, 0.6153, 0.6578),
    ("vae", 1198, 0.6173, 0.61, 0.6228),
    ("principal components", 20, 0.5628, 0.5466, 0.579),
    ("principal components", 50, 0.6128, 0.6001, 0.6257),
    ("principal components", 100, 0.6436, 0.6317, 0.6547),
    ("principal components", 200, 0.6599, 0.6483, 0.6711),
    ("principal components", 400, 0.6761, 0.6659, 0.6868),
    ("principal components", 800, 0.6812, 0.6712, 0.6915),
    ("principal components", 1198, 0.6835, 0.6738, 0.6937),
)

MODES: tuple[tuple[str, float, tuple[int, ...], float, float, float], ...] = (
    ("smooth", 0.3, (8, 8, 8, 8, 8), 0.8858, 0.8702, 0.9016),
    ("wasserstein", 1.0, (8, 8, 8, 8, 8), 0.8904, 0.8758, 0.8998),
    ("unbridled", 0.0, (7, 1, 8, 8, 8), 0.7656, 0.6276, 0.8748),
)
"""Preset, penalty, modes found with each seed, share of points on one: mean over seeds, and its interval."""
