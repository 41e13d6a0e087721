"""Sequence lab without a browser: it begins by itself, every tab draws, and what is typed in is answered."""

import pytest

from apps.components import background
from sandbox import job_orders
from sandbox.progress import drive
from sandbox.runs import Run, list_runs
from sandbox.targets import import_task
from sandbox.task import settings_from, train_task

TABS = ("Try", "Inside", "Compare", "Code", "Limits")
LENGTHS = {"adding": 6, "copying": 12, "echo": 14, "forecast": 6}


def trained(name, data=None, **changes):
    """A run of a few steps with all three networks."""
    task = import_task(f"sequences/{name}")
    small = {"block": "all", "hidden": 8, "steps": 4, "batch_size": 4, "length": LENGTHS[name]}
    config = {"argv": ["train", f"sequences/{name}"], "seed": 0, "threads": 1, "kind": "task", "data": data}
    run = Run.create(f"sequences/{name}", config)
    assert drive(run, train_task(task, settings_from(task, small | changes), run)) == "done"
    return run


def test_it_begins_to_learn_by_itself_once_for_each_task(open_page, started):
    at = open_page("sequences")
    assert started == [["sequences/adding", "--block", "all", "--length", "40"]]
    at.selectbox(key="sequences:task").set_value("sequences/echo").run()
    assert started[1:] == [["sequences/echo", "--block", "all", "--length", "30"]]
    at.selectbox(key="sequences:task").set_value("sequences/adding").run()
    assert len(started) == 2
    assert at.session_state["sequences:run"].startswith("sequences-adding")


@pytest.mark.parametrize(
    ("name", "tabs"),
    [("adding", TABS), ("copying", ("Try", "Inside")), ("echo", ("Try",)), ("forecast", ("Try", "Limits"))],
)
def test_the_tabs_of_every_task(open_page, read, name, tabs):
    run = trained(name)
    at = open_page("sequences", run=run.name)
    for tab in tabs:
        at.session_state["sequences-tab"] = tab
        at.run()
        background.wait(10.0)
        at.run()
        assert not at.exception
        assert not at.error, (tab, [error.value for error in at.error])
        assert run.name in read(at)
        assert at.session_state["sequences-tab"] == tab


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_states(open_page, read, state):
    run = Run.create("sequences/adding", {"argv": ["train", "sequences/adding"], "seed": 0}, state="running")
    job_orders.write(run.path, ["sequences/adding"])
    message = "The disk is full." if state == "failed" else ""
    run.update_status(state=state, message=message, queued=1.0)
    other = Run.create("snake", {"argv": ["train", "snake"]}, state="running", job=True)
    job_orders.write(other.path, ["snake"])
    at = open_page("sequences", run=run.name)
    assert bool(at.error) == (state == "failed")
    assert message in read(at)
    told = [info.value for info in at.info]
    waits = f"{run.name} waits for {other.name}; stop that in the sidebar, and it begins at once."
    assert told == ([waits] if state == "queued" else [])


def test_it_trains_what_was_chosen(open_page, started, tmp_path):
    trained("adding")
    at = open_page("sequences")
    at.selectbox(key="sequences:block").set_value("lstm")
    at.number_input(key="sequences:length:sequences/adding").set_value(60)
    at.select_slider(key="sequences:rate").set_value("0.01").run()
    at.button(key="sequences:train").click().run()
    (argv,) = started
    words = ["--block", "lstm", "--length", "60", "--hidden", "32", "--seed", "0", "--steps", "1500"]
    assert argv == ["sequences/adding", *words, "--learning-rate", "0.01"]
    assert at.session_state["sequences:run"] == list_runs()[0].name


def test_ones_own_series(open_page, started, read, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("day,level\n" + "\n".join(f"d{i},{10 + i % 7}" for i in range(60)))
    run = trained("forecast", data=str(file))
    at = open_page("sequences", run=run.name)
    at.text_input(key="sequences:file").set_value("/no/such.csv").run()
    at.button(key="sequences:train").click().run()
    assert not started
    assert "/no/such.csv" in at.error[0].value
    at.text_input(key="sequences:file").set_value(str(file)).run()
    at.button(key="sequences:train").click().run()
    assert started[0][-2:] == ["--data", str(file)]


def test_a_typed_sequence_is_answered_and_a_wrong_one_is_a_sentence(open_page, read):
    run = trained("echo")
    at = open_page("sequences", run=run.name)
    box = at.text_input(key="sequences:typed:echo:14")
    box.set_value("012").run()
    assert "Type 14 bits" in at.error[0].value
    box.set_value("1" * 14).run()
    assert not at.error
    assert at.session_state["sequences:rows:echo:14"] == {"hears": [1.0] * 14}
    # A click in the browser changes a cell; whatever else it may send is cut to what there is.
    edit = {"token": at.session_state["sequences:token:echo:14"], "values": {"hears": [0, 9, *[1] * 12]}}
    at.session_state["sequences:strip:echo:14:kept"] = edit
    at.run()
    assert not at.error


def test_a_unit_is_followed(open_page, read):
    run = trained("adding")
    at = open_page("sequences", session={"sequences:unit": 2}, run=run.name, **{"sequences-tab": "Inside"})
    assert "Unit 3" in read(at)
    assert "correlation" in read(at) or "says the same" in read(at)


def test_other_seeds_are_gathered(open_page, read):
    run = trained("copying")
    second = Run.create("sequences/copying", {"seed": 1, "threads": 1, "kind": "task"})
    task = import_task("sequences/copying")
    settings = settings_from(task, run.config["settings"])
    assert drive(second, train_task(task, settings, second)) == "done"
    at = open_page("sequences", run=run.name, **{"sequences-tab": "Compare"})
    assert "2 seeds on this machine" in read(at)
