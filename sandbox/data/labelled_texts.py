"""Texts with labels: a CSV file, JSON lists as intent data sets have them, or a folder of such a set."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import tables, texts
from sandbox.errors import UserError, did_you_mean
from sandbox.files import path_text

MOST_BYTES, MOST_ROWS, MOST_CLASSES = 50_000_000, 500_000, 1_000
LONGEST = 20_000
"""Characters of a text; the rest is left out."""
HELD_OUT = 0.25
PARTS = ("train", "test")
"""Lists or files of a set that its makers have divided."""
LEAST = 2
"""Texts of a class; one is unseen."""
OUTSIDE = "oos"
"""Label, and beginning of a list's name, of texts that belong to no class."""


@dataclass(frozen=True, kw_only=True)
class LabelledTexts:
    """Texts to learn from and unseen ones, with the numbers of their classes.

    Attributes:
        train: texts.
        train_labels: (N,).
        test: unseen texts.
        test_labels: (M,).
        classes: their names.
        outside: unseen texts that belong to no class.
        notes: what was left out, one sentence each.
        aside: texts that are neither learned from nor tested on, to choose a threshold by.
        aside_labels: (A,).
    """

    train: Sequence[str]
    train_labels: NDArray[np.int64]
    test: Sequence[str]
    test_labels: NDArray[np.int64]
    classes: tuple[str, ...]
    outside: Sequence[str] = ()
    notes: tuple[str, ...] = ()
    aside: Sequence[str] = ()
    aside_labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


def load(path: Path, text_column: str = "", label_column: str = "", split_seed: int = 0) -> LabelledTexts:
    """The labelled texts of a CSV or JSON file; of a folder with a JSON file, or `train.csv` and `test.csv`.

    Raises:
        UserError: it cannot be read, or has no texts with labels; says why.
    """
    if path.is_dir():
        lists = sorted(path.glob("*.json"))
        if not lists or all((path / f"{part}.csv").is_file() for part in PARTS):
            return from_tables(path, text_column, label_column)
        path = lists[0]
    if path.suffix.lower() == ".json":
        return from_json(path, split_seed)
    return from_table(path, text_column, label_column, split_seed)


def from_table(path: Path, text_column: str, label_column: str, split_seed: int) -> LabelledTexts:
    """The texts of a table, a row for each; a quarter of each class is unseen.

    The columns go by name, else by what is in them: the one with the longest cells holds the texts, and that
    with the fewest different ones the labels.

    Raises:
        UserError: as `load`.
    """
    pairs, count = _table(path, text_column, label_column)
    found, notes = _clean(pairs, count)
    return _split(found, path_text(path), split_seed, notes)


def from_tables(folder: Path, text_column: str = "", label_column: str = "") -> LabelledTexts:
    """The texts of `train.csv` and `test.csv`, as their makers have divided them.

    Raises:
        UserError: as `load`.
    """
    train, test = (_table(folder / f"{part}.csv", text_column, label_column) for part in PARTS)
    return _divided(_clean(*train), _clean(*test), [], path_text(folder))


def _table(path: Path, text_column: str, label_column: str) -> tuple[list[tuple[str, str]], int]:
    """Pairs of a text and its label, and how many rows there are."""
    name = path_text(path)
    table = tables.parse(texts.read(path, MOST_BYTES), name)
    if len(table.rows) > MOST_ROWS:
        raise UserError(f"{name} has more than {MOST_ROWS:,} rows; use a part of them.")
    names, rows = table.names, table.rows
    if names is None and table.rows:  # words above words: the first row may be names all the same
        names, rows = _names(table.rows)
    width = max(map(len, rows), default=0)
    if width < 2:
        raise UserError(f"{name} needs two columns, a text and its label; it has {width}.")
    text, label = _columns(name, names, rows, text_column, label_column)
    return [(row[text], row[label]) for row in rows if len(row) > max(text, label)], len(rows)


def from_json(path: Path, split_seed: int = 0) -> LabelledTexts:
    """Lists of `[text, label]`, named `train` and `test`, or one list; `oos_test` has those of no class.

    That is the form of CLINC150 (Larson et al. 2019). `val` is kept aside.

    Raises:
        UserError: as `load`.
    """
    name = path_text(path)
    try:
        content = json.loads(texts.read(path, MOST_BYTES))
    except (json.JSONDecodeError, RecursionError):
        raise UserError(f"{name} is not a JSON file.") from None
    if isinstance(content, list):
        found, notes = _clean(_pairs(content, name), len(content))
        return _split(found, name, split_seed, notes)
    if not isinstance(content, Mapping) or not {"train", "test"} <= set(content):
        raise UserError(f"{name} needs lists `train` and `test` of pairs, a text and its label.")
    train, test, aside = (_pairs(content.get(part, []), name) for part in (*PARTS, "val"))
    outside = [text for text, _ in _pairs(content.get(f"{OUTSIDE}_test", []), name)]
    found = _divided(_clean(train, len(train)), _clean(test, len(test)), outside, name)
    seen = {*found.train, *found.test}
    kept = [pair for pair in _clean(aside, len(aside))[0] if pair[0] not in seen and pair[1] in found.classes]
    return replace(found, aside=[text for text, _ in kept], aside_labels=_numbers(kept, found.classes))


