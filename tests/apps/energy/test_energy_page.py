"""Energy lab without a browser: it begins by itself, every tab draws for both tasks, in every state."""

import functools
import shutil

import numpy as np
import pytest

from apps.energy.page import PAGE
from apps.studio import background_work
from apps.studio.page import compare_tab
from apps.studio.page.learn import lesson_of
from apps.studio.page.run_view import RunView
from sandbox.data.fingerprint import described
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

pytestmark = pytest.mark.thorough

TABS = ("Try", "Inside", "Compare", "Code", "Limits", "Learn")
SMALL = {
    "rbm": {"hidden": 8, "steps": 4, "batch_size": 8, "chains": 8},
    "dbn": {"hidden": (8, 6), "pretraining": 2, "tuning": 3, "batch_size": 8},
}


def trained(name, data=None, seed=0, root=None):
    """A run of a few steps."""
    task = import_task(f"energy/{name}")
    config = {"argv": ["train", f"energy/{name}"], "seed": seed, "threads": 1, "kind": "task", "data": data}
    run = Run.create(f"energy/{name}", config, root)
    assert drive(run, train_task(task, settings_from(task, SMALL[name]), run)) == "done"
    return run


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A run of each task, trained once for all tests."""
    return functools.cache(lambda name: trained(name, root=tmp_path_factory.mktemp(name)))


@pytest.fixture
def ran(once, tmp_path, monkeypatch):
    """A copy of such a run in a folder of runs of its own."""
    monkeypatch.setenv("SANDBOX_RUNS", str(tmp_path / "own-runs"))

    def copy(name):
        path = tmp_path / "own-runs" / once(name).name
        shutil.copytree(once(name).path, path)
        return Run.open(path)

    return copy


def test_it_begins_to_learn_by_itself_once_for_each_task(open_page, started):
    at = open_page("energy")
    assert started == [["energy/rbm"]]
    at.selectbox(key="energy:task").set_value("energy/dbn").run()
    at.selectbox(key="energy:task").set_value("energy/rbm").run()
    assert started == [["energy/rbm"], ["energy/dbn"]]
    assert at.session_state["energy:run"].startswith("energy-rbm")


@pytest.mark.quick("rbm")
@pytest.mark.parametrize("name", SMALL)
def test_every_tab_of_both_tasks(open_page, read, ran, name):
    run = ran(name)
    at = open_page("energy", session={"energy:units": {0: 3, 1: 2}}, run=run.name)
    words = {
        "rbm": {
            "Try": "How others would complete it",
            "Inside": "Unit 3, and the unseen pictures that drive it most",
            "Compare": "The neighbours are ahead of every machine",
            "Limits": "The less is given",
            "Learn": "Gibbs sampling",
        },
        "dbn": {
            "Try": "Mistakes",
            "Inside": "Unit 2, and the unseen pictures that drive it most",
            "Compare": "Pretraining helps where labels are few",
            "Limits": "Accuracy at this amount",
            "Learn": "pretraining",
        },
    }
    for tab in TABS:
        at.session_state["energy-tab"] = tab
        at.run()
        background_work.wait(20.0)
        at.run()
        assert not at.exception
        assert not at.error, (tab, [error.value for error in at.error])
        assert run.name in read(at)
        assert words[name].get(tab, "") in read(at)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "view"), [("rbm", "free_energy"), ("dbn", "free_energy"), ("dbn", "dreams")]
)
def test_other_views_inside(open_page, ran, name, view):
    run = ran(name)
    at = open_page("energy", session={"energy:inside": view}, run=run.name, **{"energy-tab": "Inside"})
    assert not at.error
    assert at.session_state["energy:inside"] == view


@pytest.mark.thorough
def test_both_nets_answer_about_a_picture_and_are_compared(open_page, read, ran):
    run = ran("dbn")
    at = open_page("energy", session={"energy:picked": 3, "energy:token": 0}, run=run.name)
    said = read(at)
    assert "**Pretrained**" in said and "**Plain**" in said
    assert "pretrained **" in said and "plain **" in said  # the sentence below the heading


def test_a_stack_without_labels_yet_says_what_is_left_of_a_picture(open_page, read, ran):
    run = ran("dbn")
    at = open_page("energy", session={"energy:fresh": True}, run=run.name)
    assert "After 0 steps its rebuilt share (no labels used yet) on 599 unseen digits is" in read(at)


def test_trainings_on_the_same_pictures_are_compared_and_say_what_was_chosen_otherwise(ran):
    view = RunView.at(ran("rbm"), None)
    assert view is not None
    same, other = trained("rbm", seed=1), trained("rbm", seed=2)
    same.update_config(settings={**same.config["settings"], "chains": 0})
    other.update_config(settings={**other.config["settings"], "split_seed": 1})
    names = [score.name for score in compare_tab._other_runs(view, view.task.metric)]
    assert names == [f"{same.name}, chains 0, seed 1"]


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_states(open_page, read, state):
    run = Run.create("energy/rbm", {"argv": ["train", "energy/rbm"], "seed": 0}, state="running")
    message = "The disk is full." if state == "failed" else ""
    run.update_status(state=state, message=message, queued=1.0)
    at = open_page("energy", run=run.name)
    assert bool(at.error) == (state == "failed")
    assert message in read(at)


def test_it_trains_what_was_chosen(open_page, started, ran):
    ran("dbn")
    at = open_page("energy")
    at.selectbox(key="energy:data").set_value("my own pictures").run()
    at.segmented_control(key="energy:own").set_value("a path on this machine").run()
    at.text_input(key="energy:path").set_value("/no/such/folder").run()
    at.button(key="energy:train").click().run()
    assert not started
    assert any("/no/such/folder" in error.value for error in at.error)
    at.selectbox(key="energy:data").set_value("handwritten digits").run()
    at.number_input(key="energy:energy/dbn:fast:labels").set_value(30).run()
    at.button(key="energy:train").click().run()
    assert started[0][:5] == ["energy/dbn", "--preset", "fast", "--seed", "0"]
    assert started[0][started[0].index("--labels") + 1] == "30"


@pytest.mark.thorough
def test_a_drawing_is_completed_and_an_empty_pad_shows_dreams(open_page, read, ran):
    run = ran("rbm")
    pixels = np.zeros((64, 64))
    pixels[10:54, 28:36] = 1
    drawn = {"token": 0, "strokes": [[0.5, 0.1, 0.5, 0.9]], "pixels": pixels.ravel().tolist()}
    at = open_page(
        "energy", session={"energy:picked": 0, "energy:token": 0, "energy:pad:kept": drawn}, run=run.name
    )
    assert "How others would complete it" in read(at)
    empty = {"token": 0, "strokes": [], "pixels": None}
    session = {"energy:picked": 0, "energy:token": 0, "energy:pad": {"sketch": empty}}
    at = open_page("energy", session=session, run=run.name)
    assert "What it dreams" in read(at) and "How others would complete it" not in read(at)


@pytest.mark.thorough
def test_pictures_of_ones_own_in_colour(open_page, read, tmp_path):
    import cv2

    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for i in range(12):
            cv2.imwrite(str(tmp_path / "own" / name / f"{i}.png"), generator.integers(0, 255, (20, 20, 3)))
    run = trained("rbm", data=str(tmp_path / "own"))
    assert run.config["data"] == described(str(tmp_path / "own"))["data"]
    at = open_page("energy", run=run.name)
    assert not at.error
    assert "How others would complete it" in read(at) and "unseen pictures" in read(at)
    at = open_page("energy", run=run.name, **{"energy-tab": "Inside"})
    assert not at.error


def test_each_task_has_a_lesson_of_its_own_with_three_questions():
    lessons = [lesson_of("energy", task) for task in PAGE.tasks]
    assert [len(lesson.questions) for lesson in lessons] == [3, 3]
    assert lessons[0].text != lessons[1].text
