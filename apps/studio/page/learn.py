r"""A page's *Learn* text: the file `learn.md` in its folder, read and checked.

A page of several tasks may have one for each, `learn/<task>.md`; `learn.md` is for those without.

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
FENCE = "+++"


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


def lesson_of(page: str, target: str = "") -> Lesson:
    """The lesson of a page.

    Args:
        page: its folder.
        target: the task that the page shows.

    Raises:
        UserError: there is none, or it does not say what it must; names the file.
    """
    path = APPS / page / "learn" / f"{target.rpartition('/')[2]}.md"
    if not target or not path.is_file():
        path = APPS / page / "learn.md"
    if not path.is_file():
        raise UserError(f"There is no lesson yet: {path.name} in apps/{page}/ would hold it.")
    _, head, text = [*path.read_text(encoding="utf-8").split(FENCE, 2), "", ""][:3]
    try:
        values = tomllib.loads(head)
        questions = [Question(**question) for question in values.pop("question")]
        papers = [Paper(**paper) for paper in values.pop("paper")]
        lesson = Lesson(text=text.strip(), questions=questions, papers=papers, **values)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise UserError(f"{path.relative_to(APPS.parent)} does not say what it must: {error}.") from error
    for question in lesson.questions:
        if len(question.bounds) + 1 != len(question.options) or sorted(question.bounds) != list(
            question.bounds
        ):
            raise UserError(
                f"{path.relative_to(APPS.parent)}: the bounds of {question.ask!r} do not fit its options."
            )
    return lesson
