"""Pascal VOC: what is read, what is refused, and that dirty files are named and skipped."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sandbox.data.formats import boxed_images
from sandbox.data.formats.boxed_images import load
from sandbox.data.formats.voc import AnnotationError, parse
from sandbox.errors import UserError

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def one(name: str, *corners: object) -> str:
    inside = "".join(f"<{side}>{value}</{side}>" for side, value in zip(CORNERS, corners, strict=True))
    return f"<object><name>{name}</name><bndbox>{inside}</bndbox></object>"


def xml(*objects: tuple, picture: str = "one.png", size: tuple[int, int] = (64, 48)) -> str:
    said = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>"
    items = "".join(one(*each) for each in objects)
    return f"<annotation><filename>{picture}</filename>{said}{items}</annotation>"


def put(folder: Path, number: int, *objects: tuple, size: tuple[int, int] = (64, 48)) -> None:
    """A picture and its XML file."""
    draw = np.random.default_rng(number)
    name = f"p{number}.png"
    Image.fromarray(draw.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)).save(folder / name)
    (folder / f"p{number}.xml").write_text(xml(*objects, picture=name, size=size))


@pytest.fixture
def folder(tmp_path):
    for number in range(8):
        put(tmp_path, number, ("cell", 10, 8, 30, 28), ("dot", 40, 30, 50, 40))
    return tmp_path


def test_reads_boxes_classes_and_size():
    found = parse(xml(("cell", 1, 2, 30.5, 40), ("  two\n words ", 0, 0, 5, 5)).encode())
    assert found.picture == "one.png" and found.size == (48, 64) and found.bad == 0
    assert found.boxes.tolist() == [[1, 2, 30.5, 40], [0, 0, 5, 5]] and found.names == ("cell", "two words")


SENSELESS = (
    ("", 1, 1, 9, 9),
    ("a", 9, 1, 1, 9),
    ("a", 1, 1, 1, 9),
    ("a", "x", 1, 9, 9),
    ("a", "nan", 1, 9, 9),
    ("a", 1, 1, "1e9", 9),
)


@pytest.mark.parametrize("item", SENSELESS)
def test_boxes_that_make_no_sense_are_counted(item):
    found = parse(xml(item, ("good", 1, 1, 9, 9)).encode())
    assert (found.bad, found.names) == (1, ("good",))


BOMB = (
    '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "' + "&x;" * 100 + '"><!ENTITY z "' + "&y;" * 100 + '">]>'
    "<annotation><filename>&z;</filename></annotation>"
)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BOMB.encode(), "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b"<a>" * 30 + b"</a>" * 30, "too deep"),
        (b"<a>" + b"<b/>" * 60_000 + b"</a>", "too many elements"),
        (b"no xml", "no XML"),
        (b"", "no XML"),
        (b"<a><b></a>", "no XML"),
        (xml(*[("a", 1, 1, 9, 9)] * 301).encode(), "more than 300 objects"),
    ],
)
def test_hostile_files_are_refused_in_a_sentence(content, why):
    with pytest.raises(AnnotationError, match=why):
        parse(content)


def test_a_set_is_scaled_and_split_by_picture(folder):
    found = load(folder, size=32)
    assert found.classes == ("cell", "dot")
    assert found.train_images.shape == (6, 32, 32, 3) and found.test_images.shape == (2, 32, 32, 3)
    assert np.array_equal(load(folder, size=32).test_images, found.test_images)
    assert not np.array_equal(load(folder, size=32, split_seed=1).test_images, found.test_images)


def test_boxes_lie_where_they_lay(folder):
    found = load(folder, size=64)
    assert found.train_images.shape[1:] == (48, 64, 3)
    assert found.train_boxes[0].tolist() == [[10, 8, 30, 28, 0], [40, 30, 50, 40, 1]]


def test_pictures_of_another_shape_lie_on_grey_and_their_boxes_with_them(folder):
    put(folder, 9, ("cell", 0, 0, 48, 64), size=(48, 64))
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    (folder / "ImageSets" / "Main" / "test.txt").write_text("p9\n")
    found = load(folder, size=64)
    assert found.test_boxes[0, 0].tolist() == [14, 0, 50, 48, 0]
    assert (found.test_images[0, :, :14] == 128).all() and (found.test_images[0, :, 50:] == 128).all()


def test_the_lists_of_a_set_decide_its_split(folder):
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    for name, rows in (("test", "p0\np3\n"), ("train", "p1\np2\n"), ("val", "p4\n")):
        (folder / "ImageSets" / "Main" / f"{name}.txt").write_text(rows)
    found = load(folder, size=64)
    assert (len(found.train_images), len(found.test_images)) == (6, 2)


def test_dirty_files_are_left_out_and_named(folder):
    (folder / "bad.xml").write_text("<annotation>")
    (folder / "bomb.xml").write_text(BOMB)
    (folder / "lonely.xml").write_text(xml(("a", 1, 1, 9, 9), picture="nowhere.png"))
    (folder / "p20.xml").write_text(xml(("cell", 1, 1, 9, 9), picture="p20.png"))
    (folder / "p20.png").write_bytes(b"no picture")
    put(folder, 21, ("cell", 1, 1, 9, 9), size=(64, 48))
    (folder / "p21.xml").write_text(xml(("cell", 1, 1, 9, 9), picture="p21.png", size=(48, 64)))
    (folder / "copy.png").write_bytes((folder / "p0.png").read_bytes())
    (folder / "copy.xml").write_text(xml(("cell", 1, 1, 9, 9), picture="copy.png"))
    (folder / "._p0.xml").write_bytes(b"\x00\x05\x16\x07")
    said = " ".join(load(folder, size=64).notes)
    for word in ("bad.xml", "lonely.xml", "p20.png", "p21.png", "exact copies"):
        assert word in said, said
    assert "._p0" not in said and "2 left out: XML files that cannot be used" in said


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: None, "holds no pictures"),
        (lambda folder: put(folder, 0, ("a", 1, 1, 9, 9)), "1 usable pictures"),
        (lambda folder: [put(folder, i) for i in range(5)], "names 0 classes"),
    ],
)
def test_too_little_is_one_sentence(tmp_path, make, why):
    make(tmp_path)
    with pytest.raises(UserError, match=why):
        load(tmp_path)


def test_a_picture_outside_of_the_folder_is_never_read(folder):
    outside = folder.parent / "secret.png"
    Image.new("RGB", (64, 48)).save(outside)
    (folder / "p0.xml").write_text(xml(("cell", 1, 1, 9, 9), picture="../secret.png"))
    found = boxed_images.load(folder, size=64)  # falls back to its own name, p0.png
    assert len(found.train_images) + len(found.test_images) == 8
    assert (found.train_images.reshape(len(found.train_images), -1).max(1) > 0).all()


@pytest.mark.thorough
def test_bccd_as_it_is(real_data):
    found = load(real_data("bccd"), size=64)
    assert (len(found.train_images), len(found.test_images)) == (292, 72)
    assert found.classes == ("Platelets", "RBC", "WBC")
    kinds = np.concatenate([found.train_boxes[..., 4].ravel(), found.test_boxes[..., 4].ravel()])
    assert [int((kinds == kind).sum()) for kind in range(3)] == [361, 4153, 372]
