"""Test pictures that are copies of training pictures, in whatever light, size and compression."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from sandbox.data import digits
from sandbox.data.near_duplicates import find, signatures

pytestmark = pytest.mark.thorough


def photos(count, seed):
    """Pictures with few details, as photos have: (N, 3, 40, 40)."""
    noise = np.random.default_rng(seed).random((count, 8, 8, 3), np.float32)
    big = [np.asarray(Image.fromarray((255 * each).astype(np.uint8)).resize((40, 40))) for each in noise]
    return torch.from_numpy(np.stack(big)).permute(0, 3, 1, 2).float() / 255


def compressed(picture):
    content = io.BytesIO()
    array = (255 * picture.permute(1, 2, 0)).byte().numpy()
    Image.fromarray(array).save(content, "JPEG", quality=85)
    return torch.from_numpy(np.asarray(Image.open(content)).copy()).permute(2, 0, 1).float() / 255


def test_known_duplicates_are_found_and_no_others():
    train, test = photos(300, 0), photos(100, 1)
    test[3] = train[17]
    test[40] = compressed(train[250])
    test[41] = 0.6 * train[8] + 0.2  # less contrast, more light
    test[99] = (train[0] + 0.02 * torch.randn(3, 40, 40, generator=torch.manual_seed(0))).clamp(0, 1)
    found = find(train, test)
    assert sorted(found.pairs) == [(3, 17), (40, 250), (41, 8), (99, 0)]
    assert found.pairs[0] in ((3, 17), (41, 8)) and list(found.cosines) == sorted(found.cosines, reverse=True)
    assert found.sentence() == ("4 test pictures of 100 (4.0 %) are nearly the same as a training picture.")


def test_another_size_is_the_same_picture():
    train = photos(20, 0)
    small = torch.nn.functional.interpolate(train[5:6], (20, 20), mode="area")
    assert find(train, small).pairs == ((0, 5),)
    assert len(find(train, small.flip(3))) == 0  # a mirrored one is another, as said


def test_empty_pictures_are_not_each_others_copies():
    flat = torch.full((5, 1, 28, 28), 0.5) + 0.001 * torch.rand(5, 1, 28, 28)
    assert len(find(flat, flat)) == 0 and not signatures(flat).any()
    assert find(torch.zeros(0, 1, 8, 8), flat).sentence().startswith("No test picture")


def test_different_digits_are_mostly_different():
    data = digits.load()
    found = find(data.train_images, data.test_images)
    assert len(found) < 0.02 * len(data.test_images)
