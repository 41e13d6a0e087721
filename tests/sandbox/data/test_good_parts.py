"""Good parts and made defects: what is learned from, kept aside and tested on; folders of one's own."""

import numpy as np
import pytest
from PIL import Image

from sandbox.data import defects, good_parts, warped_textures
from sandbox.errors import UserError


def test_parts_of_a_texture_share_no_pixel():
    parts = good_parts.texture("gravel", 48, 0)
    photo = warped_textures.photos()[2].astype(np.float32) / 255
    assert (parts.train[0][0] == photo[:, :256]).all()
    strip, rest = photo[:, 256:320], photo[:, 320:]
    assert (parts.aside[0][0] == strip[:48, 8:56]).all() and len(parts.aside) == 30
    good = [one for one, part in zip(parts.test, parts.truth, strict=True) if part.kind == "good"]
    assert len(good) == 40  # four columns of ten
    whole = {rest[y : y + 48, x : x + 48].tobytes() for y in range(0, 480, 48) for x in range(0, 192, 48)}
    assert {one[0].tobytes() for one in good} == whole


@pytest.mark.parametrize("kind", defects.KINDS)
def test_a_defect_is_where_it_says_and_nowhere_else(kind):
    picture = good_parts.texture("grass", 48, 0).train[0][:, 100:148, 100:148]
    others = [good_parts.texture("brick", 48, 0).train[0]]
    for seed in range(8):
        bad, where = defects.defective(picture, kind, np.random.default_rng(seed), others)
        changed = np.abs(bad - picture).max(0) > defects.CHANGED
        assert where.any() and changed[where].all() and not where.all()
        assert (changed & ~where).sum() <= 0.1 * where.sum()  # the soft edge
        assert bad.min() >= 0 and bad.max() <= 1
        assert np.allclose(255 * bad, np.round(255 * bad), atol=1e-3)


def save(path, seed, mark=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    if mark:
        pixels[:] = 0
        pixels[10:20, 10:30] = 255
    Image.fromarray(pixels).save(path)


def test_a_folder_with_bad_parts(tmp_path):
    for i in range(10):
        save(tmp_path / "good" / f"{i}.png", i)
    for i in range(3):
        save(tmp_path / "Scratch" / f"{i}.png", 100 + i)
    save(tmp_path / "good" / "copy.png", 0)
    (tmp_path / "notes.txt").write_text("x")
    parts = good_parts.folder(tmp_path, 0)
    assert (len(parts.train), len(parts.aside)) == (6, 2)
    assert sorted(part.kind for part in parts.truth) == ["good", "good", "scratch", "scratch", "scratch"]
    assert len({part.place for part in parts.truth}) == 5 and not parts.made
    assert "2 left out" in parts.notes[0] or parts.notes[0].count("1 left out") == 2
    seen = {one.tobytes() for one in (*parts.train, *parts.aside)}
    assert not seen & {one.tobytes() for one in parts.test}


def test_the_layout_of_mvtec_with_its_masks(tmp_path):
    for i in range(8):
        save(tmp_path / "train" / "good" / f"{i}.png", i)
    save(tmp_path / "test" / "good" / "0.png", 50)
    save(tmp_path / "test" / "hole" / "7.png", 60)
    save(tmp_path / "ground_truth" / "hole" / "7_mask.png", 0, mark=True)
    parts = good_parts.folder(tmp_path, 0)
    (hole,) = (part for part in parts.truth if part.kind == "hole")
    assert hole.where is not None and hole.where[10:20, 10:30].all() and hole.where.sum() == 200
    assert (len(parts.train) + len(parts.aside), len(parts.test)) == (8, 2)


def test_without_bad_parts_defects_are_made_and_said(tmp_path):
    for i in range(10):
        save(tmp_path / f"{i}.png", i)
    parts = good_parts.folder(tmp_path, 0)
    assert parts.made and "made defects" in parts.notes[-1]
    assert {part.kind for part in parts.truth} == {"good", *defects.KINDS}


def test_too_few_good_parts_are_one_sentence(tmp_path):
    for i in range(3):
        save(tmp_path / "ok" / f"{i}.png", i)
    with pytest.raises(UserError, match="holds 3 photos of good parts; at least 8"):
        good_parts.folder(tmp_path, 0)
