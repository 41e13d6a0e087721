"""Batches, augmentation, splits and sketches."""

import cv2
import numpy as np
import pytest
import torch

from sandbox.data.augment import flip, jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.digits import load
from sandbox.data.handwriting import DIGITS, MNIST, prepare
from sandbox.data.labelled_images import split_by_class
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.errors import UserError


def test_each_epoch_has_every_example_once_in_an_order_of_its_own():
    batches = ShuffledBatches(torch.arange(12), torch.arange(12) * 2, batch_size=4, seed=0)
    epochs = [torch.cat([batches(3 * epoch + i)[0] for i in range(3)]) for epoch in range(3)]
    assert all(sorted(epoch.tolist()) == list(range(12)) for epoch in epochs)
    assert len({tuple(epoch.tolist()) for epoch in epochs}) == 3
    x, y = batches(5)
    assert torch.equal(2 * x, y)


def test_a_batch_depends_on_the_step_alone():
    forwards = ShuffledBatches(torch.arange(10), batch_size=3, seed=1)
    backwards = ShuffledBatches(torch.arange(10), batch_size=3, seed=1)
    a = [forwards(step)[0].tolist() for step in range(20)]
    b = [backwards(step)[0].tolist() for step in reversed(range(20))]
    assert a == b[::-1]
    assert a != [ShuffledBatches(torch.arange(10), batch_size=3, seed=2)(s)[0].tolist() for s in range(20)]


def test_small_sets_give_small_batches():
    assert len(ShuffledBatches(torch.arange(3), batch_size=64, seed=0)(7)[0]) == 3
    with pytest.raises(ValueError, match="common length"):
        ShuffledBatches(torch.arange(3), torch.arange(4), batch_size=1, seed=0)
    with pytest.raises(ValueError, match="at least 1"):
        ShuffledBatches(torch.arange(3), batch_size=0, seed=0)


def test_flips_are_the_ways_to_lay_a_square():
    square = torch.arange(9.0).view(1, 1, 3, 3)
    torch.manual_seed(0)
    seen = {tuple(each.flatten().tolist()) for each in flip(square.expand(400, 1, 3, 3), "all")}
    turns = [torch.rot90(square[0, 0], count) for count in range(4)]
    assert seen == {tuple(each.flatten().tolist()) for turn in turns for each in (turn, turn.flip(0))}
    seen = {tuple(each.flatten().tolist()) for each in flip(square.expand(400, 1, 3, 3), "sideways")}
    assert seen == {tuple(square.flatten().tolist()), tuple(square.flip(3).flatten().tolist())}
    assert flip(square, "none") is square
    wide = torch.rand(4, 3, 5, 9)
    assert flip(wide).shape == wide.shape


def test_no_jitter_changes_nothing():
    images = torch.rand(5, 2, 9, 7)
    torch.testing.assert_close(
        jitter(images, degrees=0.0, scale=0.0, shift=0.0, shear=0.0), images, atol=1e-5, rtol=0
    )


def test_jitter_moves_by_at_most_what_was_asked():
    dot = torch.zeros(200, 1, 21, 21)
    dot[:, :, 10, 10] = 1
    torch.manual_seed(0)
    moved = jitter(dot, degrees=0.0, scale=0.0, shift=0.1, shear=0.0)
    places = (moved[:, 0].sum(1) * torch.arange(21)).sum(1) / moved.sum((1, 2, 3))
    shift = (places - 10).abs().max()
    assert 1.6 < shift <= 2.15  # a tenth of 21
    torch.manual_seed(0)
    assert torch.equal(jitter(dot, degrees=0.0, scale=0.0, shift=0.1, shear=0.0), moved)


def test_jitter_turns_without_distorting():
    bar = torch.zeros(1, 1, 41, 41)
    bar[:, :, 18:23, 6:35] = 1
    torch.manual_seed(3)
    for picture in jitter(bar.expand(20, -1, -1, -1), degrees=30.0, scale=0.0, shift=0.0, shear=0.0):
        assert picture.sum() == pytest.approx(float(bar.sum()), rel=0.05)


def test_a_split_takes_the_same_share_of_each_class():
    labels = torch.tensor([0] * 30 + [1] * 9 + [2] * 2)
    train, test = split_by_class(labels, 1 / 3, seed=0)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(41))
    assert torch.bincount(labels[test]).tolist() == [10, 3, 1]
    with pytest.raises(UserError, match="single example"):
        split_by_class([0, 0, 1], 0.5, seed=0)


def test_nearest_labels_are_those_of_the_nearest():
    generator = torch.Generator().manual_seed(0)
    examples, queries = torch.randn(50, 6, generator=generator), torch.randn(20, 6, generator=generator)
    labels = torch.arange(50)
    assert torch.equal(nearest_labels(examples, labels, queries), torch.cdist(queries, examples).argmin(1))


def drawn(pen=14, side=280, shift=0):
    pad = np.zeros((side, side), np.uint8)
    cv2.ellipse(pad, (side // 2 + shift, side // 2), (side // 6, side // 4), 0, 0, 360, 255, pen, cv2.LINE_AA)
    return pad.astype(np.float32) / 255


@pytest.mark.parametrize("pen", [4, 14, 30])
@pytest.mark.parametrize("side", [64, 280, 600])
@pytest.mark.parametrize("style", [DIGITS, MNIST])
def test_a_sketch_gets_the_ink_and_the_frame_of_the_set(pen, side, style):
    picture = prepare(drawn(max(1, pen * side // 280), side), style)
    assert picture.shape == (style.side, style.side)
    assert picture.mean() == pytest.approx(style.ink, rel=0.25)
    rows = np.flatnonzero(picture.max(axis=1) > 0.3)
    assert rows[-1] - rows[0] + 1 == pytest.approx(style.box, abs=2)


def test_place_and_contrast_do_not_matter():
    picture = prepare(drawn(), DIGITS)
    np.testing.assert_allclose(prepare(drawn(shift=40), DIGITS), picture, atol=0.02)
    np.testing.assert_allclose(prepare(0.4 * drawn(), DIGITS), picture, atol=0.02)


def test_prepared_digits_look_like_the_set():
    digits = load().train_images.numpy()
    assert digits.mean() == pytest.approx(DIGITS.ink, abs=0.005)
    assert (digits[:, 0, 0].max(axis=1) > 0).all() and (digits[:, 0, 7].max(axis=1) > 0).all()


def test_odd_sketches():
    assert prepare(np.zeros((50, 50)), DIGITS).sum() == 0
    dot = np.zeros((50, 50))
    dot[20, 20] = 1
    assert prepare(dot, DIGITS).max() > 0.9
    assert np.isfinite(prepare(np.ones((50, 50)), DIGITS)).all()
    assert np.isfinite(prepare(np.eye(300)[:, :20], MNIST)).all()
    with pytest.raises(ValueError, match="a sketch is"):
        prepare(np.zeros(3), DIGITS)
    with pytest.raises(ValueError, match="not finite"):
        prepare(np.full((5, 5), np.nan), DIGITS)
