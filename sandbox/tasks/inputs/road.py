"""Pictures of a road from a car that drives on it."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.tasks.inputs.image import Image


@dataclass(frozen=True)
class Road(Image):
    """A picture is an array (3, H, W) in [0, 1] of the network's size, from behind the windscreen."""

    kind: ClassVar[str] = "road"
