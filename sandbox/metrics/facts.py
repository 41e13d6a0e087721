"""How much of what a caption says of a picture is right: fact by fact, not word by word.

- Of a scene a fact is what there is at a place, its colour there, or its size there.
- Of any other caption a fact is a word.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from sandbox.data.described_scenes import COLOURS, PLACES, SHAPES, SIZES
from sandbox.metrics.scores import Metric, PerExample, Scores

FACTS = Metric(
    "facts",
    "facts right",
    unit="%",
    digits=1,
    help="The facts in which caption and picture agree, as a share of the facts of the one that has more.",
)
_THING = re.compile(
    rf"an? ({'|'.join(SIZES)}) ({'|'.join(COLOURS)}) ({'|'.join(SHAPES)}) "
    rf"({'|'.join(sorted(PLACES, key=len, reverse=True))})"
)


def facts_of(text: str, like: str) -> Counter[tuple[str, ...]]:
    """The facts that a caption states, of the kind that another caption states.

    Args:
        text: the caption.
        like: a known caption of the same picture.
    """
    if all(_THING.fullmatch(part) for part in like.split(", ")):
        found: Counter[tuple[str, ...]] = Counter()
        for part in text.split(","):
            if thing := _THING.fullmatch(part.strip()):
                size, colour, shape, place = thing.groups()
                found.update([(place, shape), (place, colour), (place, size)])
        return found
    return Counter((word,) for word in re.findall(r"\w+", text.lower()))


def fact_scores(captions: Sequence[str], known: Sequence[Sequence[str]]) -> dict[str, Scores]:
    """What captions are judged by.

    Args:
        captions: one for each picture.
        known: right captions of each picture, at least one; the nearest counts.

    Returns:
        `facts`, the mean share of facts that are right, and `exact`, the share of captions with no other.
    """
    shares = np.array([share_of(*pair) for pair in zip(captions, known, strict=True)])
    return {FACTS.name: PerExample(shares), "exact": PerExample((shares == 1).astype(np.float64))}


def share_of(caption: str, known: Sequence[str]) -> float:
    """How much of a caption is right, by the nearest of the known ones."""
    return max(_agreement(caption, one) for one in known)


def _agreement(caption: str, known: str) -> float:
    said, true = facts_of(caption, known), facts_of(known, known)
    return (said & true).total() / max(said.total(), true.total(), 1)
