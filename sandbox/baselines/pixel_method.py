"""What methods have that learn the classes of pixels from photos and their masks."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.mask import Mask


class PixelMethod:
    """Keeps photos and masks until it is asked for the first time, and learns from them then.

    Args:
        photos: (C, H, W) each, to learn from.
        masks: their classes, (H, W) each.
        input: how a photo is read.
        output: names of the classes.
    """

    def __init__(
        self, photos: Sequence[NDArray[Any]], masks: Sequence[NDArray[Any]], input: Input, output: Mask
    ) -> None:
        self._photos, self._masks = photos, masks
        self.input, self.output = input, output
