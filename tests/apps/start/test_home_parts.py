"""What Home shares with other pages: checkpoints that vanish, folders of one's own, damage, links."""

import shutil

import numpy as np
import pytest
import torch
from apps.start.damage import DAMAGES, POINTS, fall

from apps.start import reading
from apps.studio import background_imports
from apps.studio.charts.error_curve import FLOOR, _curve
from apps.studio.page import checkpoint_at, own_folder
from sandbox.errors import UserError


def test_a_checkpoint_that_is_thinned_out_while_it_is_looked_at_gives_way_to_the_newest(make_run):
    run = make_run("vision/classify", "done")
    gone = run.path / "checkpoints" / f"{4:012d}"

    def read(path, step, written):
        if gone.exists():
            shutil.rmtree(gone)  # another process thins out between the look at the list and the reading
        return reading._classifier(path, step, written)

    found = checkpoint_at.at_age(run, 4, read)
    assert found is not None and found.step == 10
    # One that is there and cannot be read is told, not passed over.
    (run.path / "checkpoints" / f"{0:012d}" / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(UserError, match="model"):
        checkpoint_at.at_age(run, 0, reading._classifier)
    shutil.rmtree(run.path / "checkpoints")
    assert checkpoint_at.at_age(run, 4, read) is None


def test_what_was_looked_at_still_answers_when_its_checkpoint_is_gone(make_run):
    run = make_run("vision/classify", "done")
    look = reading.look(run, 4)
    assert look is not None
    shutil.rmtree(run.path / "checkpoints" / f"{4:012d}")
    assert 0 <= reading.accuracy(look).mean <= 1


@pytest.mark.parametrize("page", ["start", "microscope", "energy"])
def test_a_link_to_a_tab_keeps_it_while_torch_is_imported(open_page, make_run, monkeypatch, page):
    run = make_run("vision/classify", "done")
    ready = False
    monkeypatch.setattr(background_imports, "ready", lambda *modules: ready)
    chosen = {} if page == "energy" else {"run": run.name}
    at = open_page(page, **chosen, **{f"{page}-tab": "Code"})
    assert [tab.label for tab in at.tabs] == ["Try", "Inside", "Compare", "Code", "Limits"]
    ready = True
    at.run()
    assert at.session_state[f"{page}-tab"] == "Code"
    assert not at.error


def test_folders_are_refused_in_a_sentence_that_says_what_is_there(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "one" / "cats").mkdir(parents=True)
    (tmp_path / "one" / "cats" / "1.png").write_bytes(b"")
    for typed, words in {
        " ": "Which folder",
        str(tmp_path / "nowhere"): "There is no folder",
        str(tmp_path / "table.csv"): "is a file",
        str(tmp_path / "empty"): "holds no pictures",
        str(tmp_path / "one"): "single class",
    }.items():
        with pytest.raises(UserError, match=words):
            own_folder.usable(typed)
    shutil.copytree(tmp_path / "one" / "cats", tmp_path / "one" / "dogs")
    assert own_folder.usable(f" {tmp_path / 'one'} ") == tmp_path / "one"


def test_what_was_typed_counts_although_the_page_has_not_been_drawn_with_it(open_page, make_run, started):
    make_run("vision/classify", "done")
    at = open_page("start")
    at.selectbox(key="start:data").set_value("my own folder").run()
    at.text_input(key="start:folder").set_value("/no/such/folder")  # and at once:
    next(button for button in at.button if button.label == "Train").click().run()
    assert not started
    assert "/no/such/folder" in at.error[0].value
    assert "/no/such/folder" in at.run().error[0].value  # it stays, however often the page is drawn anew


def test_the_last_error_is_written_as_it_is_although_the_axis_ends_above_it():
    rows = [{"step": 1, "accuracy": 0.5}, {"step": 2, "accuracy": 1.0}, {"step": 2, "test_accuracy": 0.9}]
    curve = _curve(rows, "learning from", "accuracy")
    assert (curve.x, curve.y, curve.floor) == ([1, 2], [50.0, 0.0], FLOOR)


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_damage_begins_with_the_picture_as_it_is_and_changes_it_more(kind):
    pictures = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(6)

    def nearest(broken):
        return torch.cdist(broken.flatten(1), pictures.flatten(1)).argmin(1)

    amounts, found = fall(kind, pictures, labels, {"nearest": nearest})
    assert len(amounts) == POINTS and amounts[0] == 0 and amounts[-1] == DAMAGES[kind].most
    assert found["nearest"][0] == 100 > found["nearest"][-1]
    broken = DAMAGES[kind].apply(pictures, 0.0, torch.Generator())
    assert np.allclose(broken, pictures, atol=1e-5)


def test_home_asks_to_draw(open_page, make_run, read):
    """The pad waits empty for whoever opens the page, and nothing is read before there is something."""
    run = make_run("vision/classify", "done")
    at = open_page("start", run=run.name)
    assert "Draw something" in read(at)
    assert "It reads" not in read(at) and "Not sure" not in read(at)
    at.session_state["start:picked"] = 3
    at.session_state["start:token"] = 0
    at.run()
    assert "Draw something" not in read(at)
