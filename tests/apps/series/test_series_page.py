"""The page Forecast without a browser: another window, one of the worst, and files of one's own."""

import pytest

from apps.studio import background_work
from apps.studio.inputs import series
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

SMALL = {"length": 12, "horizon": 4, "hidden": 4, "steps": 4, "batch_size": 4}


@pytest.fixture
def view(runs_root):
    task = import_task("series/forecast")
    config = {"argv": ["train", "series/forecast"], "seed": 0, "threads": 1, "kind": "task"}
    run = Run.create("series/forecast", config)
    assert drive(run, train_task(task, settings_from(task, SMALL), run)) == "done"
    found = RunView.at(run, None)
    assert found is not None
    return found


def test_a_file_of_ones_own_is_read_to_its_end_or_refused_in_a_sentence(view):
    rows = "\n".join(str(0.5 + 0.01 * i) for i in range(30))
    window = series._uploaded(view, f"mackey-glass\n{rows}\n".encode())
    assert window.shape == (12, 1)
    assert view.predictor.input.values(window)[:, 0] == pytest.approx([0.5 + 0.01 * i for i in range(18, 30)])
    with pytest.raises(UserError, match="The network reads 12 steps; there are 3"):
        series._uploaded(view, b"a\n1\n2\n3\n")


@pytest.mark.thorough
def test_another_and_among_the_worst(open_page, read, view):
    at = open_page("series", run=view.run.name)
    assert "Number 1 of the unseen windows" in read(at)
    at.button(key="series:another").click().run()
    assert "Number 1 of" not in read(at)
    background_work.wait(20.0)
    at.button(key="series:worst").click().run()
    worst = int(view.measured["mse"].values.argmax())
    assert f"Number {worst + 1} of" in read(at) and not at.exception
