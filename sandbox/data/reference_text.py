"""Python's own reference text: the topics that `help("for")` shows, which come with every Python.

About 80 topics of the language reference, 460,000 characters; how many depends on the version. Sections of
the reference stand in several topics, so a paragraph is kept only where it is met first, in the longest one.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from sandbox.data.labelled_texts import LabelledTexts
from sandbox.data.passages import passages

NAME = "Python's reference text"
LICENCE = "PSF License; Python Software Foundation, The Python Language Reference"
SHORT = 60
"""Characters of a paragraph below which it may come again: `For example:`."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "special methods": ("specialnames", "customization", "attribute-access", "context-managers"),
    "statements": (
        *("compound", "assignment", "import", "raise", "global", "nonlocal", "assert", "return", "del"),
        *("break", "continue", "pass", "async", "augassign"),
    ),
    "types": ("types", "typesmapping", "objects", "booleans", "specialattrs", "typesmethods", "integers"),
    "text": ("formatstrings", "string-methods", "strings"),
    "sequences": ("typesseq", "sequence-types", "typesseq-mutable", "subscriptions", "slicings", "lists"),
    "debugger": ("debugger",),
    "expressions": (
        *("comparisons", "operator-summary", "calls", "binary", "power", "unary", "bitwise", "lambda"),
        *("exprlists", "dict", "attribute-references", "yield", "truth"),
    ),
    "names": ("execmodel", "naming", "identifiers", "atom-identifiers"),
}
"""Parts of the reference, and their topics; which of them there are depends on the version."""
BLOCK, PASSAGE = 5, 400
"""Passages that lie side by side and stay together when a part is divided, and characters of each."""
HELD_OUT = 0.25
LEAST = 500
"""Characters that a topic must have left to count."""


@lru_cache(maxsize=1)
def topics() -> Mapping[str, str]:
    """Text by topic, no longer paragraph twice; the longest topic first."""
    from pydoc_data.topics import topics as found

    seen: set[str] = set()
    kept: dict[str, str] = {}
    for name in sorted(found, key=lambda name: (-len(found[name]), name)):
        paragraphs = []
        for paragraph in re.split(r"\n[ \t]*\n", found[name]):
            words = " ".join(paragraph.split())
            if len(words) < SHORT or words not in seen:
                seen.add(words)
                paragraphs.append(paragraph)
        text = "\n\n".join(paragraphs).strip("\n") + "\n"
        if len(text) >= LEAST:
            kept[name] = text
    return kept


def parts(seed: int = 0) -> LabelledTexts:
    """Passages of the reference, and the part of each; a quarter is unseen, in blocks of neighbours."""
    found: dict[bool, list[tuple[str, int]]] = {False: [], True: []}
    generator = np.random.default_rng(seed)
    for number, names in enumerate(PARTS.values()):
        blocks = []
        for name in names:
            pieces = [piece.strip() for piece in passages(topics().get(name, ""), PASSAGE)]
            pieces = [piece for piece in pieces if len(piece) >= SHORT]
            blocks += [pieces[i : i + BLOCK] for i in range(0, len(pieces), BLOCK)]
        aside = set(generator.permutation(len(blocks))[: round(HELD_OUT * len(blocks))].tolist())
        for place, block in enumerate(blocks):
            found[place in aside] += [(piece, number) for piece in block]
    known = {piece for piece, _ in found[False]}
    test = [pair for pair in found[True] if pair[0] not in known]
    return LabelledTexts(
        train=[piece for piece, _ in found[False]],
        train_labels=np.array([number for _, number in found[False]]),
        test=[piece for piece, _ in test],
        test_labels=np.array([number for _, number in test]),
        classes=tuple(PARTS),
    )
