"""A table with a class in each row: from a CSV file as people have them, or one that ships with a library."""

import importlib.util
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import tables
from sandbox.data.formats.tables import Table
from sandbox.data.labelled_images import split_by_class
from sandbox.errors import UserError, did_you_mean
from sandbox.files import path_text

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 50_000_000, 200_000, 500
MOST_CLASSES, MOST_LEVELS, LEAST_ROWS = 50, 50, 10
HELD_OUT = 1 / 3
MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-", "."})
"""How tables say that a value is missing, in lower case."""
NUCLEI = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
"""What was measured of each cell nucleus."""


@dataclass(frozen=True)
class ClassTable:
    """Rows with classes, split once and for all.

    Attributes:
        name: what the table is called.
        names: of the columns.
        levels: categories of each column; None for numbers.
        classes: names of the classes.
        train: (N, F) rows as `sandbox.data.columns` says.
        train_labels: (N,) numbers of their classes.
        test: (M, F) unseen rows.
        test_labels: (M,).
        source: where it comes from, with its licence.
        notes: what was left out or changed while reading.
    """

    name: str
    names: tuple[str, ...]
    levels: tuple[tuple[str, ...] | None, ...]
    classes: tuple[str, ...]
    train: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test: NDArray[np.float32]
    test_labels: NDArray[np.int64]
    source: str = ""
    notes: tuple[str, ...] = ()


def breast_cancer(split_seed: int = 0) -> ClassTable:
    """Measurements of cell nuclei in 569 fine-needle aspirates. Street, Wolberg & Mangasarian 1993.

    Raises:
        UserError: scikit-learn is not installed.
    """
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise UserError("The table ships with scikit-learn, which is not installed; run make setup.")
    path = Path(next(iter(package.submodule_search_locations))) / "datasets" / "data" / "breast_cancer.csv"
    if path.exists():  # importing scikit-learn takes a second, reading its file a few milliseconds
        table = np.loadtxt(path, delimiter=",", skiprows=1)
    else:
        import sklearn.datasets

        data, target = sklearn.datasets.load_breast_cancer(return_X_y=True)
        table = np.column_stack([data, target])
    names = [f"{one} {what}" for one in ("mean", "error of", "worst") for what in NUCLEI]
    labels = 1 - table[:, -1].astype(np.int64)  # the file says 1 for benign; what is looked for comes second
    return _split(
        "cell nuclei of breast tissue",
        names,
        [None] * len(names),
        ("benign", "malignant"),
        table[:, :-1],
        labels,
        split_seed,
        source="UCI Breast Cancer Wisconsin (Diagnostic), as in scikit-learn (CC BY 4.0)",
    )


def load(path: Path, label: str = "", split_seed: int = 0) -> ClassTable:
    """Read a CSV file; a third of the rows of each class is unseen.

    Args:
        path: of the file.
        label: name of the column with the classes, or its number from 1; the last one if empty.
        split_seed: decides which rows are unseen.

    Raises:
        UserError: it cannot be read, or holds nothing to learn from; says why.
    """
    said = path_text(path.name)
    table = tables.parse(tables.text_of(path, MOST_BYTES), said)
    names, width = names_of(table), max(map(len, table.rows), default=0)
    if not 2 <= width <= MOST_COLUMNS:
        raise UserError(f"{said} has {width} columns; a class and 1 to {MOST_COLUMNS - 1} others are needed.")
    if len(table.rows) > MOST_ROWS:
        raise UserError(f"{said} has {len(table.rows):,} rows; {MOST_ROWS:,} are the most.")
    which, notes = _label_column(table, names, label, said), []
    kept = [row for row in table.rows if len(row) == width and not missing(row[which])]
    if len(kept) < len(table.rows):
        left = len(table.rows) - len(kept)
        notes.append(
            f"{left:,} of {len(table.rows):,} rows have no class or another number of cells: left out."
        )
    if len(kept) < LEAST_ROWS:
        raise UserError(f"{said} has {len(kept)} rows with a class; at least {LEAST_ROWS} are needed.")
    classes, labels, rare = _classes(table, [row[which] for row in kept], names[which], said)
    if rare:
        kept = [row for row, label in zip(kept, labels, strict=True) if label >= 0]
        labels = labels[labels >= 0]
        notes.append(f"Classes with a single row are left out: {', '.join(rare[:5])}.")
    numeric, columns, levels, used = set(table.numeric()), [], [], []
    for i in range(width):
        if i in (which, table.counter):
            continue
        cells = [row[i] for row in kept]
        values, known, why = _numbers(table, cells) if i in numeric else _categories(cells)
        if why:
            notes.append(f"The column {names[i]} is left out: {why}.")
            continue
        strange = sum(
            np.isnan(value) and not missing(cell) for value, cell in zip(values, cells, strict=True)
        )
        if strange:
            notes.append(
                f"{strange:,} values of {names[i]} are none that can be used; they count as missing."
            )
        columns.append(values)
        levels.append(known)
        used.append(names[i])
    if not columns:
        raise UserError(f"{said} has no column besides the class {names[which]} that says anything.")
    return _split(said, used, levels, classes, np.column_stack(columns), labels, split_seed, notes=notes)


