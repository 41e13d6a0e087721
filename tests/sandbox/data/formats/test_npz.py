"""Archives of arrays: read as data, refused in a sentence."""

import io
import zipfile

import numpy as np
import pytest

from sandbox.data import medmnist
from sandbox.data.formats import npz
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough


def archive(path, **changed):
    """A small set in MedMNIST's form, with some arrays of another kind."""
    generator = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 20), ("val", 8), ("test", 6)):
        arrays[f"{part}_images"] = generator.integers(0, 255, (count, 28, 28), np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
    np.savez_compressed(
        path, **{name: value for name, value in (arrays | changed).items() if value is not None}
    )
    return arrays


def test_a_set_is_read_with_its_names_and_its_own_test_part(tmp_path):
    path = tmp_path / "pneumoniamnist.npz"
    arrays = archive(path)
    found = medmnist.load(path)
    assert found.classes == ("normal", "pneumonia") and found.in_shape == (1, 28, 28)
    assert (len(found.train_images), len(found.test_images)) == (28, 6)
    assert np.allclose(found.test_images[:, 0].numpy() * 255, arrays["test_images"])
    colours = tmp_path / "mine.npz"
    rgb = {
        f"{part}_images": np.zeros((n, 4, 6, 3), np.uint8)
        for part, n in (("train", 20), ("val", 8), ("test", 6))
    }
    for images in rgb.values():
        images[:] = np.random.default_rng(len(images)).integers(0, 255, images.shape)
    archive(colours, **rgb)
    assert medmnist.load(colours).in_shape == (3, 4, 6) and medmnist.load(colours).classes == ("0", "1")


def test_a_picture_is_on_one_side_only(tmp_path):
    path = tmp_path / "set.npz"
    arrays = archive(path)
    train = arrays["train_images"].copy()
    train[:2] = arrays["test_images"][:2]
    train[2] = arrays["val_images"][0]
    archive(path, train_images=train)
    found = medmnist.load(path)
    test = {picture.numpy().tobytes() for picture in found.test_images}
    learned = [picture.numpy().tobytes() for picture in found.train_images]
    assert not test & set(learned) and len(learned) == len(set(learned)) == 25
    assert "3 pictures" in found.notes[1]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"val_labels": None}, "has no array val_labels"),
        ({"train_images": np.zeros((20, 28, 28), np.float32)}, "no grey or RGB pictures"),
        ({"train_labels": np.zeros((20, 14), np.uint8)}, "14 labels"),
        ({"train_labels": np.zeros(19, np.uint8)}, "not one whole number"),
        ({"test_labels": np.full(6, 65_000)}, "from 65000"),
        ({"train_labels": np.array([{"a": 1}] * 20)}, "Python objects"),
        ({"test_images": np.zeros((6, 8, 8), np.uint8)}, "not all of one size"),
        ({"train_labels": np.zeros(20, np.uint8), "val_labels": np.zeros(8, np.uint8)}, "no two pictures"),
    ],
)
def test_other_forms_are_one_sentence(tmp_path, changed, says):
    path = tmp_path / "set.npz"
    archive(path, **changed)
    with pytest.raises(UserError, match=says) as refusal:
        medmnist.load(path)
    assert "\n" not in str(refusal.value)


def test_what_is_damaged_or_too_large_is_not_unpacked(tmp_path):
    path = tmp_path / "set.npz"
    archive(path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"PK\x03\x04 nothing", b"", b"\x93NUMPY"):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"no archive|damaged"):
            npz.shapes(path)
        assert not npz.is_medmnist(path)
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("train_images.npy", head.getvalue())
    with pytest.raises(UserError, match="damaged"):
        npz.read(path, ["train_images"])
    np.savez_compressed(path, big=np.zeros(10**6, np.uint8))
    with pytest.raises(UserError, match=r"unpacks to 1 MB; at most 0 MB"):
        npz.read(path, ["big"], most_bytes=10**5)
    with pytest.raises(UserError, match="There is no file"):
        npz.shapes(tmp_path / "none.npz")
