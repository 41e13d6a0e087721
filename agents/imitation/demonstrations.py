"""What an expert did in whole episodes, to be imitated."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Shaped
from torch import Tensor


@dataclass(frozen=True)
class Demonstrations:
    """Pairs of observation and action of whole episodes, one episode after the other.

    Attributes:
        obs: (M, *shape), as the environment gives them.
        actions: (M,) or (M, n), as the environment takes them.
        ends: how many of the episodes ended by the rules, not by the limit of steps.
        returns: (E,), the environment's return of each episode; shown, never learned from.
    """

    obs: Shaped[Tensor, "M ..."]
    actions: Shaped[Tensor, "M ..."]
    ends: int
    returns: Float[Tensor, " E"]
