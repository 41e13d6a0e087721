"""MNIST and its relatives by the names that their makers, torchvision and others give the files."""

import gzip

import numpy as np
import pytest
import torch

from sandbox.data import idx
from sandbox.errors import UserError


def idx_bytes(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


def put(folder, prefix="", test="t10k", packed=False, first=0, classes=3):
    """Four files; pictures of one class are one upright bar, each class at its own column."""
    folder.mkdir(parents=True, exist_ok=True)
    for half, count in (("train", 12), (test, 6)):
        labels = np.arange(count) % classes
        images = np.zeros((count, 28, 28), np.uint8)
        images[np.arange(count), 2:9, 4 + 5 * labels] = 255
        if prefix.startswith("emnist"):
            images = images.transpose(0, 2, 1)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels + first)):
            content = idx_bytes(array)
            name = f"{prefix}{half}-{kind}-ubyte"
            (folder / f"{name}.gz" if packed else folder / name).write_bytes(
                gzip.compress(content) if packed else content
            )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("inside", "prefix", "test"),
    [
        ("", "", "t10k"),
        ("", "", "test"),
        ("", "emnist-letters-", "test"),
        ("gzip", "emnist-digits-", "test"),
        ("MNIST/raw", "", "t10k"),
        ("raw", "", "t10k"),
        ("EMNIST/raw", "emnist-letters-", "test"),
    ],
)
def test_files_are_found_where_others_put_them(tmp_path, inside, prefix, test, packed):
    put(tmp_path / inside, prefix, test, packed)
    assert idx.is_idx_folder(tmp_path)
    data = idx.load(tmp_path)
    assert (len(data.train_images), len(data.test_images)) == (12, 6)
    assert data.in_shape == (1, 28, 28) and data.classes == ("0", "1", "2")
    assert torch.equal(data.train_images[1, 0, 2:9, 9], torch.ones(7))  # EMNIST's lie on their side


def test_labels_that_do_not_begin_at_0_make_no_empty_class(tmp_path):
    put(tmp_path, "emnist-letters-", "test", first=1)
    data = idx.load(tmp_path)
    assert data.classes == ("1", "2", "3")
    assert data.train_labels.unique().tolist() == [0, 1, 2]
    assert data.train_labels[:3].tolist() == [0, 1, 2]


def test_several_sets_are_one_sentence(tmp_path):
    put(tmp_path, "emnist-letters-", "test")
    put(tmp_path, "emnist-digits-", "test")
    with pytest.raises(UserError, match="holds several sets: emnist-digits, emnist-letters; give the folder"):
        idx.load(tmp_path)
    put(tmp_path / "both" / "MNIST" / "raw")
    put(tmp_path / "both" / "KMNIST" / "raw")
    with pytest.raises(UserError, match=r"several sets: .*KMNIST/raw, .*/MNIST/raw"):
        idx.load(tmp_path / "both")


def test_a_missing_file_is_named_as_the_others_are(tmp_path):
    put(tmp_path, "emnist-letters-", "test")
    (tmp_path / "emnist-letters-test-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match="lacks the file emnist-letters-test-labels-idx1-ubyte"):
        idx.load(tmp_path)


def test_the_real_mnist(real_data):
    data = idx.load(real_data("mnist"))
    assert (len(data.train_images), len(data.test_images)) == (60_000, 10_000)
    assert data.classes == tuple("0123456789")
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
