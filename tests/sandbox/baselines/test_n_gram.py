"""Counted groups of characters, against a plain implementation of the same equation."""

from collections import Counter

import numpy as np
import pytest

from sandbox.baselines.compression import Xz
from sandbox.baselines.n_gram import NGram
from sandbox.data.reference_text import topics
from sandbox.data.subwords import characters_of, learn
from sandbox.errors import UserError
from sandbox.tasks.writer import Drawing

pytestmark = pytest.mark.thorough

TEXT = topics()["debugger"][:4_000]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_add_up_to_one(order):
    counted = NGram([TEXT], characters_of(TEXT), order)
    for prompt in ("", "The deb", "☃", "zqx", "\n\n"):
        found = counted.probabilities(counted.begin(counted.encode(prompt)))
        assert found.sum() == pytest.approx(1) and (found > 0).all()


def test_bits_are_those_of_the_probabilities():
    counted = NGram([TEXT], characters_of(TEXT), 4)
    text = "A debugger, and ☃"
    tokens = counted.encode(text)
    state, found = counted.begin(tokens[:0]), []
    for token in tokens:
        found.append(-np.log2(counted.probabilities(state)[token]))
        state = counted.advance(state, int(token))
    assert counted.bits_of(tokens) == pytest.approx(found)


def test_kneser_and_ney_as_they_wrote_it():
    """Order 3 by dictionaries."""
    vocabulary = characters_of(TEXT)
    counted = NGram([TEXT], vocabulary, 3)
    row = [*counted.start.tolist(), *vocabulary.encode(TEXT).tolist()]
    grams = {n: [tuple(row[i : i + n]) for i in range(len(row) - n + 1)] for n in (1, 2, 3)}
    counts = {3: Counter(grams[3])}
    for n in (2, 1):  # different tokens before each
        counts[n] = Counter(gram[1:] for gram in set(grams[n + 1]))

    def probability(history: tuple[int, ...], token: int) -> float:
        n = len(history) + 1
        lower = probability(history[1:], token) if history else 1 / len(vocabulary)
        same = {gram: count for gram, count in counts[n].items() if gram[:-1] == history}
        if not same:
            return lower
        values = list(counts[n].values())
        once, twice = values.count(1), values.count(2)
        discount = once / (once + 2 * twice) if once and twice else 0.5
        total = sum(same.values())
        return (max(counts[n][(*history, token)] - discount, 0) + discount * len(same) * lower) / total

    text = "in the debugger"
    tokens = counted.encode(text)
    whole = [*counted.start.tolist(), *tokens.tolist()]
    wanted = [-np.log2(probability(tuple(whole[max(0, i - 2) : i]), whole[i])) for i in range(1, len(whole))]
    assert counted.bits_of(tokens) == pytest.approx(wanted)


def test_a_large_vocabulary_keeps_groups_within_64_bits():
    vocabulary = learn("".join(topics().values())[:60_000], 3_000)
    counted = NGram([TEXT], vocabulary, 9)
    assert len(vocabulary) ** counted.order < 2**63
    assert counted.probabilities(counted.begin(counted.encode("The "))).sum() == pytest.approx(1)


def test_seen_text_costs_less_than_other_text_and_less_than_xz():
    counted, packed = NGram([TEXT], characters_of(TEXT), 5), Xz([TEXT])
    other = topics()["execmodel"][:1_000]
    for one in (counted, packed):
        seen, unseen = one.total_bits([TEXT[:1_000], other])
        assert seen < unseen / 2
    with pytest.raises(UserError):
        packed.predict(["a"])


def test_the_same_seed_writes_the_same():
    counted = NGram([TEXT], characters_of(TEXT), 5)
    assert counted.predict(["The "]) == counted.predict(["The "])
    assert len(counted.write("The ", Drawing(length=33))) == 33