def _divided(
    train: tuple[list[tuple[str, str]], tuple[str, ...]],
    test: tuple[list[tuple[str, str]], tuple[str, ...]],
    outside: Sequence[str],
    name: str,
) -> LabelledTexts:
    """What makers have divided, each part with what was left out of it; no text is in both."""
    (learned, notes), (tested, more) = train, test
    known = {text for text, _ in learned}
    outside = [*outside, *(text for text, label in tested if label == OUTSIDE)]
    tested = [pair for pair in tested if pair[1] != OUTSIDE]
    unseen = [pair for pair in tested if pair[0] not in known]
    if len(unseen) < len(tested):
        more = (*more, f"{len(tested) - len(unseen):,} test texts are also learned from, and left out.")
    learned = [pair for pair in learned if pair[1] != OUTSIDE]
    classes = _classes(learned, name)
    strange = sorted({label for _, label in unseen} - set(classes))
    if strange:
        raise UserError(f"{name} tests a class {strange[0][:40]!r} that it does not teach.")
    return LabelledTexts(
        train=[text for text, _ in learned],
        train_labels=_numbers(learned, classes),
        test=[text for text, _ in unseen],
        test_labels=_numbers(unseen, classes),
        classes=classes,
        outside=outside,
        notes=(*notes, *more),
    )


def _pairs(rows: Any, name: str) -> list[tuple[str, str]]:
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise UserError(f"{name} needs lists of at most {MOST_ROWS:,} pairs, a text and its label.")
    for row in rows:
        if not isinstance(row, list) or len(row) != 2 or not all(isinstance(cell, str) for cell in row):
            raise UserError(f"{name} needs pairs of a text and its label, not {str(row)[:60]!r}.")
    return [(row[0], row[1]) for row in rows]


def _names(rows: list[list[str]]) -> tuple[list[str] | None, list[list[str]]]:
    """Names in the first row of a table of words: its cells come nowhere else, and are short."""
    first, rest = rows[0], rows[1:]
    usual = ("text", "sentence", "utterance", "message", "comment", "review", "query", "content", "title")
    labels = ("label", "class", "category", "intent", "topic", "target", "sentiment", "tag")
    said = {cell.strip().lower() for cell in first}
    return (first, rest) if said & {*usual, *labels} else (None, rows)


def _columns(
    name: str, names: Sequence[str] | None, rows: Sequence[Sequence[str]], text: str, label: str
) -> tuple[int, int]:
    """Which columns hold texts and labels."""
    width = max(map(len, rows))
    cells = [[row[i] for row in rows[:2_000] if i < len(row)] for i in range(width)]

    def place(column: str) -> int:
        if column.isdecimal() and 1 <= int(column) <= width:
            return int(column) - 1
        if names is None or column not in names:
            hint = did_you_mean(column, names or ()) or f" It has {', '.join(names or ['no names'])[:200]}."
            raise UserError(f"{name} has no column {column!r}.{hint}")
        return list(names).index(column)

    lengths = [float(np.mean([len(cell) for cell in column] or [0])) for column in cells]
    texts_at = place(text) if text else max(range(width), key=lengths.__getitem__)
    if label:
        return texts_at, place(label)
    others = [i for i in range(width) if i != texts_at and len(set(cells[i])) > 1]
    if not others:
        raise UserError(f"{name} has no column of labels: each other column says the same everywhere.")
    return texts_at, min(others, key=lambda i: len(set(cells[i])))


def _clean(pairs: Sequence[tuple[str, str]], count: int) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Without empty cells, and each text once; and what was left out."""
    found: dict[str, str] = {}
    repeated = empty = 0
    for text, label in pairs:
        words, label = text.strip()[:LONGEST], label.strip()
        if not words or not label:
            empty += 1
        elif words in found:
            repeated += 1
        else:
            found[words] = label
    empty += count - len(pairs)
    notes = [f"{empty:,} rows without a text or a label were left out."] if empty else []
    if repeated:
        notes.append(f"{repeated:,} texts that come again were left out.")
    return list(found.items()), tuple(notes)


def _split(pairs: Sequence[tuple[str, str]], name: str, seed: int, notes: tuple[str, ...]) -> LabelledTexts:
    """A quarter of each class unseen, at least one text."""
    outside = [text for text, label in pairs if label == OUTSIDE]
    pairs = [pair for pair in pairs if pair[1] != OUTSIDE]
    by_class: dict[str, list[str]] = {}
    for text, label in pairs:
        by_class.setdefault(label, []).append(text)
    few = [label for label, members in by_class.items() if len(members) < LEAST]
    if few:
        notes = (*notes, f"{len(few):,} classes with a single text were left out, such as {few[0][:40]}.")
    kept = [pair for pair in pairs if pair[1] not in few]
    classes = _classes(kept, name)
    generator = np.random.default_rng(seed)
    train: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for label in classes:
        members = by_class[label]
        order = generator.permutation(len(members))
        cut = max(1, round(HELD_OUT * len(members)))
        test += [(members[i], label) for i in order[:cut]]
        train += [(members[i], label) for i in order[cut:]]
    return LabelledTexts(
        train=[text for text, _ in train],
        train_labels=_numbers(train, classes),
        test=[text for text, _ in test],
        test_labels=_numbers(test, classes),
        classes=classes,
        outside=outside,
        notes=notes,
    )


def _classes(pairs: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    classes = tuple(sorted({label for _, label in pairs}))
    if len(classes) < 2:
        raise UserError(f"{name} has {len(classes)} class; two are needed to tell them apart.")
    if len(classes) > MOST_CLASSES:
        raise UserError(
            f"{name} has {len(classes):,} different labels; at most {MOST_CLASSES:,} are told apart."
        )
    return classes


def _numbers(pairs: Sequence[tuple[str, str]], classes: Sequence[str]) -> NDArray[np.int64]:
    number = {label: i for i, label in enumerate(classes)}
    return np.array([number[label] for _, label in pairs], np.int64)
