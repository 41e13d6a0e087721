"""Blur undone with its known kernel, without training, as scikit-image does it."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sandbox.data.damages import Blur
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.repairer import Repairer

Way = Literal["Wiener", "Richardson-Lucy"]
BALANCE, ITERATIONS = 0.01, 30
"""How smooth Wiener's filter wants it, and steps of Richardson and Lucy; best on training photos."""


class Deconvolution(Repairer):
    """Wiener's filter (Hunt 1971), or steps towards the most likely photo (Richardson 1972, Lucy 1974).

    Args:
        input: which damage photos have.
        blur: the known one.
        way: which.
        iterations: steps of Richardson and Lucy; more sharpen more, and raise more noise.
    """

    def __init__(self, input: DamagedPhoto, blur: Blur, way: Way, iterations: int = ITERATIONS) -> None:
        super().__init__(input)
        self.iterations = iterations
        kernel = blur.kernel().double().numpy()
        self.kernel, self.way = np.outer(kernel, kernel), way

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`; edges are mirrored, so that nothing wraps around."""
        from skimage.restoration import richardson_lucy, wiener

        margin = 2 * len(self.kernel)
        found = []
        for colour in photo.astype(np.float64):
            wide = np.pad(colour, margin, mode="symmetric")
            whole: Any
            if self.way == "Wiener":
                whole = wiener(wide, self.kernel, BALANCE, clip=False)
            else:
                whole = richardson_lucy(np.clip(wide, 0, 1), self.kernel, num_iter=self.iterations)
            found.append(whole[margin:-margin, margin:-margin])
        return np.stack(found).astype(np.float32)
