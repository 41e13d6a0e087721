"""Ways to spoil pairs of faces: both are spoilt alike, each for itself."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.corruptions.corruption import Corruption
from sandbox.corruptions.image import CORRUPTIONS as PICTURES

Pairs = Float[Tensor, "N 1 S T"]
"""Two squares side by side, in [0, 1]."""


def each(spoil: Callable[[Tensor, float, int], Tensor]) -> Callable[[Pairs, float, int], Pairs]:
    """What spoils pictures, for both faces of a pair."""

    def spoilt(pairs: Pairs, amount: float, seed: int) -> Pairs:
        faces = torch.cat(pairs.chunk(2, dim=3))
        return torch.cat(spoil(faces, amount, seed).chunk(2), dim=3)

    return spoilt


def _of_faces(name: str, why: str, most: float) -> Corruption:
    one = PICTURES[name]
    return replace(one, apply=each(one.apply), why=why, most=most)


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": _of_faces("noise", "Brows and lips are a pixel or two high, and drown first.", 0.5),
    "blur": _of_faces("blur", "Blur leaves hair and outline, which many people share.", 0.2),
    "rotation": _of_faces("rotation", "No head in training was turned farther than 7 degrees.", 90.0),
    "occlusion": _of_faces(
        "occlusion", "A dark square is no part of any face: it moves the embedding of both.", 0.75
    ),
    "shift": _of_faces(
        "shift", "Faces in training were cropped alike; a bad crop looks like another face.", 0.4
    ),
}
"""By name."""
