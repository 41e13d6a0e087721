"""Photos of the libraries and of one's own: split by photo, copies on one side, dirty files named."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from sandbox.data import photo_folder, photos
from sandbox.data.damages import DAMAGES, Blur, Holes, Noise, Scratches, Small, enlarged, from_json
from sandbox.data.photo_crops import PhotoCrops
from sandbox.errors import UserError

PHOTO = torch.rand(2, 3, 96, 80, generator=torch.Generator().manual_seed(0))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def textured(seed, size=(90, 100)):
    """A picture that looks like no other."""
    drawn = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(drawn).resize(size, Image.Resampling.BICUBIC)


def test_the_libraries_photos_are_split_by_photo():
    found = photos.load(256, 0)
    names = [[photo.name for photo in part] for part in (found.train, found.test)]
    assert len(names[0]) >= 10 and len(names[1]) >= 5 and not set(names[0]) & set(names[1])
    assert all(min(photo.pixels.shape[:2]) >= 256 for photo in found.test)
    assert all(max(photo.pixels.shape[:2]) <= photos.LONGEST for photo in found.train)
    assert [photo.name for photo in photos.load(256, 1).test] != names[1]


def test_a_picture_that_was_enlarged_is_halved_again():
    once = np.random.default_rng(0).integers(0, 255, (90, 70, 3), dtype=np.uint8)
    assert np.array_equal(photos.sharp(once.repeat(2, 0).repeat(2, 1)), once)
    assert photos.sharp(once) is once
    assert photos.sharp(np.asarray(textured(0, (400, 300)))).shape == (75, 100, 3)


def test_a_folder_with_copies_and_what_is_no_photo(tmp_path):
    for number in range(5):
        textured(number).save(tmp_path / f"{number}.PNG")
    (tmp_path / "deeper").mkdir()
    textured(0).save(tmp_path / "deeper" / "copy.jpg", quality=70)
    textured(9, (20, 20)).save(tmp_path / "tiny.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff none")
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "._0.png").write_bytes(b"helper")
    found = photo_folder.load(tmp_path, 64)
    assert len(found.train) + len(found.test) == 5
    (note,) = found.notes
    for said in ("5 of 9 files", "looks the same as another", "shorter than 48", "broken.jpg", "notes.txt"):
        assert said in note


def test_a_folder_without_a_large_photo_is_one_sentence(tmp_path):
    textured(1).save(tmp_path / "one.png")
    with pytest.raises(UserError, match="At least two photos"):
        photo_folder.load(tmp_path, 64)


def test_a_zip_is_read_like_its_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for number in range(4):
            file = io.BytesIO()
            textured(number).save(file, "PNG")
            archive.writestr(f"mine/{number}.png", file.getvalue())
        archive.writestr("../outside.png", b"none")
    folder = photo_folder.unpacked(tmp_path / "mine.zip")
    assert folder is not None and not (tmp_path.parent / "outside.png").exists()
    found = photo_folder.load(folder, 64)
    assert len(found.train) + len(found.test) == 4
    (tmp_path / "broken.zip").write_bytes(b"PK none")
    with pytest.raises(UserError, match="zip"):
        photo_folder.unpacked(tmp_path / "broken.zip")
    assert photo_folder.unpacked(tmp_path / "none") is None


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_the_same_for_the_same_seed_and_comes_back_from_json(kind):
    damage = DAMAGES[kind]()
    one, again, other = (damage.apply(PHOTO, seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(one.nan_to_num(9.0), again.nan_to_num(9.0))
    assert kind == "small" or not torch.equal(one.nan_to_num(9.0), other.nan_to_num(9.0))
    assert from_json(damage.to_json()) == damage and damage.text()
    assert one.isnan().any() == damage.missing and not PHOTO.isnan().any()
    assert one.shape[2:] == tuple(side // damage.factor for side in PHOTO.shape[2:])


def test_damage_is_as_strong_as_it_says():
    grey = torch.full((4, 1, 256, 256), 0.5)
    assert (Noise(25.0).apply(grey, seeded()) - grey).std().item() == pytest.approx(25 / 255, rel=0.01)
    for damage in (Holes(0.15), Holes(0.4), Scratches(0.1)):
        assert damage.apply(grey, seeded()).isnan().float().mean().item() == pytest.approx(
            damage.share, rel=0.2
        )
    dot = torch.zeros(1, 1, 41, 41)
    dot[..., 20, 20] = 1
    spread = Blur(2.0, 0.0).apply(dot, seeded())[0, 0]
    places = torch.arange(41) - 20.0
    assert spread.sum().item() == pytest.approx(1, abs=1e-4)
    assert (spread.sum(0) * places**2).sum().sqrt().item() == pytest.approx(2.0, rel=0.05)


def test_a_small_photo_has_no_detail_that_it_cannot_show():
    """Stripes of a pixel become grey: without antialiasing they would become broad ones."""
    stripes = torch.zeros(1, 1, 64, 64)
    stripes[..., ::2] = 1
    small = Small(3).apply(stripes[..., :63, :63], seeded())[..., 3:-3, 3:-3]
    assert (small - 0.5).abs().max() < 0.1
    smooth = torch.linspace(0.2, 0.8, 64).expand(1, 1, 64, 64)
    again = enlarged(Small(2).apply(smooth, seeded()), 2)
    assert (again - smooth)[..., 4:-4, 4:-4].abs().max() < 0.005


def test_crops_are_a_function_of_the_step_alone():
    known = [(255 * photo).byte() for photo in PHOTO]

    def batches(seed=0):
        return PhotoCrops(known, Noise(), side=32, batch_size=4, seed=seed, device=torch.device("cpu"))

    one, other = batches(), batches()
    other(0)
    assert all(torch.equal(a, b) for a, b in zip(one(7), other(7), strict=True))
    assert not torch.equal(one(7)[1], one(8)[1]) and not torch.equal(one(7)[1], batches(1)(7)[1])
    damaged, clean = one(3)
    assert damaged.shape == clean.shape == (4, 3, 32, 32) and 0 <= clean.min() <= clean.max() <= 1
    with pytest.raises(ValueError, match="100 pixels"):
        PhotoCrops(known, Noise(), side=100, batch_size=4, seed=0, device=torch.device("cpu"))
