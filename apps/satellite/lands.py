"""Made lands seen from above with what covers them, and what crossing them takes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from envs.engine.frames import frames
from envs.recon import CLASSES as SEEN
from envs.recon import ENV, HOURS, PARAMS
from envs.scenes.recon import CLOUD, FIRE, GRASS, SIDE
from sandbox.baselines.pixel_colours import SimilarPixels
from sandbox.tasks.families.segmentation import Segmenter, photo_of
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples

CLASSES = SEEN[:CLOUD]
"""What may cover the ground; clouds hide it and are no ground."""
CELL = 8
"""Pixels along each edge of a square of Recon's."""
MAP = SIDE * CELL
"""Pixels along each edge of a picture."""
FINER = 2
"""Pixels that a picture is drawn with for each of its own, so that lines of the land fall between them."""
SIZE = int(ENV.size[1] * FINER * MAP / ENV.size[0]), FINER * MAP
"""Height and width of what is drawn; below the map lies the account of the journey."""
TAKES = {
    **{name: float(hours) for name, hours in zip(CLASSES, HOURS, strict=False)},
    CLASSES[FIRE]: float(HOURS[GRASS] + PARAMS["fire_hours"].default),
}
"""Hours that a square of each ground takes, by name."""


@lru_cache(maxsize=8)
def draw(count: int, seed: int, clouds: float) -> Examples[Any, Any]:
    """Photos (3, H, W) of lands, with what covers each pixel (H, W), whether a cloud hides it or not.

    Args:
        count: how many.
        seed: decides everything.
        clouds: Recon's parameter.
    """
    drawn = frames(
        ENV,
        count,
        seed,
        SIZE,
        params={"clouds": clouds},
        every=24,
        min_pixels=1,
        through=(SEEN[CLOUD],),
    )
    photos, masks = [], []
    for one in drawn:
        photos.append(map_of(photo_of(one.image)))
        masks.append(one.class_map[: SIZE[1] : FINER, : SIZE[1] : FINER].astype(np.int32) - 1)
    return Examples(photos, masks)


def map_of(picture: Float[np.ndarray, "3 H W"]) -> Float[np.ndarray, "3 M M"]:
    """The map in a picture of Recon's camera that is `SIZE` large, in the 256 steps that a file keeps."""
    blocks = picture[:, : SIZE[1]].reshape(3, MAP, FINER, MAP, FINER)
    return np.round(255 * blocks.mean((2, 4), np.float32)) / np.float32(255)


def hours(classes: Sequence[str]) -> Float[np.ndarray, " K"] | None:
    """Hours that a square of each class takes; None where one is no ground of Recon's."""
    if not set(classes) <= set(TAKES):
        return None
    return np.array([TAKES[name] for name in classes])


def probabilities(predictor: Predictor[Any, Any], photo: Any) -> Float[np.ndarray, "K H W"]:
    """Of each class at each pixel of a photo (C, H, W); all on one class if the predictor gives none."""
    if isinstance(predictor, Segmenter):
        return predictor.goal.shares(predictor.outputs(photo))
    if isinstance(predictor, SimilarPixels):
        return predictor.shares(photo)
    (mask,) = predictor.predict([photo])
    classes: Any = predictor.output
    return np.eye(len(classes.classes), dtype=np.float32)[mask].transpose(2, 0, 1)


def expected(shares: NDArray[np.floating], costs: NDArray[np.floating]) -> Float[np.ndarray, "H W"]:
    """Mean cost of each pixel under the probabilities of its classes (K, H, W)."""
    return np.tensordot(costs, shares, 1)
