"""What Home is made of: checkpoints that vanish, data of one's own that are refused, the curve, the pad."""

import shutil

import pytest

from apps.studio import background_imports
from apps.studio.page import checkpoint_at, draw
from apps.studio.page.curve import FLOOR, Axis, _curve
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError
from sandbox.metrics.classification import ACCURACY


def test_a_checkpoint_that_is_thinned_out_while_it_is_looked_at_gives_way_to_the_newest(make_run):
    run = make_run("vision/classify", "done")
    gone = run.path / "checkpoints" / f"{4:012d}"

    def read(path, step, written):
        if gone.exists():
            shutil.rmtree(gone)  # another process thins out between the look at the list and the reading
        return RunView.read(path, step, written)

    found = checkpoint_at.at_age(run, 4, read)
    assert found is not None and found.step == 10
    # One that is there and cannot be read is told, not passed over.
    (run.path / "checkpoints" / f"{0:012d}" / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(UserError, match="model"):
        checkpoint_at.at_age(run, 0, RunView.read)
    shutil.rmtree(run.path / "checkpoints")
    assert checkpoint_at.at_age(run, 4, read) is None


def test_what_was_looked_at_still_answers_when_its_checkpoint_is_gone(make_run):
    run = make_run("vision/classify", "done")
    view = RunView.at(run, 4)
    assert view is not None
    shutil.rmtree(run.path / "checkpoints" / f"{4:012d}")
    assert view.answers.shape == (len(view.test), 10)
    assert 0 <= view.task.measure(view.predictor, view.test)["accuracy"].mean <= 1


@pytest.mark.parametrize("page", ["start", "microscope"])
def test_a_link_to_a_tab_keeps_it_while_torch_is_imported(open_page, make_run, monkeypatch, page):
    run = make_run("vision/classify", "done")
    ready = False
    monkeypatch.setattr(background_imports, "ready", lambda *modules: ready)
    at = open_page(page, run=run.name, **{f"{page}-tab": "Code"})
    assert [tab.label for tab in at.tabs] == list(draw.TABS)
    ready = True
    at.run()
    assert at.session_state[f"{page}-tab"] == "Code"
    assert not at.error


def test_what_was_typed_counts_although_the_page_has_not_been_drawn_with_it(open_page, make_run, started):
    make_run("vision/classify", "done")
    at = open_page("start")
    at.selectbox(key="start:data").set_value("my own pictures").run()
    at.segmented_control(key="start:own").set_value("a path on this machine").run()
    at.text_input(key="start:path").set_value("/no/such/folder")  # and at once:
    next(button for button in at.button if button.label == "Train").click().run()
    assert not started
    assert any("/no/such/folder" in error.value for error in at.error)
    # It stays, however often the page is drawn anew.
    assert any("/no/such/folder" in error.value for error in at.run().error)


def test_the_last_error_is_written_as_it_is_although_the_axis_ends_above_it():
    rows = [{"step": 1, "accuracy": 0.5}, {"step": 2, "accuracy": 1.0}, {"step": 2, "test_accuracy": 0.9}]
    axis = Axis(ACCURACY)
    curve = _curve(rows, "training", "accuracy", axis, "light")
    assert (curve.x, curve.y, curve.floor) == ([1, 2], [50.0, 0.0], 100 * FLOOR)
    assert axis.title == "errors, %" and axis.text(0.9) == "10.0 %"


def test_home_asks_to_draw(open_page, make_run, read):
    """The pad waits empty for whoever opens the page, and nothing is read before there is something."""
    run = make_run("vision/classify", "done")
    at = open_page("start", run=run.name)
    assert "Your turn" in read(at)
    assert "It reads " not in _answers(at) and "Not sure" not in _answers(at)
    at.session_state["start:picked"] = 3
    at.session_state["start:token"] = 0
    at.run()
    assert "Your turn" not in read(at)


def _answers(at):
    return " ".join(each.value for each in at.markdown if each.value.startswith("#####"))
