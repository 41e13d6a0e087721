"""A task that no page names has a page of its own, with a lesson."""

from pathlib import Path

import pytest

from apps.studio.navigation import pages_of_tasks
from apps.studio.page import questions
from apps.studio.page.learn import APPS, LESSONS, family_of, lesson_of
from apps.studio.page.page import Page
from apps.vision.classify import Classify
from sandbox import registry

PAGES = [
    Page(name="start", title="Home", question="?", tasks=("vision/classify",)),
    Page(name="lab", title="Lab", question="?", instrument="apps.lab.instrument"),
]


def test_only_tasks_that_no_page_names(tmp_path):
    file = tmp_path / "birds.py"
    file.write_text(
        '"""Birds by their song."""\n\n\nclass Birds:\n    title = "Which bird sings?"\n\n\nTASK = Birds()\n'
    )
    classify = Path("classify.py")
    found = pages_of_tasks(
        PAGES,
        [
            registry.Entry("vision/classify", classify, ""),
            registry.Entry("lab/rbm", classify, ""),
            registry.Entry("own_data/birds", file, "Birds by their song."),
        ],
    )
    assert [entry.page.name for entry in found] == ["own_data_birds"]
    page = found[0].page
    assert (page.question, page.section, page.title) == ("Which bird sings?", "Own data", "Birds")
    assert page.tasks == ("own_data/birds",) and found[0].path is None
    assert found[0].help == "Birds by their song."


def test_a_page_without_a_lesson_has_that_of_its_family():
    assert family_of(Classify) == "image_classification" and family_of(int) == ""
    assert "class" in lesson_of("nowhere", family="image_classification").text
    assert lesson_of("nowhere", family="unheard_of") == lesson_of("nowhere")
    own = lesson_of("start", family="image_classification")
    assert own != lesson_of("nowhere", family="image_classification")


@pytest.mark.parametrize("path", sorted(LESSONS.glob("*.md")), ids=lambda path: path.stem)
def test_a_lesson_of_many_tasks(path):
    lesson = lesson_of("nowhere", family=path.stem)
    assert 100 < len(lesson.text.split()) < 200
    assert len(lesson.questions) == 3 and lesson.papers
    assert all(hasattr(questions, str(question.run["kind"])) for question in lesson.questions)
    assert (APPS / "studio" / "inside" / f"{lesson.picture}.py").is_file()
