r"""A page's *Learn* text: the file `learn.md` in its folder, read and checked.

A page of several tasks may have one for each, `learn/<task>.md`; `learn.md` is for those without. A page with
neither shows that of its task's family, `apps/studio/lessons/<family>.md`, or the one of any task,
`apps/studio/lessons/task.md`.

The file begins with TOML between two lines of `+++`, and goes on with about 150 words of Markdown:

    +++
    equation = 'y = \max(0, W x + b)'
    equation_says = "What the letters mean, one sentence."
    picture = "feature_maps"
    picture_says = "What the picture of the page's own run shows, one sentence."

    [[question]]
    ask = "Turn every digit by 90 degrees. How many of 100 will it read correctly?"
    options = ["fewer than 40", "40 to 80", "more than 80"]
    bounds = [40, 80]
    run = {kind = "corruption", name = "rotation", amount = 90}
    because = "Why it came out so, one or two sentences."

    [[paper]]
    title = "Gradient-based learning applied to document recognition"
    by = "LeCun, Bottou, Bengio & Haffner, 1998"
    +++
    What the method is ...
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import UserError

APPS = Path(__file__).resolve().parents[2]
LESSONS = APPS / "studio" / "lessons"
FENCE = "+++"
FAMILIES = "sandbox.tasks.families."


@dataclass(frozen=True, kw_only=True)
class Question:
    """Predict, then reveal: a question that is answered by running something.

    Attributes:
        ask: the question.
        options: possible answers, from small to large.
        bounds: between them, one fewer than there are options, ascending, in the unit that is shown.
        run: what gives the number: `kind`, the name of a function of `questions.py`, and its arguments.
        because: why it comes out as it does.
    """

    ask: str
    options: Sequence[str]
    bounds: Sequence[float]
    run: Mapping[str, Any]
    because: str

    def right(self, value: float) -> int:
        """Which option a number belongs to."""
        return bisect_right(list(self.bounds), value)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper to read on."""

    title: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What *Learn* shows.

    Attributes:
        text: Markdown.
        equation: LaTeX.
        equation_says: what its letters mean.
        picture: name of the view that draws the picture of the page's own run.
        picture_says: what it shows.
        questions: predict, then reveal.
        papers: to read on.
    """

    text: str
    equation: str
    equation_says: str
    picture: str
    picture_says: str
    questions: Sequence[Question]
    papers: Sequence[Paper]


def lesson_of(page: str, target: str = "", family: str = "") -> Lesson:
    """The lesson of a page: of its task, else its own, else that of the task's family, else that of any task.

    Args:
        page: its folder.
        target: the task that the page shows.
        family: of that task.

    Raises:
        UserError: it does not say what it must; names the file.
    """
    own = [APPS / page / "learn" / f"{target.rpartition('/')[2]}.md", APPS / page / "learn.md"]
    shared = [LESSONS / f"{name}.md" for name in (family, "task")]
    return read(next(path for path in (*own, *shared) if path.is_file()))


def family_of(task: type) -> str:
    """The family of a task's class: the file of `sandbox/tasks/families/` that it builds on; or empty."""
    modules = [base.__module__ for base in task.__mro__]
    return next((name.rpartition(".")[2] for name in modules if name.startswith(FAMILIES)), "")


def read(path: Path) -> Lesson:
    """The lesson in a file.

    Raises:
        UserError: it does not say what it must; names the file.
    """
    _, head, text = [*path.read_text(encoding="utf-8").split(FENCE, 2), "", ""][:3]
    root = APPS if path.is_relative_to(APPS) else LESSONS.parents[1]
    where = f"apps/{path.relative_to(root).as_posix()}"
    try:
        values = tomllib.loads(head)
        questions = [Question(**question) for question in values.pop("question")]
        papers = [Paper(**paper) for paper in values.pop("paper")]
        lesson = Lesson(text=text.strip(), questions=questions, papers=papers, **values)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise UserError(f"{where} does not say what it must: {error}.") from error
    for question in lesson.questions:
        bounds = list(question.bounds)
        if len(bounds) + 1 != len(question.options) or sorted(bounds) != bounds:
            raise UserError(f"{where}: the bounds of {question.ask!r} do not fit its options.")
    return lesson
