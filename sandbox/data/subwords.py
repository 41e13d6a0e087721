"""Text as numbers: one for each character, or for each piece of a word that is often seen.

Pieces are found by byte-pair encoding: begin with characters, and join the two neighbours that are seen most
often, again and again. Gage 1994; Sennrich, Haddow & Birch 2016. No piece reaches beyond a word with the
space before it.
"""

import heapq
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Int64
from numpy.typing import NDArray

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for every character that is not in the vocabulary; number 0."""
MOST_CHARACTERS = 400
"""Of the vocabulary; rarer ones are unknown."""
MOST_MERGES = 20_000
_WORDS = re.compile(r" ?[^\W\d_]+| ?\d| ?[^\w\s]+|\s+(?!\S)|\s|_+")
"""A word, number or signs with the space before them, or white space."""
MOST_KEPT = 50_000
"""Words whose pieces are remembered."""


@dataclass(frozen=True)
class Vocabulary:
    """Characters, and pieces joined from them.

    Attributes:
        characters: known ones, without `UNKNOWN`; their numbers begin with 1.
        merges: pairs of numbers that are joined, the first joined first; each makes the next number.
    """

    characters: str
    merges: Sequence[tuple[int, int]] = ()

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The text of each number."""
        pieces = [UNKNOWN, *self.characters]
        for left, right in self.merges:
            pieces.append(pieces[left] + pieces[right])
        return tuple(pieces)

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, text: str) -> Int64[np.ndarray, " N"]:
        """The numbers of a text."""
        if not self.merges:
            return self._of_characters(text)
        found: list[int] = []
        for word in _WORDS.findall(text):
            found += self._of_word(word)
        return np.asarray(found, np.int64)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of numbers."""
        return "".join(self.pieces[number] for number in numbers)

    def unknown(self, text: str) -> int:
        """How many characters of a text are not in the vocabulary."""
        return int((self._of_characters(text) == 0).sum())

    def to_json(self) -> dict[str, Any]:
        """What `from_json` takes again."""
        return {"characters": self.characters, "merges": [list(pair) for pair in self.merges]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Vocabulary":
        """A vocabulary as `to_json` gave it.

        Raises:
            ValueError: a pair joins pieces that are not there before it.
        """
        characters = str(values["characters"])
        merges = tuple((int(left), int(right)) for left, right in values["merges"])
        for place, pair in enumerate(merges):
            if not 0 < min(pair) <= max(pair) <= len(characters) + place:
                raise ValueError(f"the vocabulary joins {pair}, which it does not have")
        return cls(characters, merges)

    @cached_property
    def _known(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Code points of the characters in order, and their numbers."""
        points = _points(self.characters)
        order = np.argsort(points)
        return points[order], order + 1

    @cached_property
    def _ranks(self) -> dict[tuple[int, int], int]:
        return {(left, right): rank for rank, (left, right) in enumerate(self.merges)}

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        """Pieces of words that were met before."""
        return {}

    def _of_characters(self, text: str) -> Int64[np.ndarray, " N"]:
        points = _points(text)
        known, numbers = self._known
        if not len(known):
            return np.zeros(len(points), np.int64)
        places = np.minimum(np.searchsorted(known, points), len(known) - 1)
        return np.where(known[places] == points, numbers[places], 0).astype(np.int64)

    def _of_word(self, word: str) -> list[int]:
        if word in self._words:
            return self._words[word]
        ranks = self._ranks
        parts: list[int] = self._of_characters(word).tolist()
        first = 1 + len(self.characters)
        while len(parts) > 1:
            best = min(itertools.pairwise(parts), key=lambda pair: ranks.get(pair, len(ranks)))
            if best not in ranks:
                break
            parts = _joined(parts, best, first + ranks[best])
        if len(self._words) < MOST_KEPT:
            self._words[word] = parts
        return parts


def characters_of(text: str) -> Vocabulary:
    """The characters of a text, at most the `MOST_CHARACTERS` most frequent, in the order of Unicode."""
    counts = Counter(text)
    counts.pop(UNKNOWN, None)
    usual = sorted(character for character, _ in counts.most_common(MOST_CHARACTERS))
    return Vocabulary("".join(usual))


def learn(text: str, size: int) -> Vocabulary:
    """Find the pieces of a text.

    Args:
        text: to learn from.
        size: of the vocabulary; not above that of the characters, it has these alone. Fewer pieces come out
            of a text in which no pair is seen twice.
    """
    base = characters_of(text)
    first = len(base)
    words = Counter(_WORDS.findall(text))
    rows = [base.encode(word).tolist() for word in words]
    counts = list(words.values())
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    where: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row, (parts, count) in enumerate(zip(rows, counts, strict=True)):
        for pair in itertools.pairwise(parts):
            pairs[pair] += count
            where[pair].add(row)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    merges: list[tuple[int, int]] = []
    while len(merges) < min(size - first, MOST_MERGES) and heap:
        said, best = heapq.heappop(heap)
        count = pairs.get(best, 0)
        if -said != count:  # it has changed since it was put here
            if count > 1:
                heapq.heappush(heap, (-count, best))
            continue
        if count < 2:
            break
        if 0 in best:
            continue
        merges.append(best)
        changed: set[tuple[int, int]] = set()
        for row in where.pop(best):
            parts = rows[row]
            for pair in itertools.pairwise(parts):
                pairs[pair] -= counts[row]
            rows[row] = parts = _joined(parts, best, first + len(merges) - 1)
            for pair in itertools.pairwise(parts):
                pairs[pair] += counts[row]
                where[pair].add(row)
                changed.add(pair)
        for pair in changed:
            heapq.heappush(heap, (-pairs[pair], pair))
    return Vocabulary(base.characters, tuple(merges))


def _points(text: str) -> NDArray[np.int64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def _joined(parts: Sequence[int], pair: tuple[int, int], number: int) -> list[int]:
    """The parts with every such pair made one."""
    found: list[int] = []
    i = 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            found.append(number)
            i += 2
        else:
            found.append(parts[i])
            i += 1
    return found
