"""The CNN microscope without a browser: every tab, filters switched off, pictures of one's own."""

import ast
import io

import numpy as np
import pytest
import torch
from PIL import Image

from apps.microscope import attempt, code, inside, specimen
from apps.start import reading
from apps.studio.page import downloads
from sandbox.errors import UserError
from sandbox.runs import Run

STATES = ("queued", "running", "done", "failed", "stopped", "interrupted")


def png(array):
    content = io.BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


def test_first_visit_begins_to_learn_once(open_page, started):
    open_page("microscope")
    open_page("microscope")
    assert started == [["vision/classify", "--preset", "fast"]]


def test_every_state(open_page, make_run, read):
    words = {"done": "done", "failed": "The disk is full.", "interrupted": "interrupted"}
    for state in STATES:
        run = make_run("vision/classify", state)
        at = open_page("microscope", run=run.name)
        assert run.name in read(at)
        assert words.get(state, "") in read(at)
        assert bool(at.error) == (state == "failed")


@pytest.mark.parametrize("tab", ["Inside", "Compare", "Code", "Limits"])
def test_tabs(open_page, make_run, read, tab):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name, **{"microscope-tab": tab})
    assert not at.error
    assert at.session_state["microscope-tab"] == tab
    assert "of 100 digits" in read(at)


def test_a_filter_that_is_off_changes_the_answer(open_page, make_run, read):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name)
    off = {0: list(range(16))}
    at.session_state[attempt.OFF] = (run.name, off)
    at.run()
    assert "With 16 off" in read(at)
    look = reading.look(run, None)
    assert look is not None
    image = look.data.test_images[0].numpy()
    before, dark = (attempt.probabilities(look, image, each) for each in ({}, off))
    assert not np.allclose(before, dark)
    # The loaded network itself is as it was: other sessions look at it, too.
    assert np.array_equal(attempt.probabilities(look, image, {}), before)
    at.button(key="microscope:all-on").click().run()
    assert not any(at.session_state[attempt.OFF][1].values())


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
    assert "of 100 pictures" in read(at)


def test_uploads_are_read_or_refused_in_one_sentence(make_run):
    look = reading.look(make_run("vision/classify", "done"), None)
    assert look is not None
    sheet = np.full((120, 100, 3), 255, np.uint8)
    sheet[20:100, 45:55] = 20  # a one, dark on white
    image = specimen.seen(look, specimen.read_picture(png(sheet), "one.png"))
    assert image.shape == look.data.in_shape
    assert image[0, :, 3:5].mean() > 4 * image[0, :, :2].mean()
    for content in (b"", b"no picture", png(sheet)[:200], b"GIF89a" + bytes(20)):
        with pytest.raises(UserError, match=r"one\.png") as caught:
            specimen.read_picture(content, "one.png")
        assert "/tmp" not in str(caught.value)


@pytest.mark.parametrize("kind", [specimen.UPLOAD, specimen.DRAW, specimen.CAMERA])
def test_without_a_picture_nothing_is_read(open_page, make_run, read, kind):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name)
    at.segmented_control(key="microscope:kind:True").set_value(kind).run()
    assert "No picture yet" in read(at)
    assert "reads 0" not in read(at) and "Not sure" not in read(at) and "right" not in _headings(at)


def test_a_rejected_upload_is_one_sentence_and_no_answer(open_page, make_run, read):
    run = make_run("vision/classify", "done")
    at = open_page("microscope", run=run.name)
    at.segmented_control(key="microscope:kind:True").set_value(specimen.UPLOAD).run()
    at.file_uploader(key="microscope:upload").upload("broken.png", b"no picture", "image/png").run()
    assert len(at.error) == 1 and "broken.png" in at.error[0].value
    assert "No picture yet" in read(at)


def _headings(at):
    return " ".join(each.value for each in at.markdown if each.value.startswith("#####"))


def test_the_menu_of_networks_chooses(open_page, make_run):
    old, new = make_run("vision/classify", "done"), make_run("vision/classify", "done")
    at = open_page("microscope")
    assert at.session_state["microscope:run"] == new.name
    at.selectbox(key="microscope:menu").set_value(old.name).run()
    assert at.session_state["microscope:run"] == old.name


def test_what_is_shown_of_a_pixel_adds_up(make_run):
    from sandbox import explain

    look = reading.look(make_run("vision/classify", "done"), None)
    assert look is not None
    picture = look.data.test_images[3]
    maps = explain.feature_maps(look.classifier.model, picture[None])
    row, column = inside._place(maps[1][0, 0].numpy())
    found = explain.pixel(look.classifier.model, picture, 1, 0, row, column)
    assert found.value == pytest.approx(float(maps[1][0, 0].max()), abs=1e-5)
    assert attempt.overlay(look, picture.numpy(), 0).shape == (8, 8, 3)


def test_script_comes_to_the_figures_of_the_page(make_run, run_script):
    """With the model of the page beside it: all filters on, and some off."""
    run: Run = make_run("vision/classify", "done")
    run.update_config(settings={}, seed=0, kind="task")
    off = {0: [1, 2], 1: []}
    model = {f"{run.name}.safetensors": downloads.model_bytes(run)}
    said = [ast.literal_eval(line) for line in run_script(code.script(run, off), model)]
    look = reading.look(run, None)
    assert look is not None
    labels = look.data.test_labels
    assert said[0]["test_accuracy"] == reading.accuracy(look).mean
    for line, filters in zip(said[1:], ({}, off), strict=True):
        from sandbox import explain

        with explain.switched_off(attempt.own(look), filters) as model, torch.inference_mode():
            assert line["right"] == (model(look.data.test_images).argmax(1) == labels).double().mean().item()
