"""Sentences in two languages from a table: what is the same but for signs stays in one part of the split."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sandbox.data.formats import texts
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_BYTES, MOST_PAIRS, LONGEST = 50_000_000, 200_000, 400
"""Of a file; pairs that are read; characters of a sentence."""
LEAST = 20
"""Different sentences to translate."""
HELD_OUT, MOST_TESTED = 0.1, 2_000


@dataclass(frozen=True, kw_only=True)
class SentencePairs:
    """Sentences with all their known translations.

    Attributes:
        train: sentences to learn from, each with its translations.
        test: unseen ones.
        notes: what was left out, one sentence each.
    """

    train: Sequence[tuple[str, tuple[str, ...]]]
    test: Sequence[tuple[str, tuple[str, ...]]]
    notes: tuple[str, ...] = ()


def load(path: Path, seed: int = 0, backwards: bool = False) -> SentencePairs:
    """The pairs of a file: a sentence, a tab and its translation in each line, and perhaps more.

    A tenth of the sentences is unseen. Those that differ in capitals and signs only are one group, which is
    learned or unseen as a whole. A sentence may come in several lines, with other translations.

    Args:
        path: the file.
        seed: decides which are unseen.
        backwards: whether the second column is translated into the first.

    Raises:
        UserError: it cannot be read, or has too few pairs; says why.
    """
    name = path_text(path)
    found: dict[str, dict[str, None]] = {}
    short = long = 0
    for line in texts.read(path, MOST_BYTES).split("\n"):
        if not line.strip():
            continue
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        if len(cells) < 2 or not cells[0] or not cells[1]:
            short += 1
            continue
        if max(map(len, cells[:2])) > LONGEST:
            long += 1
            continue
        source, target = (cells[1], cells[0]) if backwards else (cells[0], cells[1])
        found.setdefault(source, {}).setdefault(target)
    if sum(map(len, found.values())) > MOST_PAIRS:
        raise UserError(f"{name} has more than {MOST_PAIRS:,} pairs; use a part of them.")
    groups: dict[str, list[str]] = {}
    for source in found:
        groups.setdefault(group_of(source), []).append(source)
    if len(groups) < LEAST:
        raise UserError(
            f"{name} has {len(groups):,} different sentences with a translation behind a tab; "
            f"it needs {LEAST} at least."
        )
    order = np.random.default_rng(seed).permutation(len(groups))
    count = min(MOST_TESTED, max(1, round(HELD_OUT * len(groups))))
    aside, members = set(order[:count].tolist()), list(groups.values())
    notes = [f"{short:,} lines without a translation behind a tab were left out."] if short else []
    if long:
        notes.append(f"{long:,} pairs with more than {LONGEST} characters were left out.")
    parts = {
        unseen: [one for i, group in enumerate(members) if (i in aside) == unseen for one in group]
        for unseen in (False, True)
    }
    return SentencePairs(
        train=[(source, tuple(found[source])) for source in parts[False]],
        test=[(source, tuple(found[source])) for source in parts[True]],
        notes=tuple(notes),
    )


def group_of(sentence: str) -> str:
    """The words of a sentence without capitals and signs; of one without words itself."""
    return " ".join(re.findall(r"\w+", sentence.lower())) or sentence
