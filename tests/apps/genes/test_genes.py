"""Motifs in DNA: found by counting and by a network, in the same direction, from one's own files."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from apps.genes.motif import TASK
from sandbox.baselines.motif_scan import MotifScan, canonical, enriched, word_counts
from sandbox.data import dna
from sandbox.errors import UserError
from sandbox.metrics.motif import match
from sandbox.tasks.families.motif_network import MotifClassifier, MotifNetwork


def test_words_count_the_same_on_either_strand():
    some = [dna.text(row) for row in np.random.default_rng(0).integers(0, 4, (4, 40))]
    other = [dna.reverse_complement(one) for one in some]
    counts = word_counts(some, 3)
    assert (counts == word_counts(other, 3)).all() and counts.shape == (4, len(canonical(3)) == 32 and 32)
    assert (counts.sum(1) == 38).all()


def test_counting_finds_a_planted_word_and_a_matrix_near_it():
    generator = np.random.default_rng(0)
    rows = generator.integers(0, 4, (300, 50))
    rows[::2, 20:28] = dna.numbers("GATTACAG")
    some, labels = [dna.text(row) for row in rows], (np.arange(300) % 2 == 0).astype(int)
    word = dna.text(enriched(some, labels))
    assert word in ("GATTACAG", dna.reverse_complement("GATTACAG"))
    scan = MotifScan(some, labels, MotifClassifier(MotifNetwork(1, 4, (), 2), ("a", "b")).input, None)  # pyright: ignore[reportArgumentType]
    assert match(scan.motif, dna.one_hot(dna.numbers("GATTACAG")) * 0.96 + 0.01) > 0.95
    assert (scan.predict(some).argmax(1) == labels).mean() > 0.97


def test_a_network_says_the_same_of_both_strands_and_of_what_is_filled_up():
    torch.manual_seed(0)
    predictor = MotifClassifier(MotifNetwork(6, 8, (5,), 2), ("no", "yes"))
    some = [dna.text(row) for row in np.random.default_rng(1).integers(0, 4, (5, 30))]
    answers = predictor.predict(some)
    turned = predictor.predict([dna.reverse_complement(one) for one in some])
    np.testing.assert_allclose(answers, turned, atol=1e-5)
    np.testing.assert_allclose(answers[:1], predictor.predict([some[0], "A" * 90])[:1], atol=0.2)
    for sites in predictor.sites(some):
        assert (sites.windows.sum(-1) == 1).all()


@pytest.mark.thorough
def test_a_network_finds_the_planted_motif():
    settings = replace(TASK.settings(), examples=1_000, bits=16.0, steps=400, filters=8)
    split = TASK.load(settings, None)
    torch.manual_seed(0)
    training = TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    for step in range(training.total):
        training.learner.step(training.batches(step))
    found = TASK.measure(training.predictor, split.test)
    assert found["auc"].mean > 0.9 and found["motif_match"].mean > 0.85


def fasta_of(path, count, seed, word=""):
    rows = np.random.default_rng(seed).integers(0, 4, (count, 40))
    path.write_text("".join(f">{i}\n{dna.text(row)}{word}\n" for i, row in enumerate(rows)))
    return path


def test_one_file_is_told_from_its_own_shuffles_and_two_from_each_other(tmp_path):
    split = TASK.load(TASK.settings(), str(fasta_of(tmp_path / "bound.fa", 40, 0)))
    assert split.classes == ("shuffled", "bound") and (len(split.train), len(split.test)) == (60, 20)
    assert not set(split.train.inputs) & set(split.test.inputs)
    fasta_of(tmp_path / "a.fa", 20, 1)
    two = TASK.load(TASK.settings(), str(fasta_of(tmp_path / "bound.fa", 40, 0).parent))
    assert two.classes == ("a", "bound") and sum(two.train.targets) == 30
    fasta_of(tmp_path / "c.fa", 20, 2)
    with pytest.raises(UserError, match="3 FASTA files"):
        TASK.load(TASK.settings(), str(tmp_path))
    with pytest.raises(UserError, match="8 are needed"):
        TASK.load(TASK.settings(), str(fasta_of(tmp_path / "few.fa", 3, 0)))
