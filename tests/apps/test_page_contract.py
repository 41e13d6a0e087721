"""What every page that is composed from tasks must do, unasked: each state and tab, and its lesson."""

import ast
import contextlib
import math
import re
import shutil
from dataclasses import fields, replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from apps.studio import navigation
from apps.studio.page import inside_tab, questions
from apps.studio.page.draw import TABS
from apps.studio.page.learn import Lesson, Question, family_of, lesson_of
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.settings import specs
from sandbox.targets import import_task
from sandbox.tasks.training import train_task

PAGES = {entry.page.name: entry.page for entry in navigation.find_pages() if entry.page.tasks}
CASES = [(name, task) for name, page in PAGES.items() for task in page.tasks]
STATES = ("queued", "running", "done", "failed")
# What must stay right at every change; `make thorough` has all others.
OFTEN = ("vision/classify", "latent/vae", "energy/rbm", "sequences/adding")
TINY = {
    "steps": 12,
    "pretraining": 4,
    "tuning": 4,
    "hidden": 8,
    "channels": 4,
    "width": 8,
    "calls": 2,
    "pictures": 6,
    "frames": 48,
    "round_frames": 16,
    "side": 96,
}
"""Settings of this name are made as small as this, in every task that has them."""


def tiny(task: Any) -> Any:
    """The task's settings, as small as they can be without being no training."""
    settings = task.settings()
    known = specs(type(settings))
    small: dict[str, Any] = {}
    for field in fields(settings):
        if field.name in TINY and field.name in known:
            spec, size = known[field.name], TINY[field.name]
            count = len(getattr(settings, field.name)) if spec.many is not None else 0
            small[field.name] = (size,) * min(2, max(1, count)) if spec.many is not None else size
    return replace(settings, **small)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """One tiny training of each task, made when it is asked for."""
    made: dict[str, Path] = {}

    def fit(target: str) -> Path:
        if target not in made:
            task, root = import_task(target), tmp_path_factory.mktemp("fits")
            config = {"seed": 0, "threads": 1, "device": "cpu", "kind": "task", "argv": ["train", target]}
            run = Run.create(target, config, root)
            assert drive(run, train_task(task, tiny(task), run)) == "done", run.status()["message"]
            made[target] = run.path
        return made[target]

    return fit


@pytest.fixture
def run_in(fitted, runs_root):
    """A copy of a tiny training in a state; a queued one has learned nothing."""

    def make(target: str, state: str) -> Run:
        if state == "queued":
            return Run.create(target, {"argv": ["train", target], "kind": "task"}, state="queued", queued=1.0)
        path = shutil.copytree(fitted(target), runs_root / fitted(target).name)
        run = Run.open(path)
        message = "The disk is full." if state == "failed" else ""
        run.update_status(state=state, message=message)
        return run

    return make


@pytest.mark.quick("start", "latent", "energy", "sequences")
@pytest.mark.parametrize("page", PAGES)
def test_without_a_run(open_page, started, page):
    at = open_page(page, {f"{page}:tried": list(PAGES[page].tasks)})
    tasks = PAGES[page].tasks
    assert at.title[0].value == (PAGES[page].question if len(tasks) < 2 else import_task(tasks[0]).title)
    assert not at.error and not started
    assert [tab.label for tab in at.tabs] == list(TABS)


def cases_and_states() -> list[tuple[str, str, str]]:
    """Each task queued and done; what another state adds is drawn by the page, the same for all its tasks."""
    first = [(name, page.tasks[0]) for name, page in PAGES.items()]
    own = ("queued", "done")
    return [(*case, state) for case in CASES for state in STATES if state in own or case in first]


@pytest.mark.quick(*(f"*-{task}-done" for task in OFTEN))
@pytest.mark.parametrize(("page", "target", "state"), cases_and_states(), ids=str)
def test_every_tab_in_every_state(open_page, settled, read, run_in, page, target, state):
    """Only a failed run has an error on its page, its own."""
    run = run_in(target, state)
    with run.hold() if state == "running" else contextlib.nullcontext():
        at = open_page(page, run=run.name)
        for tab in TABS:
            at.session_state[f"{page}-tab"] = tab
            settled(at)
            assert [panel.label for panel in at.tabs if panel.children] == [tab]
            expected = [f"{run.name} failed: The disk is full."] if state == "failed" else []
            assert [error.value for error in at.error] == expected, tab
            assert run.name in read(at) and at.title[0].value
            if tab == "Code" and state != "queued":
                shown = [each.value for each in at.code if each.language == "python"]
                assert len(shown) >= 3
                for code in shown:
                    ast.parse(code)


def lesson_for(page: str, target: str) -> Lesson:
    """The lesson that the page shows with a task."""
    return lesson_of(page, target, family_of(type(import_task(target))))


@pytest.mark.parametrize(("page", "target"), CASES, ids=str)
def test_the_lesson_says_what_it_must(page, target):
    check_lesson(lesson_for(page, target), PAGES[page])


