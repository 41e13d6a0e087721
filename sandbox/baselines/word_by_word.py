"""Translate word by word, with a dictionary that is learned from pairs of sentences. Brown et al. 1993."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sandbox.tasks.inputs.text import Text
from sandbox.tasks.outputs.translation import Translation

ROUNDS = 5
NOTHING = ""
"""Stands in every sentence for words of the translation that translate none of its words."""


class WordByWord:
    """IBM model 1: how often a word stands for another is counted, and counted again with what is known then.

    Each word is then replaced by its most probable translation, in its place; unknown ones stay.

    Args:
        pairs: sentences with a translation.
        input: how a sentence is read.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], input: Text) -> None:
        self.pairs, self.input, self.output = pairs, input, Translation()

    @cached_property
    def dictionary(self) -> dict[str, str]:
        """The most probable translation of each word; found when it is first asked for."""
        counted = Counter((tuple(words(one)), tuple(words(other))) for one, other in self.pairs)
        chance: dict[str, dict[str, float]] = {}
        for _ in range(ROUNDS):
            found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
            for (source, target), times in counted.items():
                known = (*source, NOTHING)
                for word in target:
                    shares = [chance[one].get(word, 0.0) if chance else 1.0 for one in known]
                    total = sum(shares)
                    for one, share in zip(known, shares, strict=True):
                        if share > 1e-6 * total:
                            found[one][word] += times * share / total
            chance = {
                one: {word: count / sum(counts.values()) for word, count in counts.items()}
                for one, counts in found.items()
            }
        return {one: max(counts, key=lambda word: counts[word]) for one, counts in chance.items()}

    def predict(self, inputs: Any) -> list[str]:
        """Each text with its words replaced."""
        return [
            "".join(
                self.dictionary.get(part, part)
                for part in map(str, re.findall(r"\s+|\w+|[^\w\s]", str(text)))
            )
            for text in inputs
        ]


def words(text: str) -> list[str]:
    """Words and signs."""
    return re.findall(r"\w+|[^\w\s]", text)
