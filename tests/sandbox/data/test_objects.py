"""Objects of masks: touching ones are parted, small ones left out, and what is said of each."""

import numpy as np
import pytest

from sandbox.data import objects, synthetic_nuclei, warped_textures
from sandbox.data.mask_crops import Change, MaskCrops
from sandbox.metrics.segmentation import match

Y, X = np.mgrid[:40, :60]
LEFT, RIGHT = np.hypot(Y - 20, X - 20) < 11, np.hypot(Y - 20, X - 38) < 11
TWO = np.where(LEFT, 1, np.where(RIGHT, 2, 0))


def test_the_depth_has_a_valley_where_two_objects_touch():
    depth = objects.depth(TWO)
    assert depth.max() == 1 and (depth > 0).sum() == (TWO > 0).sum()
    assert depth[20, 20] > 0.9 and depth[20, 38] > 0.8 and depth[20, 29] < 0.3


def test_watershed_parts_what_touches_and_fills_holes():
    inside = (LEFT | RIGHT) & ~((np.abs(Y - 20) < 2) & (np.abs(X - 20) < 2))
    found = objects.parted(inside, objects.depth(TWO), 0.1, 20)
    assert objects.count(found) == 2 and match(TWO, found).found == 2
    assert ((found > 0) == (TWO > 0)).all()
    # One hill is one object, however rough.
    rough = objects.depth(LEFT.astype(int)) + np.random.default_rng(0).uniform(0, 0.05, LEFT.shape)
    assert objects.count(objects.parted(LEFT, rough, 0.1, 20)) == 1


def test_foreground_without_a_hill_is_an_object_and_specks_are_none():
    inside = LEFT.copy()
    inside[0:2, 0:2] = inside[30:38, 50:58] = True
    found = objects.parted(inside, np.where(LEFT, objects.depth(TWO), 0), 0.1, 20)
    assert objects.count(found) == 2 and found.max() == 2 and found[34, 54]


def test_nothing_is_no_object():
    empty = np.zeros((9, 9), bool)
    assert (
        objects.parted(empty, np.zeros((9, 9)), 0.1, 20).max() == 0
        and objects.listed(empty.astype(int)) == []
    )


def test_what_is_said_of_each_object():
    one, other = objects.listed(TWO)
    assert (one.x, one.y, one.area) == (pytest.approx(20, abs=0.6), 20, int((TWO == 1).sum()))
    assert other.box[0] > one.box[0] and other.to_json()["box"] == list(other.box)


def test_both_stains_of_synthetic_nuclei_differ_and_come_again():
    dark, bright = (synthetic_nuclei.draw(number, 0, 64) for number in (0, 1))
    assert dark[0].mean() < 100 < bright[0].mean() and dark[1].max() > 1 and bright[1].max() > 1
    for (picture, mask), number in ((dark, 0), (bright, 1)):
        again = synthetic_nuclei.draw(number, 0, 64)
        assert np.array_equal(picture, again[0]) and np.array_equal(mask, again[1])
        numbers = np.unique(mask)
        assert np.array_equal(numbers, np.arange(len(numbers)))  # without gaps
        assert np.bincount(mask.ravel())[1:].min() >= synthetic_nuclei.LEAST_AREA
    assert not np.array_equal(dark[0], synthetic_nuclei.draw(0, 1, 64)[0])


def test_unseen_textures_share_no_place_with_those_learned_from():
    for learned, unseen, photo in zip(
        warped_textures.places(unseen=False),
        warped_textures.places(unseen=True),
        warped_textures.photos(),
        strict=True,
    ):
        assert learned.shape[1] + unseen.shape[1] == photo.shape[1]
        assert not np.shares_memory(learned, unseen)
    picture, mask = warped_textures.draw(0, 0, unseen=True, side=48)
    assert picture.shape == mask.shape == (48, 48) and set(np.unique(mask)) <= {0, 1, 2} and picture.std() > 5


def test_crops_depend_on_seed_and_step_alone_and_maps_move_with_the_picture():
    mask = np.stack([(TWO > 0).astype(np.float32)], -1)
    picture = mask.repeat(3, -1)
    kwargs = {"side": 32, "batch_size": 3, "change": Change(colour=0.0)}
    crops = MaskCrops([picture], [mask], seed=1, **kwargs)
    one, again = crops(5), MaskCrops([picture], [mask], seed=1, **kwargs)(5)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert one[0].shape == (3, 3, 32, 32) and one[1].shape == (3, 1, 32, 32)
    assert np.allclose(one[0][:, :1], one[1], atol=1e-5)
    assert not np.array_equal(one[0], crops(6)[0])
