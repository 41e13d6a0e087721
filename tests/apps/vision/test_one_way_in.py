"""One way in for pictures: the same answer for a file, an opened picture and an array, of every task."""

import cv2
import numpy as np
import pytest
from PIL import Image

from apps.vision.classify import TASK
from apps.vision.settings import Settings
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.task import load_predictor, train_task
from sandbox.tasks.predictor import read


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A network that has learned digits for a second or two."""
    run = Run.create("vision/classify", {"threads": 1}, root=tmp_path_factory.mktemp("runs"))
    assert drive(run, train_task(TASK, Settings(steps=150), run)) == "done"
    return load_predictor(run)


def said(classifier, photo):
    """The probability of each class for a photo in whatever form."""
    return classifier.predict(classifier.input.encode(photo)[None])[0]


def in_file(classifier, path):
    """The probability of each class for a picture in a file."""
    return classifier.predict(read(classifier, path)[None])[0]


def scan():
    """A seven, dark on light paper, as bytes (H, W, 3)."""
    paper = np.full((240, 200, 3), 235, np.uint8)
    for begin, end in (((50, 50), (150, 50)), ((150, 50), (95, 200))):
        cv2.line(paper, begin, end, (30, 30, 60), 16)
    return paper


def as_transparent(paper):
    """Its ink alone, on a transparent ground."""
    ink = 255 - paper.min(2)
    return Image.fromarray(np.dstack([np.zeros_like(paper), np.where(ink > 100, 255, 0).astype(np.uint8)]))


def test_every_form_of_a_photo_gives_the_answer_of_the_file(classifier, tmp_path):
    path = tmp_path / "seven.png"
    Image.fromarray(scan()).save(path)
    expected = in_file(classifier, path)
    assert classifier.classes[expected.argmax()] == "7"
    grey = Image.open(path).convert("L")
    for name, photo in {
        "path": path,
        "text": str(path),
        "bytes of the file": path.read_bytes(),
        "picture": Image.open(path),
        "bytes": np.asarray(Image.open(path)),
        "shares": np.asarray(Image.open(path)) / 255,
        "16 bits": np.asarray(Image.open(path)).astype(np.uint16) * 257,
        "grey picture": grey,
        "grey bytes": np.asarray(grey),
        "grey shares": np.asarray(grey) / 255,
        "a negative": 1 - np.asarray(grey) / 255,
    }.items():
        assert np.abs(said(classifier, photo) - expected).max() < 0.02, name


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_ink_on_a_transparent_ground_is_read_as_on_white(classifier, tmp_path, mode, ending):
    drawn = as_transparent(scan())
    path = tmp_path / f"seven.{ending}"
    picture = drawn.quantize() if mode == "P" else drawn.convert(mode)
    (picture.convert("RGBA") if ending == "webp" else picture).save(path)
    expected = in_file(classifier, path)
    assert classifier.classes[expected.argmax()] == "7"
    assert np.allclose(said(classifier, drawn), expected, atol=0.02)
    assert np.allclose(said(classifier, np.asarray(drawn)), expected, atol=0.02)


def test_numbers_out_of_range_are_refused(classifier):
    for wrong in (scan().astype(float), scan().astype(int), -(scan() / 255), np.full((9, 9), np.nan)):
        with pytest.raises(UserError, match="between 0 and 1"):
            classifier.input.encode(wrong)


@pytest.mark.parametrize("name", ["latent/vae", "latent/autoencoder", "latent/som"])
def test_codes_and_maps_take_every_form_too(name, tmp_path):
    task = import_task(name)
    data = "digits" if name == "latent/som" else None
    run = Run.create(name, {"threads": 1, "data": data})
    settings = task.settings()
    settings = type(settings)(**{**vars(settings), "steps": 5})
    assert drive(run, train_task(task, settings, run)) == "done"
    predictor = load_predictor(run)
    path = tmp_path / "seven.png"
    Image.fromarray(scan()).save(path)
    expected = predictor.predict_file(path)
    for photo in (path, Image.open(path), np.asarray(Image.open(path)), np.asarray(Image.open(path)) / 255):
        assert predictor.predict(photo) == pytest.approx(expected, abs=1e-3)
    with pytest.raises(UserError, match="between 0 and 1"):
        predictor.predict(scan().astype(float))


def test_a_photo_of_handwriting_is_coded_as_the_digits_are_that_were_learned(tmp_path):
    task = import_task("latent/autoencoder")
    run = Run.create("latent/autoencoder", {"threads": 1})
    assert drive(run, train_task(task, type(task.settings())(steps=5), run)) == "done"
    predictor = load_predictor(run)
    shifted = np.full((400, 300, 3), 235, np.uint8)
    shifted[100:340, 20:220] = scan()
    # Where on the sheet it stands makes no difference to what was learned from digits that fill their box.
    assert predictor.predict(shifted) == pytest.approx(predictor.predict(scan()), abs=0.05)
