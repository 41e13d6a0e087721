"""The file of a lesson, read and checked; its questions, answered by running something."""

import pytest

from apps.studio.page import learn, questions
from apps.studio.page.learn import Question, lesson_of
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError

GOOD = """+++
equation = 'y = x'
equation_says = "y is x."
picture = "maps"
picture_says = "A map."

[[question]]
ask = "How many?"
options = ["few", "some", "many"]
bounds = [1, 5]
run = { kind = "baseline" }
because = "So it is."

[[paper]]
title = "A paper"
by = "Somebody, 1999"
+++
The **text**, with +++ in it.
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes the lesson of the page `mine`."""
    monkeypatch.setattr(learn, "APPS", tmp_path)
    (tmp_path / "mine").mkdir()
    return (tmp_path / "mine" / "learn.md").write_text


def test_a_lesson(write):
    write(GOOD)
    lesson = lesson_of("mine")
    assert lesson.text == "The **text**, with +++ in it."
    assert lesson.equation == "y = x" and lesson.papers[0].by == "Somebody, 1999"
    (question,) = lesson.questions
    assert question.run == {"kind": "baseline"}
    assert [question.right(value) for value in (0, 0.9, 1, 4.9, 5, 6)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bounds = [1, 5]", "bounds = [1]", "the bounds of 'How many\\?' do not fit"),
        ("bounds = [1, 5]", "bounds = [5, 1]", "do not fit"),
        ("equation = 'y = x'\n", "", "does not say what it must"),
        ("[[question]]", "[[question", "does not say what it must"),
        ('because = "So it is."\n', "", "does not say what it must"),
        (GOOD, "Only text.", "does not say what it must"),
    ],
)
def test_a_wrong_lesson_names_its_file(write, old, new, words):
    write(GOOD.replace(old, new))
    with pytest.raises(UserError, match=words) as caught:
        lesson_of("mine")
    assert "apps/mine/learn.md" in str(caught.value)


def test_a_page_shows_the_lesson_of_its_task_else_its_own_else_that_of_any_task(write, tmp_path):
    assert lesson_of("mine", "any/one") == lesson_of("nowhere")
    write(GOOD)
    assert lesson_of("mine", "any/one").equation == "y = x"
    (tmp_path / "mine" / "learn").mkdir()
    (tmp_path / "mine" / "learn" / "one.md").write_text(GOOD.replace("y = x", "y = 2 x"))
    assert lesson_of("mine", "any/one").equation == "y = 2 x"
    assert lesson_of("mine", "any/other").equation == "y = x"


@pytest.fixture
def view(make_run) -> RunView:
    """A network that knows nothing, of a run with three checkpoints."""
    found = RunView.at(make_run("vision/classify", "done"), None)
    assert found is not None
    return found


def test_questions_are_answered_with_the_figures_of_the_page(view):
    accuracy = 100 * view.task.measure(view.predictor, view.test)["accuracy"].mean
    assert questions.figure(view, "accuracy", 100) == accuracy
    assert questions.corruption(view, "noise", 0.0) == accuracy
    assert questions.age(view, 1.0) == accuracy
    young = RunView.at(view.run, 0)
    assert young is not None
    assert questions.age(view, 0.0) == 100 * view.task.measure(young.predictor, view.test)["accuracy"].mean
    assert 97 < questions.baseline(view) < 99  # of scikit-learn's digits
    assert questions.parameters(view) == sum(p.numel() for p in view.predictor.model.parameters())
    with pytest.raises(UserError, match="no corruption 'typos'"):
        questions.corruption(view, "typos", 1)


def test_a_guess_is_revealed(open_page, make_run, read):
    run = make_run("vision/classify", "done")
    session = {"start:question:1": "more than 90"}
    at = open_page("start", session, run=run.name, **{"start-tab": "Learn"})
    assert "**Correct.** It is **98" in read(at)
    at.segmented_control(key="start:question:1").set_value("fewer than 50").run()
    assert "**Not quite: more than 90.** It is **98" in read(at)


def test_a_question_without_a_guess_runs_nothing(open_page, make_run, read):
    at = open_page("start", run=make_run("vision/classify", "done").name, **{"start-tab": "Learn"})
    assert read(at).count("Choose an answer, and the page tries it out.") == 3


def test_the_right_option():
    question = Question(ask="?", options=("a", "b"), bounds=(0.5,), run={}, because=".")
    assert (question.right(0.4), question.right(0.5)) == (0, 1)
