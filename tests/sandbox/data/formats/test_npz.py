"""Archives of arrays as people and papers give them, and hostile ones."""

import zipfile

import numpy as np
import pytest

from apps.vision.classify import TASK
from sandbox.data import npz_pictures
from sandbox.data.formats import npz
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough
NOISE = np.random.default_rng(0)

HOLES = np.where(NOISE.random((4, 8, 8)) < 0.1, np.nan, NOISE.random((4, 8, 8)))


def pictures(count, *shape):
    return NOISE.integers(0, 256, (count, *(shape or (8, 8)))).astype(np.uint8)


def saved(tmp_path, **arrays):
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    return tmp_path / "a.npz"


def with_header(tmp_path, header, content=b""):
    """An archive with one array whose header says what it likes."""
    head = header.encode().ljust(117) + b"\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + content)
    return tmp_path / "a.npz"


def test_arrays_are_read(tmp_path):
    path = saved(tmp_path, a=np.arange(3), b=np.ones((2, 2)))
    assert {name: array.shape for name, array in npz.read(path).items()} == {"a": (3,), "b": (2, 2)}
    assert list(npz.read(path, ["b"])) == ["b"]
    with pytest.raises(UserError, match="has no array c; it holds a, b"):
        npz.read(path, ["c"])


def test_nothing_is_unpickled(tmp_path):
    path = saved(tmp_path, x=np.array([{"a": 1}], object))
    with pytest.raises(UserError, match="holds Python objects"):
        npz.read(path)


@pytest.mark.parametrize("shape", ["(10000000000,)", "(99999, 99999, 99)", "(-5, -5)"])
def test_a_size_that_lies_is_not_believed(tmp_path, shape):
    path = with_header(tmp_path, f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}", b"xy")
    with pytest.raises(UserError, match="damaged"):
        npz.read(path)


def test_a_bomb_is_not_unpacked(tmp_path):
    path = saved(tmp_path, x=np.zeros(600_000_000, np.uint8))
    assert path.stat().st_size < 10**6
    with pytest.raises(UserError, match="unpacks to 600 MB; at most 500 MB are read"):
        npz.read(path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_one_sentence(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(UserError, match="is no archive of NumPy arrays"):
        npz.read(tmp_path / "a.npz")
    with pytest.raises(UserError, match="There is no file"):
        npz.read(tmp_path / "none.npz")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(UserError, match="holds no arrays"):
        npz.read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "names",
    [
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
    ],
)
def test_the_makers_split_is_kept(tmp_path, names):
    parts = (pictures(20), np.arange(20) % 2, pictures(6), np.arange(6)[:, None] % 2)
    data = npz_pictures.load(saved(tmp_path, **dict(zip(names, parts, strict=True))))
    assert data.in_shape == (1, 8, 8) and data.classes == ("0", "1")
    np.testing.assert_array_equal((data.test_images[:, 0] * 255).round().numpy(), parts[2])
    assert data.test_labels.tolist() == [0, 1] * 3


def test_validation_is_learned_from_and_copies_of_the_test_are_not(tmp_path):
    train, val, test = pictures(20), pictures(10), pictures(6)
    train[3], val[0], val[1] = test[0], test[1], train[5]
    arrays = {}
    for name, part in (("train", train), ("val", val), ("test", test)):
        arrays |= {f"{name}_images": part, f"{name}_labels": np.arange(len(part)) % 2}
    data = npz_pictures.load(saved(tmp_path, **arrays))
    assert len(data.train_images) == 27 and len(data.test_images) == 6
    assert data.notes == (
        "3 pictures to learn from were there twice, or are in the test; they were left out.",
    )


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (8, 8, 3), (3, 8, 8), (1, 8, 8)])
def test_without_a_split_a_third_is_held_out(tmp_path, shape):
    images = pictures(30, *shape)
    images[7] = images[6]
    path = saved(tmp_path, images=images, labels=np.arange(30) // 15)
    data = npz_pictures.load(path, 1)
    assert (len(data.train_images), len(data.test_images)) == (19, 10)
    assert data.in_shape == (3 if 3 in shape else 1, 8, 8) and "1 pictures are exact copies" in data.notes[0]
    assert len(TASK.load(TASK.settings(), str(path)).test) == 10


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": np.ones(3)}, "it needs train_images"),
        ({"images": pictures(4), "labels": np.arange(5)}, "do not fit each other"),
        ({"images": np.ones(4), "labels": np.arange(4)}, "holds no pictures"),
        ({"images": pictures(4), "labels": np.zeros((4, 14), int)}, "do not fit each other"),
        ({"images": pictures(4), "labels": np.ones(4)}, "no whole numbers"),
        ({"images": pictures(4), "labels": np.ones(4, int)}, "has 1 classes"),
        ({"images": 7 + NOISE.random((4, 8, 8)), "labels": np.arange(4) % 2}, "are float64 from 7."),
        ({"images": HOLES, "labels": np.arange(4) % 2}, "from nan to nan"),
        ({"images": pictures(4).astype("M8[s]"), "labels": np.arange(4) % 2}, "are datetime64"),
    ],
)
def test_what_is_no_pictures_is_one_sentence(tmp_path, arrays, words):
    with pytest.raises(UserError) as refusal:
        npz_pictures.load(saved(tmp_path, **arrays))
    assert "\n" not in str(refusal.value) and words in str(refusal.value)


def test_numbers_from_0_to_1_are_shares(tmp_path):
    shares = NOISE.random((12, 8, 8))
    data = npz_pictures.load(saved(tmp_path, x=shares, y=np.arange(12) % 3))
    assert float(data.train_images.max()) <= 1 and len(data.classes) == 3
