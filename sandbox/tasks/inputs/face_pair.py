"""Two pictures of faces, side by side in one."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.as_input import as_input
from sandbox.data.formats import images
from sandbox.tasks.inputs.image import Image


@dataclass(frozen=True)
class FacePair(Image):
    """A pair is an array (1, S, 2 S) in [0, 1]: the left half is one face, the right half another."""

    kind: ClassVar[str] = "face_pair"
    files: ClassVar[str] = f"a {images.KINDS} picture of two faces side by side, each filling its half"

    def joined(self, first: Any, second: Any) -> NDArray[np.float32]:
        """A pair of two pictures, each from a file's bytes, an opened picture or an array.

        Raises:
            PictureError: one of them is no picture.
        """
        channels, height, width = self.shape
        shape = channels, height, width // 2
        return np.concatenate([as_input(one, shape, None) for one in (first, second)], axis=2)


def halves(pairs: Any) -> NDArray[Any]:
    """Faces (2 N, 1, S, S) of pairs (N, 1, S, 2 S): all first ones, then all second ones."""
    found = np.asarray(pairs)
    side = found.shape[3] // 2
    return np.concatenate([found[..., :side], found[..., side:]])
