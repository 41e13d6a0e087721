"""Lines of handwriting: files, photos and drawings, cut out and scaled as a network reads them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.data.handwriting import ink
from sandbox.data.line_picture import fit, on_paper
from sandbox.tasks.inputs.image import Image


@dataclass(frozen=True)
class Line(Image):
    """A picture is an array (1, H, W) in [0, 1], 1 is ink; the line in it fills its height or its width."""

    kind: ClassVar[str] = "line"

    @property
    def drawable(self) -> bool:
        """Always."""
        return True

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The line as the network sees it, from a file's bytes, an opened picture or an array.

        Dark ink may be on light paper, or light ink on dark paper.

        Raises:
            PictureError: it is no picture, or has numbers that are out of range.
        """
        _, height, width = self.shape
        found = ink(images.values(raw))
        return fit(found if found.shape == (height, width) else on_paper(found), height, width)[None]
