"""Photos of any size in and out: what is transparent is missing, tiles meet without a seam, hostile files."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from sandbox.data.damages import Holes, Noise, Small
from sandbox.errors import UserError
from sandbox.tasks.families.photo_network import build, keywords
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.outputs.repaired_photo import RepairedPhoto
from sandbox.tasks.repairer import NetworkRepairer

NOISY, HOLED = DamagedPhoto(Noise()), DamagedPhoto(Holes())


def colours(seed=0, shape=(30, 40, 3)):
    return np.random.default_rng(seed).integers(0, 255, shape, dtype=np.uint8)


def test_what_is_transparent_is_missing(tmp_path):
    pixels = np.dstack([colours(), np.full((30, 40), 255, np.uint8)])
    pixels[5:9, 7:20, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "holes.png")
    photo = HOLED.encode(HOLED.read(tmp_path / "holes.png"))
    assert photo.shape == (3, 30, 40)
    assert np.isnan(photo[:, 5:9, 7:20]).all() and np.isnan(photo).sum() == 3 * 4 * 13
    again = HOLED.encode(HOLED.read(HOLED.write(photo, tmp_path, "again")))
    assert np.array_equal(again, photo, equal_nan=True)
    assert not np.isnan(NOISY.encode(NOISY.read(tmp_path / "holes.png"))).any()  # white paper, as elsewhere


def test_a_photo_without_a_hole_is_refused_where_holes_are_filled():
    with pytest.raises(UserError, match="transparent"):
        HOLED.encode(colours())
    assert NOISY.encode(colours()).shape == (3, 30, 40)
    assert NOISY.encode(colours()[..., :1].repeat(3, 2)).shape == (1, 30, 40)
    assert DamagedPhoto(Noise(), 3).encode(colours()[..., 0]).shape == (3, 30, 40)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (colours(shape=(4, 40, 3)), "cannot be repaired here"),
        (np.full((20, 20), 5.0), "from 0, black"),
        (np.full((20, 20), np.nan), "is no photo"),
        (np.zeros((2, 20, 20, 3)), "is no photo"),
        (np.where(np.eye(20) > 0, np.nan, 0.5), "not learned to fill in"),
        (np.where(np.eye(20) > 0, np.inf, 0.5), "from 0, black"),
        (b"none of a photo", "not a PNG"),
    ],
)
def test_what_is_no_photo_is_one_sentence(raw, says):
    with pytest.raises(UserError, match=says):
        NOISY.encode(raw)


def test_an_array_is_never_unpickled(tmp_path):
    np.save(tmp_path / "hostile.npy", np.array([{"a": 1}], object), allow_pickle=True)
    (tmp_path / "short.npy").write_bytes(b"\x93NUMPY\x01")
    for name in ("hostile.npy", "short.npy", "gone.npy"):
        with pytest.raises(UserError, match=name):
            NOISY.read(tmp_path / name)


def test_the_answer_to_an_enlarged_photo_is_not_larger_than_it_may_be():
    with pytest.raises(UserError, match="to 512"):
        DamagedPhoto(Small(4)).encode(colours(shape=(20, 600, 3)))


@pytest.mark.parametrize("damage", [Noise(), Holes(0.2), Small(2), Small(3)], ids=lambda one: one.text())
def test_tiles_meet_without_a_seam(damage, monkeypatch):
    torch.manual_seed(0)
    network = build("subpixel", keywords("subpixel", damage, 1, 8, 2), damage.missing)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=0.15)
    one = NetworkRepairer(network, DamagedPhoto(damage))
    photo = damage.apply(torch.rand(1, 1, 150, 234), torch.Generator().manual_seed(0))[0]
    whole = one.mapped(photo)
    monkeypatch.setattr("sandbox.tasks.repairer.TILE", 40)
    assert (one.mapped(photo) - whole).abs().max() < 1e-4
    assert whole.shape[1:] == tuple(side * damage.factor for side in photo.shape[1:])


def test_photos_of_several_sizes_and_colours_are_answered_one_by_one():
    damage = Small(2)
    network = build("subpixel", keywords("subpixel", damage, 1, 4, 1), False)
    one = NetworkRepairer(network, DamagedPhoto(damage), luminance=True)
    found = one.predict([np.random.rand(3, 20, 24).astype(np.float32), np.random.rand(1, 16, 12)])
    assert [answer.shape for answer in found] == [(3, 40, 48), (1, 32, 24)]


def test_a_u_net_fills_in_what_is_missing_only():
    damage = Holes(0.3)
    network = build("unet", keywords("unet", damage, 3, 8, 2), True)
    photo = damage.apply(torch.rand(1, 3, 31, 46), torch.Generator().manual_seed(0))[0].numpy()
    answer = NetworkRepairer(network, DamagedPhoto(damage, 3)).predict(photo[None])[0]
    known = ~np.isnan(photo)
    assert not np.isnan(answer).any() and np.array_equal(answer[known], photo[known])


def test_an_answer_as_json_is_the_whole_picture():
    import base64
    import io

    answer = np.random.default_rng(0).random((3, 12, 20)).astype(np.float32)
    said = RepairedPhoto().to_json(answer)
    with Image.open(io.BytesIO(base64.b64decode(said["png"]))) as picture:
        assert (said["width"], said["height"]) == picture.size == (20, 12)
        assert np.abs(np.asarray(picture) / 255 - answer.transpose(1, 2, 0)).max() < 0.003
