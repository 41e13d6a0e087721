"""BM25 against its formula, written out."""

import math

import numpy as np
import pytest

from sandbox.baselines.bm25 import BM25, K1, B

TEXTS = ["the cat sat on the mat", "a dog", "the dog chased the cat and the other cat"]


def by_hand(query: str, text: str) -> float:
    words = [each.split() for each in TEXTS]
    mean = sum(map(len, words)) / len(words)
    total = 0.0
    for word in query.split():
        have = sum(word in each for each in words)
        count = text.split().count(word)
        rarity = math.log(1 + (len(TEXTS) - have + 0.5) / (have + 0.5))
        total += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * len(text.split()) / mean))
    return total


@pytest.mark.parametrize("query", ["cat", "the dog", "cat dog mat", "bird"])
def test_scores_are_those_of_the_formula(query):
    expected = [by_hand(query, text) for text in TEXTS]
    assert BM25(TEXTS).scores([query])[0] == pytest.approx(expected, abs=1e-5)


def test_words_count_in_any_case_and_what_nobody_has_counts_nothing():
    found = BM25(TEXTS).scores(["DOG!", "", "☃"])
    assert found[0].argmax() == 1 and not np.any(found[1:])
