"""The CNN microscope without a browser: its own views, filters switched off, pictures of one's own."""

import ast
import io

import numpy as np
import pytest
from PIL import Image

from apps.microscope.views import code, network, pixel
from apps.studio.page import downloads
from apps.studio.page.run_view import RunView
from sandbox import explain
from sandbox.errors import UserError
from sandbox.tasks.predictor import read as read_file

pytestmark = pytest.mark.thorough

TABS = ("Try", "Inside", "Compare", "Code", "Limits", "Learn")


def view_of(run, age=None) -> RunView:
    view = RunView.at(run, age)
    assert view is not None
    return view


def png(array):
    content = io.BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


def test_first_visit_begins_to_learn_once(open_page, started):
    open_page("microscope")
    open_page("microscope")
    assert started == [["vision/classify", "--preset", "fast"]]


@pytest.mark.parametrize("inside", ["pixel", "feature_maps", "switches"])
def test_every_view_of_the_network(open_page, make_run, read, inside):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", {"microscope:inside": inside}, run=run.name, **{"microscope-tab": "Inside"})
    assert not at.error
    words = {"pixel": "Sum:", "feature_maps": "First filters", "switches": "Grad-CAM"}
    assert words[inside] in read(at)


def test_a_filter_that_is_off_changes_the_answer(open_page, make_run, read):
    run = make_run("vision/classify", "done")
    off = {0: list(range(16))}
    session = {"microscope:inside": "switches", "microscope:off": (run.name, off)}
    at = open_page("microscope", session, run=run.name, **{"microscope-tab": "Inside"})
    assert "With 16 off" in read(at)
    view = view_of(run)
    image = view.test.inputs[:1]
    before = network.probabilities(network.cnn(view), image)
    with explain.switched_off(network.own(view), off) as model:
        assert not np.allclose(before, network.probabilities(model, image))
    # The loaded network itself is as it was: other sessions look at it, too.
    assert np.array_equal(network.probabilities(network.cnn(view), image), before)
    at.button(key="microscope:all-on").click().run()
    assert not any(at.session_state["microscope:off"][1].values())


@pytest.mark.parametrize("tab", ["Try", "Inside", "Compare", "Limits"])
def test_colour_pictures_of_ones_own(open_page, make_run, read, tmp_path, tab):
    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(6):
            picture = generator.integers(0, 255, (40, 30, 3), np.uint8)
            (tmp_path / "pictures" / name / f"{i}.png").write_bytes(png(picture))
    run = make_run("vision/classify", "done", data=str(tmp_path / "pictures"))
    at = open_page("microscope", run=run.name, **{"microscope-tab": tab})
    assert not at.error
    assert "unseen pictures" in read(at)


def test_a_photo_of_a_drawing_is_read_or_refused_in_one_sentence(make_run, tmp_path):
    view = view_of(make_run("vision/classify", "done"))
    sheet = np.full((120, 100, 3), 255, np.uint8)
    sheet[20:100, 45:55] = 20  # a one, dark on white
    file = tmp_path / "one.png"
    file.write_bytes(png(sheet))
    image = read_file(view.predictor, file)
    assert image.shape == tuple(view.test.inputs.shape[1:])
    assert image[0, :, 3:5].mean() > 4 * image[0, :, :2].mean()
    for content in (b"", b"no picture", png(sheet)[:200], b"GIF89a" + bytes(20)):
        file.write_bytes(content)
        with pytest.raises(UserError, match=r"one\.png"):
            read_file(view.predictor, file)


@pytest.mark.parametrize("kind", ["upload", "draw", "camera"])
def test_without_a_picture_nothing_is_read(open_page, make_run, read, kind):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name)
    at.segmented_control(key="microscope:kind:True").set_value(kind).run()
    assert "Your turn" in read(at)
    assert "reads 0" not in read(at) and "Not sure" not in read(at) and "correct" not in _headings(at)


def test_a_rejected_upload_is_one_sentence_and_no_answer(open_page, make_run, read):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name)
    at.segmented_control(key="microscope:kind:True").set_value("upload").run()
    at.file_uploader(key="microscope:upload").upload("broken.png", b"no picture", "image/png").run()
    assert len(at.error) == 1 and "broken.png" in at.error[0].value
    assert "Your turn" in read(at)


def _headings(at):
    return " ".join(each.value for each in at.markdown if each.value.startswith("#####"))


def test_the_menu_of_networks_chooses(open_page, make_run):
    old, new = make_run("vision/classify", "done"), make_run("vision/classify", "done")
    at = open_page("microscope")
    assert at.session_state["microscope:run"] == new.name
    at.selectbox(key="microscope:trained").set_value(old.name).run()
    assert at.session_state["microscope:run"] == old.name
    assert at.selectbox(key="microscope:trained").value == old.name


def test_what_is_shown_of_a_pixel_adds_up(make_run):
    view = view_of(make_run("vision/classify", "done"))
    picture = view.test.inputs[3]
    maps = explain.feature_maps(network.cnn(view), picture[None])
    row, column = pixel._place("microscope", maps[1][0, 0].numpy())
    found = explain.pixel(network.cnn(view), picture, 1, 0, row, column)
    assert found.value == pytest.approx(float(maps[1][0, 0].max()), abs=1e-5)
    assert network.overlay(view, picture.numpy(), 0).shape == (8, 8, 3)


def test_script_comes_to_the_figures_of_the_page(make_run, run_script):
    """With the model of the page beside it: all filters on, and some off."""
    run = make_run("vision/classify", "done")
    run.update_config(settings={}, seed=0, kind="task")
    off = {0: [1, 2], 1: []}
    model = {f"{run.name}.safetensors": downloads.model_bytes(run)}
    said = [ast.literal_eval(line) for line in run_script(code.script(run, off), model)]
    view = view_of(run)
    labels = view.split.test.targets.numpy()
    whole = network.probabilities(network.cnn(view), view.split.test.inputs).argmax(1)
    assert said[0]["test_accuracy"] == (whole == labels).mean()
    for line, filters in zip(said[1:], ({}, off), strict=True):
        with explain.switched_off(network.own(view), filters) as model:
            answers = network.probabilities(model, view.split.test.inputs).argmax(1)
        assert line["correct"] == (answers == labels).mean()
