"""Latent lab without a browser: it begins by itself, every tab draws, one's own data are a choice."""

import numpy as np
import pytest

from apps.studio.page.learn import lesson_of
from sandbox.progress import drive
from sandbox.runs import Run, list_runs
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

pytestmark = pytest.mark.thorough

TABS = ("Try", "Inside", "Compare", "Code", "Limits", "Learn")
SMALL = {
    "vae": {"hidden": (8,)},
    "autoencoder": {"hidden": (8,), "code": 3, "noise": 0.2},
    "duel": {"hidden": (8, 8)},
    "gan": {"hidden": (8,), "latent": 3},
    "som": {"rows": 3, "columns": 4},
}
VIEWS = {
    "vae": {"inside": ["code_numbers"], "limit": ["spoil the input", "amounts"]},
    "duel": {"inside": ["field"], "limit": ["spoil the input", "penalty"]},
    "gan": {"inside": ["code_numbers", "wishes"], "limit": ["spoil the input", "noise_size"]},
    "som": {"inside": ["ridges"], "limit": ["spoil the input", "strayed"]},
}


def trained(name, data=None, **changes):
    """A run of a few steps."""
    task = import_task(f"latent/{name}")
    config = {"argv": ["train", f"latent/{name}"], "seed": 0, "threads": 1, "kind": "task", "data": data}
    run = Run.create(f"latent/{name}", config)
    settings = settings_from(task, {**SMALL[name], "steps": 4, "batch_size": 16, **changes})
    assert drive(run, train_task(task, settings, run)) == "done", run.status()["message"]
    return run


def test_each_method_begins_to_learn_by_itself_once(open_page, started):
    at = open_page("latent")
    assert started == [["latent/vae"]]
    at.selectbox(key="latent:task").set_value("latent/som").run()
    assert started[1:] == [["latent/som"]]
    at.selectbox(key="latent:task").set_value("latent/vae").run()
    assert len(started) == 2
    assert at.session_state["latent:run"].startswith("latent-vae")


@pytest.mark.thorough
def test_every_tab_of_a_code_of_three_numbers(open_page, read):
    """The codes of the other methods, in the contract of all pages, are points of a plane."""
    run = trained("autoencoder")
    for tab in TABS:
        at = open_page("latent", run=run.name, **{"latent-tab": tab})
        assert not at.error, (tab, [error.value for error in at.error])
        assert run.name in read(at)
        assert at.session_state["latent-tab"] == tab


@pytest.mark.quick("som")
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_that_fits_a_method_is_offered_and_draws(open_page, name):
    run = trained(name)
    for menu, expected in VIEWS[name].items():
        tab = {"inside": "Inside", "limit": "Limits"}[menu]
        for view in expected:
            session = {f"latent:{menu}": view} if len(expected) > 1 else {}
            at = open_page("latent", session=session, run=run.name, **{"latent-tab": tab})
            assert not at.error, (view, [error.value for error in at.error])
            if len(expected) > 1:
                # Streamlit's tester gives the words on the buttons.
                assert len(at.segmented_control(key=f"latent:{menu}").options) == len(expected)
                assert at.session_state[f"latent:{menu}"] == view


@pytest.mark.parametrize("name", SMALL)
def test_every_method_but_the_first_has_a_lesson_of_its_own(name):
    lesson = lesson_of("latent", f"latent/{name}")
    assert (lesson == lesson_of("latent")) == (name == "vae")


def test_the_lesson_is_the_chosen_methods(open_page, read):
    said = {}
    for name in ("vae", "som"):
        run = trained(name)
        said[name] = read(open_page("latent", run=run.name, **{"latent-tab": "Learn"}))
    assert "variational autoencoder" in said["vae"]
    assert "self-organising map" in said["som"]


@pytest.mark.parametrize("state", ["queued", "failed", "stopped", "interrupted"])
def test_states(open_page, read, state):
    run = Run.create("latent/gan", {"argv": ["train", "latent/gan"], "seed": 0}, state="running")
    message = "The disk is full." if state == "failed" else ""
    if state != "interrupted":
        run.update_status(state=state, message=message, queued=1.0)
    at = open_page("latent", run=run.name)
    assert bool(at.error) == (state == "failed")
    assert message in read(at)
    assert at.selectbox(key="latent:task").value == "latent/gan"


def test_the_controls_say_what_is_shown(open_page):
    at = open_page("latent", run=trained("autoencoder", code=16, noise=0.3).name)
    assert at.session_state["latent:latent/autoencoder:preset"] == "denoise"
    assert at.number_input(key="latent:latent/autoencoder:denoise:steps").value == 4
    assert at.number_input(key="latent:latent/autoencoder:denoise:code").value == 16


def test_it_trains_what_was_chosen(open_page, started):
    run = Run.create(
        "latent/autoencoder", {"argv": ["train", "latent/autoencoder"], "seed": 0}, state="running"
    )
    run.update_status(state="stopped")
    at = open_page("latent", run=run.name)
    key = "latent:latent/autoencoder:plane"
    at.number_input(key=f"{key}:code").set_value(8)
    at.number_input(key=f"{key}:noise").set_value(0.3)
    at.number_input(key=f"{key}:examples").set_value(200).run()
    at.button(key="latent:train").click().run()
    words = {"--code": "8", "--noise": "0.3", "--examples": "200"}
    assert started[-1][:5] == ["latent/autoencoder", "--preset", "plane", "--seed", "0"]
    found = started[-1][5:]
    assert dict(zip(found[::2], found[1::2], strict=True)) == words
    assert at.session_state["latent:run"] == list_runs()[0].name


def test_ones_own_data(open_page, started, tmp_path):
    points = tmp_path / "mine.csv"
    points.write_text("\n".join(f"{i % 7},{i * i % 11}" for i in range(77)))
    run = trained("duel", data=str(points))
    at = open_page("latent", run=run.name)
    assert not at.error
    assert at.selectbox(key="latent:data").value == "my own points"
    at.text_input(key="latent:path").set_value("/no/such.csv").run()
    at.button(key="latent:train").click().run()
    assert not started
    assert "/no/such.csv" in at.error[0].value
    at.text_input(key="latent:path").set_value(str(points)).run()
    at.button(key="latent:train").click().run()
    assert started[-1][-2:] == ["--data", str(points)]


@pytest.mark.thorough
def test_points_that_are_drawn_are_kept_and_learned_from(open_page, read, started, runs_root):
    run = trained("duel")
    ink = np.zeros((64, 64))
    ink[20:24] = 1
    kept = {"token": 0, "strokes": [[0.1, 0.3, 0.9, 0.3]], "pixels": ink.ravel().tolist()}
    at = open_page("latent", session={"latent:points:kept": kept}, run=run.name)
    at.selectbox(key="latent:data").set_value("my own points").run()
    assert not at.error
    assert at.segmented_control(key="latent:own").value == "draw"
    assert "**3,666 points**: 2,666 for training, 1,000 for testing" in read(at)
    at.button(key="latent:train").click().run()
    data = started[-1][started[-1].index("--data") + 1]
    assert data.startswith(str(runs_root / ".uploads")) and data.endswith("drawn.csv")


def test_the_handle_is_remembered_inside(open_page):
    run = trained("vae")
    kind = f"{run.name}:(0, 1):300"
    session = {"latent:plane": {"spot": {"token": kind, "code": [0.5, -1.5], "index": 3}}}
    at = open_page("latent", session=session, run=run.name)
    assert not at.error
    name, spot = at.session_state["latent:spot"]
    assert (name, spot.code, spot.index) == (run.name, [0.5, -1.5], 3)
