"""What repairs photos without training does repair them, and leaves alone what is known."""

import numpy as np
import pytest
import torch

from sandbox.baselines.deconvolution import Deconvolution
from sandbox.baselines.inpainting import WAYS, Inpainting
from sandbox.baselines.interpolation import Interpolation
from sandbox.baselines.non_local_means import NonLocalMeans
from sandbox.data.damages import Blur, Holes, Noise, Small
from sandbox.metrics.fidelity import psnr
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.repairer import Untouched

pytestmark = pytest.mark.thorough

ROWS = torch.linspace(0, 6.28, 64)
PHOTO = (0.5 + 0.3 * torch.sin(3 * ROWS)[:, None] * torch.cos(2 * ROWS)).expand(1, 3, 64, 64).contiguous()


def gained(damage, make, colours=3):
    """Decibels over the photo left as it is."""
    kind = DamagedPhoto(damage, colours)
    clean = PHOTO[:, :colours]
    spoilt = damage.apply(clean, torch.Generator().manual_seed(0))
    before, after = (one.predict(spoilt)[0] for one in (Untouched(kind), make(kind)))
    return psnr(clean[0], after) - psnr(clean[0], before), spoilt[0].numpy(), after


@pytest.mark.parametrize("colours", [1, 3])
def test_non_local_means_takes_noise_away(colours):
    better, _, _ = gained(Noise(25.0), lambda kind: NonLocalMeans(kind, 25 / 255), colours)
    assert better > 5


@pytest.mark.parametrize("way", WAYS)
def test_inpainting_fills_in_what_is_missing_only(way):
    better, spoilt, after = gained(Holes(0.1), lambda kind: Inpainting(kind, way))
    known = ~np.isnan(spoilt)
    assert better > 5 and np.array_equal(after[known], spoilt[known]) and not np.isnan(after).any()


@pytest.mark.parametrize("way", ["Wiener", "Richardson-Lucy"])
def test_deconvolution_sharpens(way):
    blur = Blur(2.0, 0.5)
    better, _, _ = gained(blur, lambda kind: Deconvolution(kind, blur, way))
    assert better > 3


def test_smooth_photos_are_enlarged_best_by_smooth_surfaces():
    kind, damage = DamagedPhoto(Small(2)), Small(2)
    spoilt = damage.apply(PHOTO, torch.Generator())
    found = {way: Interpolation(kind, way).predict(spoilt)[0] for way in ("bicubic", "lanczos", "nearest")}
    figures = {way: psnr(PHOTO[0], answer) for way, answer in found.items()}
    assert min(figures["bicubic"], figures["lanczos"]) > figures["nearest"] + 5
