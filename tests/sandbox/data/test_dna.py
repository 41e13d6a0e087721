"""DNA: strands, shuffles, FASTA files, and a motif that is where it is said to be."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from sandbox.data import dna, planted_motif
from sandbox.data.formats import fasta
from sandbox.errors import UserError
from sandbox.metrics.motif import Sites, match, motif_match


def test_the_other_strand():
    assert dna.reverse_complement("AACGTN") == "NACGTT"


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffle_keeps_all_pairs_of_letters_and_its_ends(seed):
    generator = np.random.default_rng(seed)
    sequence = dna.text(generator.integers(0, 4, 60))
    found = dna.shuffled(sequence, generator)
    assert found != sequence and (found[0], found[-1]) == (sequence[0], sequence[-1])
    assert Counter(pairwise(found)) == Counter(pairwise(sequence))


def test_fasta():
    found = fasta.parse(">one\nacg\nUN\n\n>one\nTTT\n", "a.fa")
    assert list(found.values()) == ["ACGTN", "TTT"] and len(found) == 2
    assert list(fasta.parse("ACGT", "a").values()) == ["ACGT"]
    assert len(fasta.middle("A" * 5_000)) == fasta.LONGEST


@pytest.mark.parametrize("content", ["", ">only a name\n", ">one\nACGT\nPROTEIN"])
def test_what_is_no_dna_is_one_sentence(content):
    with pytest.raises(UserError) as refusal:
        fasta.parse(content, "a.fa")
    assert "a.fa" in str(refusal.value)


def test_a_planted_motif_has_its_information_and_its_sites():
    found = planted_motif.draw(400, 60, 19.0, 0, 1)
    assert planted_motif.information(found.motif).sum() == pytest.approx(19, abs=0.01)
    word = dna.text(found.motif.argmax(1))
    either = (word, dna.reverse_complement(word))
    held = np.array([any(one in sequence for one in either) for sequence in found.sequences])
    assert held[found.labels == 1].mean() > 0.7 > 0.05 > held[found.labels == 0].mean()


def test_a_motif_matches_itself_shifted_and_turned_and_no_other():
    motif, other = (planted_motif.matrix(14.0, np.random.default_rng(seed)) for seed in (0, 1))
    longer = np.vstack([np.full((3, 4), 0.25), motif])
    assert match(longer, motif) == pytest.approx(1)
    assert match(longer[::-1, ::-1], motif) == pytest.approx(1)
    assert match(other, motif) < 0.6
    windows = dna.one_hot(np.random.default_rng(2).integers(0, 4, (50, 10)))
    sites = [Sites(windows, np.arange(50)), Sites(windows[:0], np.arange(0))]
    assert motif_match(sites, motif, 50).mean == pytest.approx(match(sites[0].motif(), motif), abs=1e-6)
