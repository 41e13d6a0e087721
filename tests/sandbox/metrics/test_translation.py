"""BLEU and chrF beside sacrebleu's figures, and what an exact translation is."""

import pytest

from sandbox.metrics.translation import translation_scores

ANSWERS = [
    "The cat sat on the mat.",
    "Il fait beau aujourd'hui, n'est-ce pas ?",
    "deux mille soixante-dix",
    "Je suis 1,5 fois plus grand (presque).",
    "ok",
]
REFERENCES = [
    ["A cat sat on a mat.", "The cat is on the mat."],
    ["Il fait beau aujourd’hui, non ?"],
    ["deux mille soixante et onze"],
    ["Je suis 1,5 fois plus grand, presque.", "Je suis plus grand."],
    ["d'accord"],
]


def test_the_figures_of_sacrebleu():
    """sacrebleu 2.6.0, corpus_bleu and corpus_chrf with their defaults."""
    found = translation_scores(ANSWERS, REFERENCES)
    assert found["bleu"].mean == pytest.approx(45.86541941155504)
    assert found["chrf"].mean == pytest.approx(70.3961712898214)


def test_one_of_several_references_is_enough_and_an_empty_answer_counts_nothing():
    found = translation_scores(["Va !", " Salut. ", ""], [["Marche.", "Va !"], ["Salut."], ["Oui."]])
    assert found["exact"].mean == pytest.approx(2 / 3)
    nothing = translation_scores([""], [["Oui."]])
    assert [nothing[name].mean for name in ("exact", "bleu", "chrf")] == [0, 0, 0]
