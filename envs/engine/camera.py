"""A camera on an environment: pictures of its states, and where their pixels lie in the units of `draw`."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from envs.engine.canvas import PygameCanvas
from envs.engine.environment import Environment


class Camera:
    """Takes pictures of states of an environment, without the text and rays that only people are shown.

    Args:
        environment: any; its file's `camera` draws, and `draw` where it has none.
        size: height and width of a picture in pixels. What is of another shape is cut to it.

    Attributes:
        size: height and width.
        scale: pixels of one unit of `draw`.
        spare: rows and columns that are cut off, at both sides together.
    """

    def __init__(self, environment: Environment, size: tuple[int, int]) -> None:
        width, height = environment.size
        self.size = size
        self.scale = max(size[0] / height, size[1] / width)
        self._draw = environment.step.__globals__.get("camera", environment.draw)
        self._canvas = PygameCanvas(environment.size, self.scale)
        rows, columns, _ = self._canvas.pixels.shape
        self.spare = rows - size[0], columns - size[1]

    def picture(self, state: Any, params: Any, corner: tuple[int, int] | None = None) -> np.ndarray:
        """A state as `(H, W, 3)` u8; a view that the next picture overwrites.

        Args:
            state: a record of the environment's.
            params: its parameters.
            corner: row and column at which the picture begins, at most `spare`; None for the middle.
        """
        self._draw(state, params, self._canvas)
        return self._canvas.pixels[self.window(corner)]

    def window(self, corner: tuple[int, int] | None = None) -> tuple[slice, slice]:
        """The rows and columns that a picture keeps."""
        top, left = (self.spare[0] // 2, self.spare[1] // 2) if corner is None else corner
        return slice(top, top + self.size[0]), slice(left, left + self.size[1])

    def units(self, points: ArrayLike) -> np.ndarray:
        """Places `(..., 2)`, x and y in pixels of a picture of the middle, in the units of `draw`."""
        cut = np.array([self.spare[1] // 2, self.spare[0] // 2])
        return (np.asarray(points, np.float64) + cut) / self.scale
