"""Characters and subwords."""

import itertools
from collections import Counter

import pytest

from sandbox.data import subwords
from sandbox.data.reference_text import topics
from sandbox.data.subwords import Vocabulary, characters_of, learn

TEXT = "low low low low low lower lower newest newest newest newest newest newest widest widest widest"


def reference(text: str, merges: int) -> list[str]:
    """Sennrich, Haddow & Birch 2016, figure 1: count all pairs anew for each merge."""
    words = {tuple(word): count for word, count in Counter(subwords._WORDS.findall(text)).items()}
    order = {character: i for i, character in enumerate(["?", *sorted(set(text))])}
    found = []
    for _ in range(merges):
        pairs = Counter()
        for word, count in words.items():
            for pair in itertools.pairwise(word):
                pairs[pair] += count
        best = min(pairs, key=lambda pair: (-pairs[pair], order[pair[0]], order[pair[1]]))
        order["".join(best)] = len(order)
        found.append("".join(best))
        joined = {}
        for word, count in words.items():
            parts, i = [], 0
            while i < len(word):
                two = word[i : i + 2] == best
                parts.append("".join(best) if two else word[i])
                i += 2 if two else 1
            joined[tuple(parts)] = count
        words = joined
    return found


def test_the_same_pieces_as_counting_all_pairs_anew():
    vocabulary = learn(TEXT, len(characters_of(TEXT)) + 12)
    assert list(vocabulary.pieces[len(characters_of(TEXT)) :]) == reference(TEXT, 12)


def test_pieces_are_joined_within_words_only_and_decode_to_the_text():
    text = topics()["debugger"]
    vocabulary = learn(text, 400)
    numbers = vocabulary.encode(text)
    assert vocabulary.decode(numbers) == text
    assert len(text) / len(numbers) > 2 and len(vocabulary) == 400
    assert not any(" " in piece.strip() for piece in vocabulary.pieces)


def test_unknown_characters_are_counted():
    vocabulary = characters_of("abc")
    assert vocabulary.encode("abxé☃").tolist() == [1, 2, 0, 0, 0]
    assert vocabulary.unknown("abxé☃") == 3
    assert vocabulary.decode([1, 0]) == "a" + subwords.UNKNOWN


def test_a_vocabulary_survives_json():
    vocabulary = learn(TEXT, 30)
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again.pieces == vocabulary.pieces
    assert again.encode("lowest newer").tolist() == vocabulary.encode("lowest newer").tolist()


@pytest.mark.parametrize("text", ["", "a", "\ud800", "a\nb  \n\n c"])
def test_odd_texts(text):
    vocabulary = learn("a\nb  \n\n c a b", 20)
    assert len(vocabulary.encode(text)) <= max(1, len(text))
