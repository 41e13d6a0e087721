"""Pictures with masks as people have them: three layouts, many kinds of mask, and what does not fit."""

import numpy as np
import pytest
from PIL import Image

from sandbox.data.formats import masked_images
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough
SIZE = (12, 20)
TWO = np.zeros(SIZE, np.uint8)
TWO[2:5, 2:6], TWO[7:11, 10:18] = 1, 2
"""Two objects, numbered."""


def put(path, values, mode=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values, mode).save(path) if mode else Image.fromarray(values).save(path)


def photo(path, seed):
    put(path, np.random.default_rng(seed).integers(0, 256, (*SIZE, 3)).astype(np.uint8))


def binary(values):
    return ((values > 0) * 255).astype(np.uint8)


def test_masks_in_a_folder_beside_the_images(tmp_path):
    for i, name in enumerate(("a.png", "ä b.PNG", "deep/c.jpg")):
        photo(tmp_path / "set/images" / name if "/" not in name else tmp_path / "other/images/c.jpg", i)
    put(tmp_path / "set/masks/a.png", TWO)
    put(tmp_path / "set/masks/ä b_mask.png", binary(TWO))
    put(tmp_path / "other/labels/c.png", TWO)
    found = masked_images.load(tmp_path)
    assert list(found.names) == ["other/images/c.jpg", "set/images/a.png", "set/images/ä b.PNG"]
    assert all(np.array_equal(mask, TWO) for mask in found.masks)
    assert not found.reading.sentences()


def test_masks_beside_their_pictures(tmp_path):
    for i, suffix in enumerate(masked_images.SUFFIXES):
        photo(tmp_path / f"{i}.png", i)
        put(tmp_path / f"{i}{suffix}.png", TWO.astype(np.uint16))
    found = masked_images.load(tmp_path)
    assert len(found.names) == 4 and all(np.array_equal(mask, TWO) for mask in found.masks)


def test_one_mask_for_each_object(tmp_path):
    for i in range(2):
        photo(tmp_path / f"{i}/images/{i}x.png", i)
        for number in (1, 2):
            put(tmp_path / f"{i}/masks/{number}abc.png", binary(number == TWO))
    found = masked_images.load(tmp_path)
    assert len(found.names) == 2 and all(np.array_equal(mask, TWO) for mask in found.masks)


def test_colours_palettes_and_smoothed_masks_number_their_objects(tmp_path):
    colours = np.zeros((*SIZE, 3), np.uint8)
    colours[TWO == 1], colours[TWO == 2] = (255, 0, 0), (0, 120, 255)
    smooth = binary(TWO)
    smooth[2, 2:6] = 130
    palette = Image.fromarray(TWO, "P")
    palette.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0])
    for i, values in enumerate((colours, smooth, palette)):
        path = tmp_path / f"{i}_mask.png"
        values.save(path) if isinstance(values, Image.Image) else put(path, values)
        mask = masked_images.read_mask(path, SIZE)
        assert np.array_equal(np.unique(mask), [0, 1, 2])
        assert (mask > 0).sum() == (TWO > 0).sum()


def test_values_stay_where_they_are_classes(tmp_path):
    put(tmp_path / "m.png", (TWO * 40).astype(np.uint8))
    assert set(np.unique(masked_images.read_mask(tmp_path / "m.png", SIZE, numbered=False))) == {0, 40, 80}


def test_what_does_not_fit_is_named_and_left_out(tmp_path):
    for i, name in enumerate(("good", "small", "broken", "alone", "text", "again")):
        photo(tmp_path / f"images/{name}.png", 0 if name == "again" else i)
        put(tmp_path / f"masks/{name}.png", TWO)
    put(tmp_path / "masks/small.png", TWO[:5])
    (tmp_path / "masks/broken.png").write_bytes((tmp_path / "masks/good.png").read_bytes()[:40])
    (tmp_path / "masks/text.png").write_bytes(b"no picture")
    (tmp_path / "masks/alone.png").unlink()
    put(tmp_path / "masks/nobody.png", TWO)
    (tmp_path / "images/._good.png").write_bytes(b"\x00")
    (tmp_path / "notes.txt").write_text("hello")
    found = masked_images.load(tmp_path)
    assert len(found.names) == 1
    said = " ".join(found.reading.sentences())
    for part in ("1 of 8 files", "small.png has 20 x 5 pixels", "no mask", "without its picture", "(.txt)"):
        assert part in said, said
    assert "\n" not in said and "._good" not in said


def test_a_large_photo_is_made_smaller_with_its_mask(tmp_path):
    put(tmp_path / "a.png", np.random.default_rng(0).integers(0, 255, (600, 2048, 3)).astype(np.uint8))
    mask = np.zeros((600, 2048), np.uint8)
    mask[100:300, 200:900] = 255
    put(tmp_path / "a_mask.png", mask)
    found = masked_images.load(tmp_path)
    assert found.pictures[0].shape[:2] == found.masks[0].shape == (300, 1024)
    assert found.masks[0][100, 200] == 1 and found.masks[0].sum() == 100 * 350


def test_a_mask_that_would_unfold_to_a_bomb_is_refused(tmp_path):
    photo(tmp_path / "a.png", 0)
    Image.new("L", (12_000, 9_000)).save(tmp_path / "a_mask.png")
    with pytest.raises(UserError, match="million pixels") as refusal:
        masked_images.load(tmp_path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: photo(path / "a.png", 0)]
)
def test_nothing_to_learn_from_is_one_sentence(tmp_path, make):
    make(tmp_path / "set")
    with pytest.raises(UserError) as refusal:
        masked_images.load(tmp_path / "set")
    assert "set" in str(refusal.value) and "\n" not in str(refusal.value)
