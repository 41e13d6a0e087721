"""Data of one's own on a page: uploaded, looked through, trained on; and what is said of them afterwards."""

import io
import re
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def shapes(tmp_path):
    """Grey pictures of two shapes."""
    generator = np.random.default_rng(0)
    for name in ("bars", "dots"):
        (tmp_path / "shapes" / name).mkdir(parents=True)
        for i in range(6):
            shape = generator.integers(0, 255, (9, 9), dtype=np.uint8)
            Image.fromarray(shape).save(tmp_path / "shapes" / name / f"{i}.png")
    return tmp_path / "shapes"


def zipped(folder, **more):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, f"shapes/{file.relative_to(folder)}")
        for name, text in more.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return content.getvalue()


@pytest.fixture
def at_own(open_page, make_run):
    """Home with the form for one's own pictures."""
    make_run("vision/classify", "done")
    at = open_page("start")
    return at.selectbox(key="start:data").set_value("my own pictures").run()


def train(at):
    next(button for button in at.button if button.label == "Train").click().run()


def test_a_zip_is_looked_through_before_it_is_trained_on(at_own, read, shapes, started, runs_root):
    assert "Nothing was uploaded yet." in read(at_own)
    content = zipped(shapes, shapes__bars__notes_dot_heic="x", __evil_dot_png="x")
    at_own.file_uploader(key="start:files").upload("shapes.zip", content, "application/zip").run()
    said = read(at_own)
    assert "**12 pictures** in 2 classes (bars, dots): 8 for training, 4 for testing." in said
    assert "1 left out: not PNG" in said and "points outside of the archive" in said
    train(at_own)
    data = started[-1][started[-1].index("--data") + 1]
    assert data.startswith(str(runs_root / ".uploads")) and data.endswith("shapes")
    assert not at_own.error


def test_pictures_class_by_class(at_own, read, shapes, started):
    at_own.number_input(key="start:classes").set_value(2).run()
    for number, name in enumerate(("bars", "dots")):
        files = [(file.name, file.read_bytes(), "image/png") for file in sorted((shapes / name).iterdir())]
        at_own.file_uploader(key=f"start:class:{number}:files").set_value(files)
    at_own.run()
    assert any("Class 1 needs a name." in error.value for error in at_own.error)
    for number, name in enumerate(("../bars", "dots")):
        at_own.text_input(key=f"start:class:{number}").set_value(name)
    assert "**12 pictures** in 2 classes" in read(at_own.run())
    train(at_own)
    assert len(started) == 1 and "--data" in started[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("wrong.zip", b"no archive", r"wrong\.zip is no zip archive"),
        ("empty.zip", b"PK\x05\x06" + bytes(18), r"empty\.zip holds no files"),
    ],
)
def test_a_wrong_upload_is_one_sentence_and_never_trained_on(at_own, started, name, content, words):
    at_own.file_uploader(key="start:files").upload(name, content, "application/zip").run()
    (error,) = at_own.error
    assert re.search(words, error.value.replace("\\", "")) and "/tmp" not in error.value
    train(at_own)
    assert not started


def test_a_single_class_is_refused_without_the_place_where_it_is_kept(at_own, shapes):
    shutil.rmtree(shapes / "dots")
    at_own.file_uploader(key="start:files").upload("one.zip", zipped(shapes), "application/zip").run()
    (error,) = at_own.error
    assert "holds no pictures by class" in error.value and ".uploads" not in error.value


def test_what_was_left_out_is_on_the_page_as_plain_text(open_page, make_run):
    run = make_run("vision/classify", "done")
    run.update_config(notes=["8 of 14 files were read; 6 left out, such as ![x](http://a.b/c.png)."])
    at = open_page("start", run=run.name)
    assert [text.value for text in at.text] == run.config["notes"]


def test_changed_data_are_one_sentence_on_the_page(open_page, make_run, shapes):
    from sandbox.data.fingerprint import described

    run = make_run("vision/classify", "done", data=str(shapes))
    run.update_config(**described(str(shapes)))
    (shapes / "bars" / "0.png").unlink()
    at = open_page("start", run=run.name)
    assert [error.value.replace("\\", "") for error in at.error] == [
        f"{shapes} is not what {run.name} was trained on: it held 12 files then and holds 11 now."
    ]
