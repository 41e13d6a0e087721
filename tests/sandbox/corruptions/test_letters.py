"""Spoilt DNA and molecules: nothing at 0, much at the most, the same again."""

import numpy as np
import pytest

from sandbox import chemistry
from sandbox.corruptions.found import corruptions_of
from sandbox.data import dna
from sandbox.tasks.inputs.dna import Dna
from sandbox.tasks.inputs.smiles import Smiles

SEQUENCES = [dna.text(row) for row in np.random.default_rng(0).integers(0, 4, (20, 50))]
MOLECULES = ["CC(=O)Oc1ccccc1C(=O)O", "CN1CCCC1c1cccnc1", "OCC(O)CO"]
CASES = [(reader, some, name) for reader, some in ((Dna(), SEQUENCES), (Smiles(), MOLECULES))
         for name in corruptions_of(reader)]  # fmt: skip


@pytest.mark.parametrize(("reader", "some", "name"), CASES, ids=[name for _, _, name in CASES])
def test_nothing_at_0_much_at_the_most_and_the_same_again(reader, some, name):
    corruption = corruptions_of(reader)[name]
    assert list(corruption.apply(some, 0.0, 0)) == some
    spoilt = list(corruption.apply(some, corruption.most, 1))
    assert sum(one != other for one, other in zip(spoilt, some, strict=True)) > len(some) / 2
    assert spoilt == list(corruption.apply(some, corruption.most, 1))
    assert corruption.title and corruption.unit and corruption.why.endswith(".")
    assert [reader.encode(one) for one in spoilt]  # what is spoilt is an input still


def test_so_many_letters_mutate_and_each_into_another():
    spoilt = corruptions_of(Dna())["mutations"].apply(SEQUENCES, 0.25, 0)
    changed = np.mean([a != b for one, other in zip(spoilt, SEQUENCES, strict=True)
                       for a, b in zip(one, other, strict=True)])  # fmt: skip
    assert 0.2 < changed < 0.3


def test_a_molecule_read_as_carbon_keeps_its_shape():
    spoilt = corruptions_of(Smiles())["as_carbon"].apply(["OCC(O)CO"], 1.0, 0)
    assert spoilt == [chemistry.canonical("CCC(C)CC")]