def check_lesson(lesson: Lesson, page: Page) -> None:
    """Its length, its parts, and that its picture exists."""
    assert 100 <= len(re.findall(r"[\w'’-]+", lesson.text)) <= 200
    assert lesson.equation and lesson.equation_says.endswith(".") and lesson.picture_says.endswith(".")
    assert hasattr(inside_tab.find(page, lesson.picture), "picture")
    assert len(lesson.questions) == 3 and lesson.papers
    for question in lesson.questions:
        assert len(set(question.options)) == len(question.options) == len(question.bounds) + 1 >= 2
        assert question.ask.endswith("?") and question.because.endswith(".")
        assert right_options(question) == list(range(len(question.options)))


def right_options(question: Question) -> list[int]:
    """Which option a number below, between and above the bounds belongs to."""
    bounds = list(question.bounds)
    between = [(low + high) / 2 for low, high in pairwise(bounds)]
    return [question.right(value) for value in (bounds[0] - 1, *between, bounds[-1] + 1)]


@pytest.mark.quick(*(f"*{task}*" for task in OFTEN))
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("page", "target"), CASES, ids=str)
def test_each_question_is_answered_by_running_something(run_in, page, target, number):
    view = RunView.at(run_in(target, "done"), None)
    assert view is not None
    question = lesson_for(page, target).questions[number]
    assert math.isfinite(questions.answer_of(PAGES[page], question)(view))


INSTRUMENTS = {entry.page.name: entry.page for entry in navigation.find_pages() if entry.page.instrument}
LOOKING_AT_RUNS = [
    name for name, page in INSTRUMENTS.items() if hasattr(import_module(page.instrument), "view_of")
]
RUNS = ("cartpole", "vision/classify")


def of_instrument(name: str) -> list[tuple[str, str]]:
    """The runs that an instrument can look at: those of the Arena are agents, Runs shows all."""
    return [(name, target) for target in RUNS if name == "runs" or "/" not in target]


INSTRUMENT_CASES = [case for name in LOOKING_AT_RUNS for case in of_instrument(name)]


def test_the_arena_and_runs_look_at_runs():
    assert {"arena", "runs"} <= set(LOOKING_AT_RUNS)
    assert all(len(INSTRUMENTS[name].tabs) > 3 for name in LOOKING_AT_RUNS)


@pytest.mark.parametrize("page", LOOKING_AT_RUNS)
def test_every_tab_of_an_instrument_without_a_run(open_page, settled, page):
    at = open_page(page)
    for tab in [panel.label for panel in at.tabs]:
        at.session_state[f"{page}-tab"] = tab
        settled(at)
        assert [panel.label for panel in at.tabs if panel.children] == [tab]
        assert not at.error, tab


@pytest.mark.quick("*-done")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("page", "target"), INSTRUMENT_CASES, ids=str)
def test_every_tab_of_an_instrument_in_every_state(open_page, settled, make_run, page, target, state):
    """Only a failed run has an error on its page, its own."""
    run = make_run(target, state)
    with run.hold() if state == "running" else contextlib.nullcontext():
        at = open_page(page, run=run.name)
        assert tuple(panel.label for panel in at.tabs) == INSTRUMENTS[page].tabs
        for tab in INSTRUMENTS[page].tabs:
            at.session_state[f"{page}-tab"] = tab
            settled(at)
            assert [panel.label for panel in at.tabs if panel.children] == [tab]
            expected = [f"{run.name} failed: The disk is full."] if state == "failed" else []
            assert [error.value for error in at.error] == expected, tab


@pytest.mark.parametrize("page", LOOKING_AT_RUNS)
def test_the_lesson_of_an_instrument_says_what_it_must(page):
    check_lesson(lesson_of(page), INSTRUMENTS[page])


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("page", "target"), INSTRUMENT_CASES, ids=str)
def test_each_question_of_an_instrument_runs_something(make_run, page, target, number):
    view: Any = import_module(INSTRUMENTS[page].instrument).view_of(make_run(target, "done"))
    assert math.isfinite(questions.answer_of(INSTRUMENTS[page], lesson_of(page).questions[number])(view))


def place_of(node: Any, name: str, above: tuple[int, ...] = ()) -> tuple[int, ...] | None:
    """Where on the page a component of this name is drawn; the browser makes anew what is drawn elsewhere."""
    if getattr(getattr(node, "proto", None), "component_name", "") == name:
        return above
    for index, child in getattr(node, "children", {}).items():
        if (found := place_of(child, name, (*above, index))) is not None:
            return found
    return None


@pytest.mark.parametrize(
    "page", [page for page in PAGES.values() if page.sketches], ids=lambda page: page.name
)
def test_whoever_draws_while_a_network_is_still_to_come_keeps_the_pad(open_page, run_in, page):
    task = page.tasks[0]
    after = open_page(page.name, run=run_in(task, "done").name)
    before = open_page(page.name, run=run_in(task, "queued").name)
    assert place_of(before.main, "sketch_pad") == place_of(after.main, "sketch_pad") is not None
