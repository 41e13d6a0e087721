"""Test pictures that are nearly the same as a training picture: a test on them shows memory, not learning.

Pictures are compared at 16 x 16 pixels in grey, without their brightness and contrast: the cosine of what
remains is 1 for the same picture and does not mind another size, another compression, or other light. Turned
and mirrored copies are not found.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from sandbox.percent import percent

SIDE = 16
ALIKE = 0.995
"""Cosine from which two pictures count as nearly the same."""
FLAT = 0.02
"""Standard deviation below which a picture has nothing to compare: an empty sky is like every other."""
CHUNK = 1_000
"""Pictures that are made small at a time."""
AT_ONCE = 2**24
"""Pairs that are compared at a time."""


@dataclass(frozen=True)
class NearDuplicates:
    """Pairs of a test picture and the training picture that is nearest to it, the most alike first.

    Attributes:
        pairs: positions in the test and in the training pictures.
        cosines: how alike those are, from `ALIKE` to 1.
        tested: test pictures in all.
        compared: training pictures that they were compared with.
    """

    pairs: tuple[tuple[int, int], ...]
    cosines: tuple[float, ...]
    tested: int
    compared: int

    def __len__(self) -> int:
        return len(self.pairs)

    def sentence(self) -> str:
        """What a person should know."""
        if not self.pairs:
            return "No test picture is nearly the same as a training picture."
        some, are = ("1 test picture", "is") if len(self) == 1 else (f"{len(self):,} test pictures", "are")
        return (
            f"{some} of {self.tested:,} ({percent(len(self) / self.tested, 1)}) {are} nearly the same "
            "as a training picture."
        )


def find(
    train: Float[Tensor, "N C H W"], test: Float[Tensor, "M C2 H2 W2"], alike: float = ALIKE
) -> NearDuplicates:
    """Look for test pictures that are nearly the same as a training picture.

    Args:
        train: pictures in [0, 1]; compared with every one of them.
        test: likewise, of any size.
        alike: cosine from which a pair counts.
    """
    known, asked = signatures(train), signatures(test)
    pairs: list[tuple[float, int, int]] = []
    count = max(1, AT_ONCE // max(1, len(known)))
    for begin in range(0, len(asked) if len(known) else 0, count):
        cosines, nearest = (asked[begin : begin + count] @ known.T).max(dim=1)
        for row in torch.nonzero(cosines >= alike).flatten().tolist():
            pairs.append((min(1.0, float(cosines[row])), begin + row, int(nearest[row])))
    pairs.sort(key=lambda pair: (-pair[0], pair[1]))
    return NearDuplicates(
        tuple((i, j) for _, i, j in pairs), tuple(cosine for cosine, _, _ in pairs), len(test), len(train)
    )


def signatures(pictures: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D"]:
    """What is compared of each picture: of length 1, or all zero where there is nothing to compare."""
    grey = pictures.mean(1, keepdim=True)
    small = torch.zeros(len(grey), 1, SIDE, SIDE)
    for rows in torch.arange(len(grey)).split(CHUNK):
        small[rows] = F.interpolate(grey[rows], (SIDE, SIDE), mode="bilinear", antialias=True)
    flat = small.flatten(1)
    flat = flat - flat.mean(1, keepdim=True)
    length = flat.norm(dim=1, keepdim=True)
    is_flat = length < FLAT * SIDE
    return torch.where(is_flat, torch.zeros_like(flat), flat / length.clamp(min=1e-9))
