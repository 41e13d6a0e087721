"""Texts with labels: a CSV file, or JSON lists as intent data sets have them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """

    train: Sequence[str]
    train_labels: NDArray[np.int64]
    test: Sequence[str]
    test_labels: NDArray[np.int64]
    classes: tuple[str, ...]
    outside: Sequence[str] = ()
    notes: tuple[str, ...] = ()


def load(path: Path, text_column: str = "", label_column: str = "", split_seed: int = 0) -> LabelledTexts:
    """The labelled texts of a CSV or JSON file.

    Raises:
        UserError: it cannot be read, or has no texts with labels; says why.
    """
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
    pairs = [(row[text], row[label]) for row in rows if len(row) > max(text, label)]
    found, notes = _clean(pairs, len(rows))
    return _split(found, name, split_seed, notes)


def from_json(path: Path, split_seed: int = 0) -> LabelledTexts:
    """Lists of `[text, label]`, named `train` and `test`, or one list; `oos_test` has those of no class.

    That is the form of CLINC150 (Larson et al. 2019). `val` is left alone.

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
    train, notes = _clean(_pairs(content["train"], name), len(content["train"]))
    test, more = _clean(_pairs(content["test"], name), len(content["test"]))
    outside = [text for text, _ in _pairs(content.get(f"{OUTSIDE}_test", []), name)]
    learned = {text for text, _ in train}
    outside += [text for text, label in test if label == OUTSIDE]
    test = [pair for pair in test if pair[1] != OUTSIDE]
    unseen = [pair for pair in test if pair[0] not in learned]
    if len(unseen) < len(test):
        more = (*more, f"{len(test) - len(unseen):,} test texts are also learned from, and left out.")
    train = [pair for pair in train if pair[1] != OUTSIDE]
    classes = _classes(train, name)
    strange = sorted({label for _, label in unseen} - set(classes))
    if strange:
        raise UserError(f"{name} tests a class {strange[0][:40]!r} that it does not teach.")
    return LabelledTexts(
        train=[text for text, _ in train],
        train_labels=_numbers(train, classes),
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
