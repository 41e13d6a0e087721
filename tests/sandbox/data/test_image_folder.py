"""Folders of pictures as people have them: helpers' files, deep folders, odd endings, other encodings."""

import os
import zlib

import numpy as np
import pytest
from PIL import Image

from sandbox.data import image_folder
from sandbox.errors import UserError


def put(folder, *names):
    """Pictures of these names, all different; the ending says their format."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = list(zlib.crc32(name.encode()).to_bytes(4, "big")[:3])
        kind = {".jfif": "JPEG"}.get(path.suffix.lower())
        Image.fromarray(np.full((6, 6, 3), shade, np.uint8)).save(path, kind)


@pytest.fixture
def folder(tmp_path):
    """Two good classes of three pictures."""
    put(tmp_path / "pets", "cats/1.png", "cats/2.png", "cats/3.png", "dogs/1.png", "dogs/2.png", "dogs/3.png")
    return tmp_path / "pets"


def total(data):
    return len(data.train_images) + len(data.test_images)


@pytest.mark.parametrize("helper", [".ipynb_checkpoints", ".thumbnails", "@eaDir", "__pycache__", "__MACOSX"])
def test_what_programs_leave_behind_is_no_class(folder, helper):
    put(folder, f"{helper}/1.png", f"{helper}/2.png", f"cats/{helper}/4.png", "cats/._1.png")
    data = image_folder.load(folder, 6)
    assert data.classes == ("cats", "dogs") and total(data) == 6
    assert data.notes == (f"The folder {helper} was left out: it is hidden or belongs to a program.",)


def test_all_usual_endings_make_a_class(folder):
    put(folder, "birds/1.bmp", "birds/2.gif", "birds/3.jfif", "birds/4.tiff", "birds/5.TIF", "birds/6.WEBP")
    data = image_folder.load(folder, 6)
    assert data.classes == ("birds", "cats", "dogs") and total(data) == 12
    assert data.reading is not None and (data.reading.read, data.reading.files) == (12, 12) and not data.notes


def test_pictures_in_deeper_folders_belong_to_their_class(folder):
    put(folder, "birds/2024/may/1.png", "birds/2024/2.png", "birds/3.png")
    data = image_folder.load(folder, 6)
    assert data.classes == ("birds", "cats", "dogs") and total(data) == 9


def test_what_is_not_read_is_counted_and_named(folder):
    for name in ("cats/a.heic", "cats/b.heic", "cats/list.txt", "readme.md"):
        (folder / name).write_bytes(b"x")
    put(folder, "loose.png")
    (folder / "cats" / "Thumbs.db").write_bytes(b"x")
    reading = image_folder.load(folder, 6).reading
    assert reading is not None and (reading.read, reading.files) == (6, 11)
    (told,) = reading.sentences()
    assert told.startswith("6 of 11 files were read; ")
    assert "2 left out: not PNG, JPEG, WEBP, GIF, BMP or TIFF (.heic), such as cats/a.heic" in told
    assert "1 left out: in no class folder, such as loose.png" in told
    assert "Thumbs" not in told


def test_a_folder_without_pictures_is_said(folder):
    (folder / "fish").mkdir()
    (folder / "horses").mkdir()
    (folder / "horses" / "1.heic").write_bytes(b"x")
    data = image_folder.load(folder, 6)
    assert data.classes == ("cats", "dogs")
    told = " ".join(data.notes)
    assert "The folder fish is no class: it holds no" in told and "The folder horses is no class" in told
    assert "6 of 7 files were read" in told and "horses/1.heic" in told


def test_a_set_that_is_split_already_stays_so(tmp_path):
    put(tmp_path, *(f"{part}/{name}/{i}.png" for part in ("train", "val") for name in "ab" for i in range(3)))
    data = image_folder.load(tmp_path, 6)
    assert data.classes == ("a", "b") and (len(data.train_images), len(data.test_images)) == (6, 6)
    assert image_folder.load(tmp_path / "train", 6).classes == ("a", "b")
    put(tmp_path, *(f"Test/{name}/{i}.png" for name in "ab" for i in range(2)))
    data = image_folder.load(tmp_path, 6)
    assert len(data.test_images) == 4 and data.test_labels.tolist() == [0, 0, 1, 1]  # what is called a test
    # A copy of an unseen picture is not learned from.
    (tmp_path / "train" / "a" / "copy.png").write_bytes((tmp_path / "Test" / "a" / "0.png").read_bytes())
    again = image_folder.load(tmp_path, 6)
    assert len(again.train_images) == len(data.train_images) and "1 pictures are exact" in again.notes[-1]
    put(tmp_path, "Test/c/1.png", "Test/c/2.png")
    with pytest.raises(UserError, match=r"Test has the class c, which .*train lacks"):
        image_folder.load(tmp_path, 6)


def test_parts_without_one_to_learn_from_are_not_classes(tmp_path):
    put(tmp_path, *(f"{part}/{name}/{i}.png" for part in ("test", "val") for name in "ab" for i in range(3)))
    with pytest.raises(UserError, match=r"is split into test and val already; use .*/test, which holds"):
        image_folder.load(tmp_path)


def test_the_folder_around_the_class_folders_names_them(folder):
    with pytest.raises(
        UserError, match=r"single class pets; .* Use .*/pets, which holds folders of pictures"
    ):
        image_folder.load(folder.parent)


def test_a_name_that_is_not_utf_8_is_written_out(folder):
    put(folder, "birds/1.png", "birds/2.png", "birds/3.png")
    name = os.fsdecode(b"caf\xe9")
    try:
        (folder / "birds").rename(folder / name)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    data = image_folder.load(folder, 6)
    assert data.classes == ("caf\\xe9", "cats", "dogs")
    (folder / name / "1.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"caf\\xe9/1\.png is not a PNG") as caught:
        image_folder.load(folder, 6)
    str(caught.value).encode()
