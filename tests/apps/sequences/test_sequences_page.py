"""Sequence lab without a browser: it begins by itself, every tab draws, and what is typed in is answered."""

import pytest

from apps.studio import background_work
from sandbox.progress import drive
from sandbox.runs import Run, job_orders, list_runs
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

TABS = ("Try", "Inside", "Compare", "Code", "Limits", "Learn")
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
    assert started == [["sequences/adding", "--block", "all"]]
    # The controls say so at once: a second training would be of all three, too.
    assert at.selectbox(key="sequences:sequences/adding:fast:block").value == "all"
    at.selectbox(key="sequences:task").set_value("sequences/echo").run()
    assert started[1:] == [["sequences/echo", "--block", "all"]]
    at.selectbox(key="sequences:task").set_value("sequences/adding").run()
    assert len(started) == 2
    assert at.session_state["sequences:run"].startswith("sequences-adding")


@pytest.mark.thorough
@pytest.mark.quick("adding-*")
@pytest.mark.parametrize(
    ("name", "tabs"),
    [("adding", TABS), ("copying", ("Inside",)), ("forecast", ("Limits",))],
)
def test_the_tabs_of_all_networks_together(open_page, read, name, tabs):
    """Of one network the contract of all pages opens them."""
    run = trained(name)
    at = open_page("sequences", run=run.name)
    for tab in tabs:
        at.session_state["sequences-tab"] = tab
        at.run()
        background_work.wait(10.0)
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


def test_it_trains_what_was_chosen(open_page, started):
    trained("adding", length=40, hidden=8, steps=2)
    at = open_page("sequences")
    key = "sequences:sequences/adding:fast"
    at.selectbox(key=f"{key}:block").set_value("lstm")
    at.number_input(key=f"{key}:length").set_value(60)
    at.number_input(key=f"{key}:hidden").set_value(32)
    at.number_input(key=f"{key}:steps").set_value(700)
    at.number_input(key=f"{key}:batch_size").set_value(64)
    at.text_input(key=f"{key}:learning_rate").set_value("0.01").run()
    at.button(key="sequences:train").click().run()
    (argv,) = started
    words = ["--preset", "fast", "--seed", "0", "--length", "60", "--steps", "700"]
    assert argv == ["sequences/adding", *words, "--learning-rate", "0.01"]
    assert at.session_state["sequences:run"] == list_runs()[0].name


def test_ones_own_series(open_page, started, read, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("day,level\n" + "\n".join(f"d{i},{10 + i % 7}" for i in range(120)))
    run = trained("forecast", data=str(file))
    at = open_page("sequences", run=run.name)
    at.text_input(key="sequences:path").set_value("/no/such.csv").run()
    at.button(key="sequences:train").click().run()
    assert not started
    assert "/no/such.csv" in at.error[0].value
    at.text_input(key="sequences:path").set_value(str(file)).run()
    at.button(key="sequences:train").click().run()
    assert started[0][-2:] == ["--data", str(file)]
    assert "synthetic" not in read(at)


def test_a_typed_sequence_is_answered_and_a_wrong_one_is_a_sentence(open_page, read):
    run = trained("echo")
    at = open_page("sequences", run=run.name)
    box = at.text_input(key="sequences:typed:sequences/echo:14")
    box.set_value("012").run()
    assert "Type 14 bits" in at.error[0].value
    box.set_value("1" * 14).run()
    assert not at.error
    _, given = at.session_state["sequences:given"]
    assert given.value[:, 0].tolist() == [1.0] * 14 and given.target[:, 0].tolist() == [1.0] * 4
    # A click in the browser changes a cell; whatever else it may send is cut to what there is.
    edit = {"token": at.session_state["sequences:token"], "values": {"reads": [0, 9, *[1] * 12]}}
    at.session_state["sequences:strip:sequences/echo:14:kept"] = edit
    at.run()
    assert not at.error
    _, given = at.session_state["sequences:given"]
    assert given.value[:, 0].tolist() == [0.0, *[1.0] * 13] and given.target[0, 0] == 0
    at.button(key="sequences:another").click().run()
    _, given = at.session_state["sequences:given"]
    assert given.value[:, 0].tolist() != [0.0, *[1.0] * 13]


def test_nobody_knows_what_follows_a_series_that_was_changed(open_page, read):
    run = trained("forecast")
    at = open_page("sequences", run=run.name)
    assert "Nobody knows" not in read(at)
    at.text_input(key="sequences:typed:sequences/forecast:6").set_value("1 2 3 4 5 6").run()
    assert "Nobody knows" in read(at)


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["noise", "longer", "stretch"])
def test_the_figures_fall_as_sequences_are_spoilt(open_page, read, way):
    run = trained("adding")
    session = {"sequences:corruption": way}
    at = open_page("sequences", session=session, run=run.name, **{"sequences-tab": "Limits"})
    background_work.wait(20.0)
    at.run()
    assert not at.error and not at.exception
    assert "Accuracy at this amount" in read(at)
    # What attention cannot read is said, and its line ends.
    here = read(at).partition("at this amount")[2]
    assert ("attention **" not in here) == (way == "longer")


def test_a_unit_is_followed(open_page, read):
    run = trained("adding")
    at = open_page("sequences", session={"sequences:unit": 2}, run=run.name, **{"sequences-tab": "Inside"})
    assert "Unit 3" in read(at)
    assert "correlation" in read(at) or "stays the same" in read(at)


def test_other_seeds_are_gathered(open_page, read):
    run = trained("copying")
    second = Run.create("sequences/copying", {"seed": 1, "threads": 1, "kind": "task"})
    task = import_task("sequences/copying")
    settings = settings_from(task, run.config["settings"])
    assert drive(second, train_task(task, settings, second)) == "done"
    at = open_page("sequences", run=run.name, **{"sequences-tab": "Compare"})
    assert "2 seeds on this machine" in read(at)
