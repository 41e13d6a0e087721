"""Denoising without training: each pixel becomes a mean of pixels whose surroundings look alike."""

import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.repairer import Repairer


class NonLocalMeans(Repairer):
    """Non-local means with the true level of the noise, as in scikit-image. Buades, Coll & Morel 2005.

    Args:
        input: which damage photos have.
        sigma: standard deviation of the noise, in numbers from 0 to 1.
        patch: pixels of a surrounding's side.
        distance: pixels in each direction among which similar ones are looked for.
        strength: how alike they must be, in standard deviations of the noise.
    """

    def __init__(
        self, input: DamagedPhoto, sigma: float, *, patch: int = 5, distance: int = 6, strength: float = 0.7
    ) -> None:
        super().__init__(input)
        self.sigma, self.patch, self.distance, self.strength = sigma, patch, distance, strength

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`."""
        from skimage.restoration import denoise_nl_means

        found = denoise_nl_means(
            photo[0] if len(photo) == 1 else photo,
            patch_size=self.patch,
            patch_distance=self.distance,
            h=self.strength * self.sigma,
            sigma=self.sigma,
            fast_mode=True,
            channel_axis=None if len(photo) == 1 else 0,
        )
        return found.astype(np.float32).reshape(photo.shape)