def names_of(table: Table) -> list[str]:
    """Names of a table's columns, `column 1` and so on where it has none; each once."""
    width = max([*map(len, table.rows), len(table.names or ())], default=0)
    said = table.names or []
    if 2 * len(said) < width:  # a line about the table, and no names
        said = []
    found: list[str] = []
    for i in range(width):
        name = (said[i] if i < len(said) else "")[:60] or f"column {i + 1}"
        found.append(name if name not in found else f"{name} ({i + 1})")
    return found


def missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


def _label_column(table: Table, names: Sequence[str], label: str, said: str) -> int:
    if not label:
        return max(map(len, table.rows)) - 1
    if label in names:
        return names.index(label)
    if label.isdecimal() and 1 <= int(label) <= len(names):
        return int(label) - 1
    hint = did_you_mean(label, names) or f" There are {', '.join(names[:8])}{', …' * (len(names) > 8)}."
    raise UserError(f"{said} has no column {label!r}.{hint}")


def _classes(
    table: Table, cells: Sequence[str], name: str, said: str
) -> tuple[tuple[str, ...], NDArray[np.int64], list[str]]:
    """Names of the classes, the number of each cell's, -1 for a class that has a single row, and those."""
    numbers = [table.number(cell) for cell in cells]
    # 0 and 0.0 are one class; `yes.` in one part of a set and `yes` in the other are, too.
    texts = [
        f"{value:.9g}" if value is not None else cell.rstrip(".")[:60]
        for value, cell in zip(numbers, cells, strict=True)
    ]
    counts = Counter(texts)
    if len(counts) < 2:
        raise UserError(f"Every class of {said} in column {name} is {texts[0][:40]}; two are needed.")
    if len(counts) > MOST_CLASSES:
        raise UserError(
            f"{said} has {len(counts):,} different values in column {name}; at most {MOST_CLASSES} "
            f"classes can be "
            "told apart. Does another column hold the class? The setting label names it."
        )
    number = all(value is not None for value in numbers)
    rare = [text[:40] for text, count in counts.items() if count < 2]
    common = [text for text, count in counts.items() if count > 1]
    if len(common) < 2:
        raise UserError(f"{said} has fewer than two classes with more than one row in column {name}.")
    classes = sorted(common, key=float) if number else sorted(common)
    places = {text: i for i, text in enumerate(classes)}
    return tuple(classes), np.array([places.get(text, -1) for text in texts]), rare


def _numbers(table: Table, cells: Sequence[str]) -> tuple[NDArray[np.float64], None, str]:
    found = [None if missing(cell) else table.number(cell) for cell in cells]
    values = np.array([np.nan if value is None or abs(value) > 1e30 else value for value in found])
    there = values[~np.isnan(values)]
    flat = not len(there) or there.min() == there.max()
    return (
        values,
        None,
        "it is the same in every row"
        if flat and not np.isnan(values).any()
        else ("it holds no two values" if flat else ""),
    )


def _categories(cells: Sequence[str]) -> tuple[NDArray[np.float64], tuple[str, ...], str]:
    counts = Counter(cell[:60] for cell in cells if not missing(cell))
    total = sum(counts.values())
    if len(counts) < 2:
        return np.zeros(0), (), "it is the same in every row" if counts else "it is empty"
    if len(counts) > max(10, total / 2):
        return np.zeros(0), (), f"nearly every row has its own text ({len(counts):,} of {total:,})"
    levels = tuple(sorted(level for level, _ in counts.most_common(MOST_LEVELS)))
    places = {level: float(i) for i, level in enumerate(levels)}
    return np.array([places.get(cell[:60], np.nan) for cell in cells]), levels, ""


def _split(
    name: str,
    names: Sequence[str],
    levels: Sequence[tuple[str, ...] | None],
    classes: tuple[str, ...],
    rows: NDArray[np.floating],
    labels: NDArray[np.int64],
    seed: int,
    *,
    source: str = "",
    notes: Sequence[str] = (),
) -> ClassTable:
    """Rows that say the same are on one side, whatever their class."""
    rows = rows.astype(np.float32)
    _, firsts, group = np.unique([row.tobytes() for row in rows], return_index=True, return_inverse=True)
    _, held_out = split_by_class(labels[firsts].tolist(), HELD_OUT, seed)
    unseen = np.isin(group, held_out.numpy())
    train, test = np.flatnonzero(~unseen), np.flatnonzero(unseen)
    told = list(notes)
    if len(firsts) < len(rows):
        repeated = len(rows) - len(firsts)
        told.append(f"{repeated:,} rows repeat what another says; rows that say the same are on one side.")
    return ClassTable(
        name=name,
        names=tuple(names),
        levels=tuple(levels),
        classes=classes,
        train=rows[train],
        train_labels=labels[train],
        test=rows[test],
        test_labels=labels[test],
        source=source,
        notes=tuple(told),
    )
