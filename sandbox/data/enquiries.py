"""What customers ask and what is said to it: labelled texts, or questions with their answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sandbox.data.documents import Passage, sentences
from sandbox.data.formats import tables, texts
from sandbox.data.labelled_texts import MOST_BYTES, MOST_CLASSES, MOST_ROWS, LabelledTexts
from sandbox.errors import UserError
from sandbox.files import path_text

ASIDE = 0.1
"""Share of the texts to learn from that is kept aside, at least one of each class that has three."""
MANY = 4
"""Questions with one answer from which on one of them is unseen, else a sentence of the answer."""
NAME = 60
"""Characters of a question that names its answer."""
QUESTIONS, ANSWERS = ("question", "questions", "q"), ("answer", "answers", "reply", "response", "a")
MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, kw_only=True)
class Enquiries:
    """What customers ask.

    Attributes:
        texts: with their intents.
        answers: one for each intent; empty where none is known.
        outside: texts that belong to no intent, kept aside.
        passages: of documents to search.
        person: the intent of who wants to talk to a person; empty if there is none.
        note: how they were divided, where that is not as usual; one sentence.
    """

    texts: LabelledTexts
    answers: Sequence[str]
    outside: Sequence[str] = ()
    passages: Sequence[Passage] = ()
    person: str = ""
    note: str = ""


def without_answers(found: LabelledTexts, seed: int) -> Enquiries:
    """Labelled texts; some of those to learn from are kept aside if none are yet."""
    if not len(found.aside):
        generator, labels = np.random.default_rng(seed), found.train_labels
        aside = np.zeros(len(labels), bool)
        for label in np.unique(labels):
            rows = generator.permutation(np.flatnonzero(labels == label))
            aside[rows[: max(len(rows) >= 3, round(ASIDE * len(rows)))]] = True
        found = replace(
            found,
            train=_some(found.train, ~aside),
            train_labels=labels[~aside],
            aside=_some(found.train, aside),
            aside_labels=labels[aside],
        )
    return Enquiries(texts=found, answers=[""] * len(found.classes))


def is_faq(path: Path) -> bool:
    """Whether a file has questions and answers: Markdown, or a table with columns of these names."""
    if path.suffix.lower() in MARKDOWN:
        return True
    if not path.is_file() or path.suffix.lower() == ".json":
        return False
    head = texts.read(path, MOST_BYTES).lstrip().partition("\n")[0].lower()
    cells = {cell.strip(" \"'") for cell in re.split(r"[,;\t]", head)}
    return bool(cells & {*QUESTIONS}) and bool(cells & {*ANSWERS})


def from_faq(path: Path, seed: int) -> Enquiries:
    """Questions and answers of a file of one's own.

    In Markdown a heading is a question, and what stands below it the answer; headings without a text between
    them share the next answer. In a table so do rows with the same answer.

    Raises:
        UserError: it cannot be read, or there is nothing left to test with; says why.
    """
    name = path_text(path)
    markdown = path.suffix.lower() in MARKDOWN
    content = texts.read(path, MOST_BYTES)
    pairs = _of_markdown(content) if markdown else _of_table(content, name)
    entries: dict[str, list[str]] = {}
    for question, answer in pairs:
        if question.strip() and answer.strip():
            asked = entries.setdefault(answer.strip(), [])
            asked += [question.strip()] * (question.strip() not in asked)
    if len(entries) < 2:
        what = "headings with a text below them" if markdown else "rows with a question and an answer"
        raise UserError(f"{name} has {len(entries)} answers; it needs two or more {what}.")
    if len(entries) > MOST_CLASSES:
        raise UserError(
            f"{name} has {len(entries):,} different answers; at most {MOST_CLASSES:,} are told apart."
        )
    return _divided(entries, name, seed)


def _divided(entries: Mapping[str, Sequence[str]], name: str, seed: int) -> Enquiries:
    """Of each entry a question is unseen if it has many, else a sentence of its answer that has several."""
    generator = np.random.default_rng(seed)
    parts: dict[str, list[tuple[str, int]]] = {"learn": [], "aside": [], "unseen": []}
    seen: set[str] = set()
    for number, (answer, questions) in enumerate(entries.items()):
        many = len(questions) >= MANY
        given = list(questions) if many else sentences(answer)
        drawn = [given[i] for i in generator.permutation(len(given)) if given[i] not in seen]
        seen.update(given, questions)
        unseen = [drawn.pop()] if len(drawn) > 1 else []
        aside = [drawn.pop()] if len(drawn) > 1 else []
        learn = [*drawn, *(sentences(answer) if many else questions)]
        for part, some in zip(parts, (learn, aside, unseen), strict=True):
            parts[part] += [(text, number) for text in some]
    if not parts["unseen"]:
        raise UserError(
            f"{name} leaves nothing to test with: ask each question in {MANY} ways, or answer some of them "
            "in two sentences or more."
        )
    classes = _named(list(entries.values()))
    few = sum(len(questions) < MANY for questions in entries.values())
    (learn, of_learn), (aside, of_aside), (unseen, of_unseen) = (_apart(part) for part in parts.values())
    return Enquiries(
        texts=LabelledTexts(
            train=learn,
            train_labels=of_learn,
            test=unseen,
            test_labels=of_unseen,
            classes=classes,
            aside=aside,
            aside_labels=of_aside,
        ),
        answers=list(entries),
        passages=[Passage(title, answer) for title, answer in zip(classes, entries, strict=True)],
        note=f"{few:,} answers have fewer than {MANY} questions: a sentence of each, which is not learned "
        "from, tests instead, if there are two."
        if few
        else "",
    )


def _of_markdown(content: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    waiting: list[str] = []
    body: list[str] = []

    def close() -> None:
        answer = "\n".join(body).strip()
        if answer:
            found.extend((question, answer) for question in waiting)
            waiting.clear()
        body.clear()

    for line in content.split("\n"):
        if heading := re.fullmatch(r"#{1,6}\s+(.*?)\s*#*", line):
            close()
            waiting.append(heading[1])
        else:
            body.append(line)
    close()
    return found


def _of_table(content: str, name: str) -> list[tuple[str, str]]:
    table = tables.parse(content, name)
    if len(table.rows) > MOST_ROWS:
        raise UserError(f"{name} has more than {MOST_ROWS:,} rows; use a part of them.")
    # Words above words: a table does not know its first row for names.
    head, *rows = table.rows if table.names is None else [table.names, *table.rows]
    names = [cell.strip().lower() for cell in head]
    question, answer = (
        next(i for i, each in enumerate(names) if each in known) for known in (QUESTIONS, ANSWERS)
    )
    return [(row[question], row[answer]) for row in rows if len(row) > max(question, answer)]


def _named(questions: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The first question of each entry, shortened; a second one of that name gets a number."""
    found: dict[str, None] = {}
    for asked in questions:
        name = asked[0] if len(asked[0]) <= NAME else asked[0][: NAME - 2] + " …"
        again = (f"{name} ({i})" for i in range(2, len(found) + 3))
        found[next(one for one in (name, *again) if one not in found)] = None
    return tuple(found)


def _apart(pairs: Sequence[tuple[str, int]]) -> tuple[list[str], NDArray[np.int64]]:
    return [text for text, _ in pairs], np.array([number for _, number in pairs], np.int64)


def _some(given: Sequence[str], rows: NDArray[np.bool_]) -> list[str]:
    return [text for text, kept in zip(given, rows, strict=True) if kept]
