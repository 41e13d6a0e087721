"""The sky: a field split by region, a rival that is tuned fairly, lenses that bend light as they must."""

import sys

import numpy as np
import pytest

from apps.astronomy import lens, restore
from sandbox.baselines.lens_fit import LensFit, LightRadius
from sandbox.data import lenses, photos
from sandbox.data.damages import Blur
from sandbox.data.formats import fits
from sandbox.data.lenses import PIXEL, SIDE, Lenses
from sandbox.errors import UserError
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.inputs.image import Image


def one(radius: float, across: float = 0.0, size: float = 0.05) -> Lenses:
    """A lens with a round source."""
    values = (np.array([value]) for value in (radius, size, 1.0, 0.0, 0.0))
    found, scale, ratio, angle, noise = values
    return Lenses(found, np.array([[across, 0.0]]), scale, ratio, angle, noise)


def test_the_unseen_part_of_the_field_was_never_in_a_crop():
    split = restore.TASK.load(restore.TASK.settings(), None)
    learned = split.train.inputs[0]
    width = photos.shipped(restore.FIELD).pixels.shape[1]
    assert learned.shape[2] + restore.GAP + 2 * restore.TILE <= width
    clean = split.test.targets
    assert clean.shape == split.test.inputs.shape and clean.shape[1:] == (1, 128, 128)
    assert (clean != split.test.inputs).any() and len(split.names) == len(clean)


@pytest.mark.thorough
def test_the_best_number_of_steps_depends_on_the_noise():
    field = restore.TASK.load(restore.TASK.settings(), None).train.inputs[0][:, :256, :256]
    few, many = (
        restore.best_iterations(DamagedPhoto(blur), blur, [field])
        for blur in (Blur(2.0, 16.0), Blur(2.0, 1.0))
    )
    assert few < many


def test_a_source_right_behind_a_lens_is_seen_as_a_ring_of_its_radius():
    flux = lenses.light(one(1.2))[0]
    axis = (np.arange(SIDE) - (SIDE - 1) / 2) * PIXEL
    far = np.hypot(*np.meshgrid(axis, axis))
    assert (far * flux).sum() / flux.sum() == pytest.approx(1.2, abs=0.03)
    assert flux[far < 0.8].max() < 0.1
    # Beside the lens its two pictures lie at y + t and t - y.
    row = lenses.light(one(1.2, 0.4))[0][SIDE // 2 - 1 : SIDE // 2 + 1].mean(0)
    right, left = axis[row.argmax()], -axis[: SIDE // 2][row[: SIDE // 2].argmax()]
    assert (right, left) == pytest.approx((1.6, 0.8), abs=0.1)


def test_a_mass_goes_with_the_square_of_the_radius():
    assert lenses.mass(2.0) == pytest.approx(4 * lenses.mass(1.0))
    # c^2 / 4G is 1.23e8 suns for a square arcsecond and a megaparsec, and D_l D_s / D_ls is about 1,970 Mpc.
    assert lenses.mass(1.0) == pytest.approx(2.4e11, rel=0.05)
    assert lenses.mass(1.0, 0.5, 0.6) > lenses.mass(1.0, 0.5, 2.0)


def test_the_fit_finds_the_radius_behind_noise():
    examples = lens.some(6, 0.1, (7, 7))
    found = LensFit(Image(lens.SHAPE), lens.OUTPUT).predict(examples.inputs)
    guessed = LightRadius(Image(lens.SHAPE), lens.OUTPUT).predict(examples.inputs)
    truth = examples.targets.numpy()
    assert np.abs(found / truth - 1).mean() < 0.02 < np.abs(guessed / truth - 1).mean()


def test_fits_files_say_what_they_need(tmp_path, monkeypatch):
    (tmp_path / "a.fits").write_bytes(fits.BEGINS)
    monkeypatch.setitem(sys.modules, "astropy.io.fits", None)
    with pytest.raises(UserError, match="pip install astropy"):
        DamagedPhoto(Blur()).read(tmp_path / "a.fits")
    counts = np.array([[100.0, np.nan], [300.0, 200.0]])
    assert fits.scaled(counts)[0].tolist() == [0, 0] and fits.scaled(counts)[1, 0] == 1


def test_a_picture_in_a_fits_file(tmp_path):
    astropy = pytest.importorskip("astropy.io.fits", reason="astropy is not installed")
    values = np.arange(24 * 30, dtype=np.float32).reshape(24, 30)
    astropy.PrimaryHDU(values).writeto(tmp_path / "a.fits")
    found = DamagedPhoto(Blur()).encode(DamagedPhoto(Blur()).read(tmp_path / "a.fits"))
    assert found.shape == (1, 24, 30) and found[0, 0, 0] > found[0, -1, 0]  # its first row lies below
