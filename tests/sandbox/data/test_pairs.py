"""Pairs of sentences: what is unseen is really new, and what cannot be learned from is said."""

from datetime import date

import numpy as np
import pytest

from sandbox.data import sentence_pairs, spoken_numbers
from sandbox.errors import UserError


def test_each_unseen_number_or_date_holds_a_composition_that_no_training_one_has(monkeypatch):
    monkeypatch.setattr(spoken_numbers, "number_in", lambda language, number: f"{number}")
    monkeypatch.setattr(spoken_numbers, "date_in", lambda language, day: day.isoformat())
    spoken_numbers.pairs.cache_clear()
    train, test = spoken_numbers.pairs("french", 4_000, 400, 3)
    spoken_numbers.pairs.cache_clear()
    learned = {part for text, _ in train for part in _compositions(text)}
    assert len(train) == 4_000 and len(test) == 400
    hidden = spoken_numbers.Hidden(np.random.default_rng(3))
    for text, _ in test:
        if "-" in text:
            assert hidden.has_date(date.fromisoformat(text))
            assert not set(_compositions(text)) <= learned
        else:
            assert not set(_compositions(text)) <= learned
    assert {part for part in learned if part[0] == "end"} >= {("end", i) for i in range(100)}


def _compositions(text: str) -> list[tuple[object, ...]]:
    """The kinds of composition that the module's docstring names, and the ends themselves."""
    if "-" in text:
        return [("day", *text.split("-")[1:])]
    above, below = divmod(int(text), 1000)
    found: list[tuple[object, ...]] = [("end", above % 100), ("end", below % 100)]
    found += [("hundreds", part // 100, part % 100) for part in (above, below) if part >= 100]
    return found + ([("thousands", above % 100, below % 100)] if above else [])


def test_dates_as_they_are_written():
    first = date(1999, 3, 1)
    assert spoken_numbers.date_in("english", first) == "Monday, 1 March 1999"
    assert spoken_numbers.date_in("french", first) == "lundi 1er mars 1999"
    assert spoken_numbers.date_in("german", first) == "Montag, 1. März 1999"
    assert spoken_numbers.date_in("spanish", first) == "lunes, 1 de marzo de 1999"


def test_sentences_that_differ_in_signs_stay_together(tmp_path):
    file = tmp_path / "pairs.tsv"
    lines = [f"Word {i}{sign}\tMot {i}{sign}\tby someone" for i in range(60) for sign in ".!?"]
    file.write_text("\n".join([*lines, "Word 7.\tParole 7.", "nothing behind it"]), encoding="utf-8")
    found = sentence_pairs.load(file)
    one, other = ({sentence_pairs.group_of(text) for text, _ in part} for part in (found.train, found.test))
    assert len(found.train) == 3 * 54 and len(found.test) == 18 and not one & other
    assert ("Mot 7.", "Parole 7.") in {known for _, known in (*found.train, *found.test)}
    assert found.notes == ("1 lines without a translation behind a tab were left out.",)
    turned = sentence_pairs.load(file, backwards=True)
    assert all(text.startswith(("Mot", "Parole")) for text, _ in turned.train)


def test_a_file_without_pairs_is_one_sentence(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("one line\nanother\n", encoding="utf-8")
    with pytest.raises(UserError, match="0 different sentences"):
        sentence_pairs.load(file)
