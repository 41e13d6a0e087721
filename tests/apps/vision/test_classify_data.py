"""Own data: folders in MNIST's format and folders of pictures, good and bad."""

import gzip

import numpy as np
import pytest
import torch
from PIL import Image

from apps.vision.classify import TASK
from apps.vision.settings import Settings
from sandbox.data import idx
from sandbox.data.handwriting import MNIST, style_of
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task


def idx_bytes(array):
    return (
        bytes([0, 0, 8, array.ndim])
        + np.array(array.shape, ">u4").tobytes()
        + array.astype(np.uint8).tobytes()
    )


@pytest.fixture
def idx_folder(tmp_path):
    """Two classes in MNIST's format: a bar above, a bar below."""
    folder = tmp_path / "bars"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for half, count in (("train", 60), ("t10k", 20)):
        labels = np.arange(count) % 2
        images = generator.integers(0, 40, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[6 + 12 * label : 9 + 12 * label, 6:22] = 250
        (folder / f"{half}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(images)))
        (folder / f"{half}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


@pytest.fixture
def pictures(tmp_path):
    """Two classes of coloured pictures, in three formats."""
    generator = np.random.default_rng(0)
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        folder = tmp_path / "colours" / name
        folder.mkdir(parents=True)
        for i in range(9):
            noise = generator.integers(0, 50, (40, 30, 3))
            picture = Image.fromarray((noise + colour).clip(0, 255).astype(np.uint8))
            picture.save(folder / f"{i}.{('png', 'jpg', 'webp')[i % 3]}")
    return tmp_path / "colours"


def train(data, **changes):
    run = Run.create("vision/classify", {"data": str(data), "threads": 1})
    settings = Settings(**{"steps": 30, "channels": (4, 8), "hidden": (8,), "size": 16, **changes})
    return run, drive(run, train_task(TASK, settings, run))


def test_a_folder_in_mnists_format_is_learned(idx_folder):
    run, state = train(idx_folder, jitter=0.0)
    assert state == "done", run.status()["message"]
    assert run.metrics()[-1]["test_accuracy"] == 1.0
    split = TASK.load(Settings(), str(idx_folder))
    baseline = next(iter(TASK.baselines(Settings(), split).values()))
    assert TASK.measure(baseline, split.test)["accuracy"].mean == 1.0
    assert load_predictor(run).classes == ("0", "1")


def test_a_folder_of_pictures_is_learned(pictures):
    data = TASK.load(Settings(size=16), str(pictures))
    assert data.classes == ("blue", "red") and data.shape == (3, 16, 16)
    assert (len(data.train), len(data.test)) == (12, 6)
    run, state = train(pictures)
    assert state == "done", run.status()["message"]
    assert run.metrics()[-1]["test_accuracy"] == 1.0
    model = load_predictor(run)
    red = model.input.encode(np.full((50, 70, 3), (0.8, 0.2, 0.2)))
    assert model.classes[model.predict(red[None])[0].argmax()] == "red"
    assert model.input.encode(np.zeros((5, 5))).shape == (3, 16, 16)


def test_grey_pictures_have_one_channel_and_copies_are_left_out(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(6):
            value = 20 * i + 5 * (name == "a")
            Image.fromarray(np.full((9, 9), value, np.uint8)).save(tmp_path / name / f"{i}.png")
        Image.fromarray(np.full((9, 9), 0 + 5 * (name == "a"), np.uint8)).save(tmp_path / name / "again.png")
    data = TASK.load(Settings(size=8), str(tmp_path))
    assert data.shape == (1, 8, 8) and len(data.train) + len(data.test) == 12
    assert data.about.notes == ("2 pictures are exact copies of others and were left out.",)


def refuse(folder, words):
    with pytest.raises(UserError) as error:
        TASK.load(Settings(size=16), str(folder))
    assert words in str(error.value)


def test_nothing_there(tmp_path):
    refuse(tmp_path / "nowhere", "There is no data set, file or folder")
    refuse(tmp_path, "holds no pictures by class")


def test_a_single_class(pictures):
    for file in (pictures / "red").iterdir():
        file.unlink()
    refuse(pictures, "has the single class blue")


def test_a_class_with_one_picture(pictures):
    for file in sorted((pictures / "red").iterdir())[1:]:
        file.unlink()
    refuse(pictures, "The class red")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a picture", "is not a PNG, JPEG, WEBP, GIF, BMP or TIFF picture"),
        (None, "cannot be read"),
        (b"GIF89a", "is not a PNG"),
    ],
)
def test_an_unreadable_picture_is_named(pictures, content, words):
    path = pictures / "red" / "0.png"
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    refuse(pictures, f"{path} {words}")


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(pictures):
    path = pictures / "red" / "0.png"
    Image.new("1", (5000, 4000)).save(path)
    assert path.stat().st_size < 10_000
    refuse(pictures, "5000 x 4000 pixels; at most 16 million")
    Image.new("1", (20000, 20000)).save(path)
    refuse(pictures, "at most 16 million")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("train-labels-idx1-ubyte", None, "lacks the file train-labels-idx1-ubyte"),
        ("train-labels-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x05\x01", "is damaged: it says 5 bytes and holds 1"),
        ("train-labels-idx1-ubyte", b"PK", "is not an IDX file"),
        ("t10k-labels-idx1-ubyte", idx_bytes(np.arange(19) % 2), "do not fit each other"),
        ("train-images-idx3-ubyte.gz", b"\x1f\x8b broken", "cannot be read"),
        ("train-images-idx3-ubyte.gz", gzip.compress(b"\0\0\x08", mtime=0)[:-9], "cannot be read"),
    ],
)
def test_a_broken_idx_file_is_named(idx_folder, file, content, words):
    path = idx_folder / file
    path.unlink() if content is None else path.write_bytes(content)
    refuse(idx_folder, words)


def test_one_class_in_mnists_format(idx_folder):
    for half, count in (("train", 60), ("t10k", 20)):
        (idx_folder / f"{half}-labels-idx1-ubyte").write_bytes(idx_bytes(np.ones(count)))
    refuse(idx_folder, "has a single class")


def test_handwriting_is_told_from_photos(idx_folder):
    data = idx.load(idx_folder)
    assert style_of(data) is None  # there is ink up to the edge
    clean = torch.zeros_like(data.train_images)
    clean[:, :, 6:20, 6:20] = 1
    drawn = type(data)(**{**vars(data), "train_images": clean})
    assert style_of(drawn) == MNIST
