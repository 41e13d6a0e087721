"""Molecules: SMILES and files of them, designs and their figures, contributions of atoms."""

import json
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from apps.molecules import design, property, toxicity
from sandbox import chemistry
from sandbox.corruptions.smiles import as_carbon, other_spelling
from sandbox.data.formats import smiles
from sandbox.data.molecule_graphs import graph, joined
from sandbox.errors import UserError
from sandbox.metrics.molecules import design_scores
from sandbox.metrics.regression import regression_scores
from sandbox.tasks.families.closing_rules import ClosingRules
from sandbox.tasks.families.molecule_network import MessagePassing, MoleculePredictor, Target
from sandbox.tasks.families.molecule_property import PropertySettings, parted
from sandbox.tasks.families.molecule_writer import ANY, LEVELS, Orders, RandomEdits
from sandbox.tasks.families.ordered_network import OrderedNetwork

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def test_smiles_are_read_in_one_way_only():
    assert chemistry.read("OCC") == chemistry.read(" C(O)C ") == "CCO"
    assert chemistry.read("[Na+].CC(=O)[O-]") == "CC(=O)[O-]"
    for wrong in ("", "C1CC", "C(C)(C)(C)(C)C", "not a molecule", "C" * 300):
        with pytest.raises(UserError):
            chemistry.read(wrong)


def test_without_rdkit_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    monkeypatch.setitem(sys.modules, "rdkit.RDLogger", None)
    with pytest.raises(UserError, match="pip install rdkit"):
        chemistry.part("Chem")


def test_files_of_molecules(tmp_path):
    (tmp_path / "a.smi").write_text("CCO one\nOCC two\nnonsense\nc1ccccc1 three\n")
    found = smiles.read(tmp_path / "a.smi")
    assert found.smiles == ("CCO", "c1ccccc1") and len(found.notes) == 2
    (tmp_path / "b.csv").write_text("name,smiles,y,toxic\na,CCO,1.5,0\nb,CCN,,1\nc,CCC,2.5,1\n")
    found = smiles.read(tmp_path / "b.csv")
    assert smiles.numbers(found, "y") == [1.5, None, 2.5]
    with pytest.raises(UserError, match="y"):
        smiles.numbers(found, "why")
    (tmp_path / "c.csv").write_text("CCO,1\nc1ccccc1,2\nCCCl,3\n")
    assert len(smiles.read(tmp_path / "c.csv").smiles) == 3
    (tmp_path / "d.csv").write_text("a,b\nhello,1\nworld,2\n")
    with pytest.raises(UserError, match=r"no column of molecules"):
        smiles.read(tmp_path / "d.csv")
    (tmp_path / "e.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(UserError, match="cannot be unpacked"):
        smiles.read(tmp_path / "e.csv.gz")


def test_figures_of_designs_count_each_molecule_once():
    orders = np.array([chemistry.properties_of("CCO")] * 5)
    found = design_scores(["CCO", "OCC", "C1CC", "CCN", "CCCCCCCC"], orders, {"CCN"})
    assert found["valid"].mean == pytest.approx(0.8)
    assert found["unique"].mean == pytest.approx(0.75)
    assert found["new"].mean == pytest.approx(2 / 3)
    assert found["as_ordered"].mean == pytest.approx(0.2)  # the first ethanol alone
    nothing = design_scores(["C1CC"], orders[:1], set())
    assert nothing["valid"].mean == nothing["unique"].mean == 0


def test_an_order_is_two_letters_and_an_open_one_says_so():
    orders = Orders.of(np.stack([np.arange(8) / 4, 9.0 + np.arange(8)], 1))
    assert len({orders.text([value / 4, 9.0]) for value in range(8)}) == 8
    assert orders.text([0.3, 9.2]) == orders.text([0.25, 9.0])
    assert orders.text([np.nan, 0.0])[0] == ANY and len(orders.text([1e9, -1e9])) == 2
    wide = Orders.of(np.stack([np.linspace(-50, 50, 5_000)] * 2, 1))
    assert max(map(len, wide.levels)) <= LEVELS


def test_edits_are_valid_molecules_and_repeat_with_their_seed():
    some = [ASPIRIN, "CCO", "c1ccccc1"]
    rows = np.array([chemistry.properties_of(one) for one in some])
    edits = RandomEdits(some, rows)
    designs = edits.design(np.repeat(rows, 10, 0), range(30))
    assert all(chemistry.molecule(one) is not None for one in designs)
    assert designs == edits.design(np.repeat(rows, 10, 0), range(30))
    assert len({*designs} - {*some}) > 20


@pytest.fixture
def chains(tmp_path):
    """Settings and molecules of which each letter adds as much as in all others."""
    words = ["C" * n + end for n in range(1, 60) for end in ("O", "N", "Cl", "F")]
    (tmp_path / "own.smi").write_text("\n".join(words))
    settings = replace(design.TASK.settings(), hidden=32, context=32, batch_size=8, steps=5, held_out=0.1)
    return settings, design.TASK.load(settings, str(tmp_path / "own.smi"))


def test_what_is_open_of_an_order_is_counted_down(chains):
    torch.manual_seed(0)
    writer: Any = design.TASK.prepare(*chains, seed=0, device=torch.device("cpu")).predictor
    some = ["CCCCCCCCCCCCCCCO", "CCCCCCCCCCN"]
    orders = [writer.orders.text(chemistry.properties_of(one)) for one in some]
    text = "".join(f"\n{order}{one}" for order, one in zip(orders, some, strict=True)) + f"\n{ANY}{ANY}CC"
    tokens = torch.from_numpy(writer.encode(text))[None]
    letters = writer.model.letters[tokens]
    whole, _ = writer.model.open(tokens, letters, None)
    left = 8 * whole[0, :, :2]
    # logP within the half step that letters are apart, atoms exactly, in units of what is near enough.
    assert abs(left[18, 0]) < 0.4 and abs(left[18, 1]) < 0.1 and abs(left[32]).max() < 0.5
    assert left[2, 1] == pytest.approx(8.0, abs=0.3) and left[21, 1] > 5
    assert not whole[0, 33:].any()  # nothing is ordered
    for cut in (1, 3, 10, 20, 35):
        first, held = writer.model.open(tokens[:, :cut], letters[:, :cut], None)
        then, _ = writer.model.open(tokens[:, cut:], letters[:, cut:], held[0])
        torch.testing.assert_close(torch.cat([first, then], 1), whole)


def test_open_brackets_and_rings_are_counted():
    network = OrderedNetwork(6, "lstm", 8)
    no_order = np.zeros((6, 2), np.float32)
    network.tell(no_order, no_order, ["?", "\n", "(", ")", "2", "C"])
    tokens = torch.tensor([[1, 5, 2, 5, 4, 3, 2, 2, 5, 4, 1, 5]])  # \n C ( C 2 ) ( ( C 2 \n C
    found, _ = network.open(tokens, tokens, None)
    depth, rings = found[0, :, 8] * 3, found[0, :, 10:19]
    assert depth.tolist() == [0, 0, 1, 1, 1, 0, 1, 2, 2, 2, 0, 0]
    assert rings[:, 1].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0] and rings.sum() == 5


def test_atoms_of_open_rings_are_counted_along_the_ring():
    pieces = ["?", "\n", *"()12cC"]
    network = OrderedNetwork(len(pieces), "lstm", 8)
    no_order = np.zeros((len(pieces), 2), np.float32)
    network.tell(no_order, no_order, pieces)
    tokens = torch.tensor([[pieces.index(one) for one in "\nCc1ccc(CC2CC2)cc1\nC1CC1"]])
    found, _ = network.open(tokens, tokens, None)
    sizes = (6 * found[0, :, 19:21]).round().int()
    assert sizes[:, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 4, 5, 6, 0, 0, 0, 1, 2, 3, 0]
    assert sizes[:, 1].tolist() == [0] * 10 + [1, 2, 3] + [0] * 11
    for cut in (4, 8, 11, 13, 16, 19):
        first, held = network.open(tokens[:, :cut], tokens[:, :cut], None)
        then, _ = network.open(tokens[:, cut:], tokens[:, cut:], held[0])
        torch.testing.assert_close(torch.cat([first, then], 1), found)


def test_of_several_texts_the_one_is_taken_that_leaves_least_open(chains):
    torch.manual_seed(0)
    settings, split = chains
    training = design.TASK.prepare(replace(settings, tries=6), split, seed=0, device=torch.device("cpu"))
    writer: Any = training.predictor
    texts = iter(["CCCCCC", "C1", "CCCCCCCCO", "CCCCCCCCN", "CCO", "CCCCCCCCCCCO"])
    writer._written = lambda prompts, draws: [next(texts)]
    assert writer.design(np.array([chemistry.properties_of("CCCCCCCCO")]), [0]) == ["CCCCCCCCO"]


BONDED = [
    "C[C@@H](N)C(=O)O",
    "CC[NH+](C)CC#N",
    "CS(=O)(=O)c1cc[nH]c1Cl",
    "O=[N+]([O-])C=CBr",
    "C1CC2CCC1C2",
    ASPIRIN,
]


def test_letters_that_the_closing_rules_allow_make_molecules():
    texts = [chemistry.kekule(one) for one in BONDED]
    rules, generator = ClosingRules.of(texts), np.random.default_rng(0)
    assert [rules.most[name] for name in ("C", "N", "S", "Cl", "[NH+]", "[C@@H]")] == [4, 3, 6, 1, 3, 3]
    for one in texts:  # none of their own letters is forbidden
        text = rules.begin()
        for place, letter in enumerate(one + "\n"):
            assert letter in text.allowed(120 - place), (one, place)
            text.add(letter)
    for _ in range(60):
        text, found = rules.begin(), ""
        for place in range(120):
            letter = str(generator.choice(sorted(text.allowed(120 - place))))
            if letter == "\n":
                break
            found += letter
            text.add(letter)
        assert chemistry.molecule(found) is not None, found


def test_closing_rules_forbid_what_no_molecule_may_go_on_with():
    rules = ClosingRules({"C": 4, "O": 2, "F": 1, "c": 3})
    for begun, forbidden in {
        "C": ")", "C(": "()\n1", "C=": "\n=F(", "C1": "1\n", "C1C": "1F", "C1CC": "\n", "CF": "CO(1=",
        "CC(C)(C)(C)": "CF(=", "C(F": "\n1C", "C(=": "1", "c1cccc": "\n", "CO": "#=",
    }.items():  # fmt: skip
        text = rules.begin()
        for letter in begun:
            text.add(letter)
        allowed = set(text.allowed(99))
        assert allowed and not allowed & set(forbidden), (begun, allowed)
    long = rules.begin()
    for letter in "C1C(C2C(":
        long.add(letter)
    rest = ""
    while (letter := long.allowed(15 - len(rest))[0]) != "\n":
        rest += letter
        long.add(letter)
    assert len(rest) < 15 and chemistry.molecule(f"C1C(C2C({rest}") is not None


def test_spelling_every_double_bond_writes_the_same_molecule():
    for one in BONDED:
        assert chemistry.canonical(chemistry.kekule(one)) == chemistry.canonical(one)
        assert not set(chemistry.kekule(one)) & set("cnos")


def test_a_network_that_learned_nothing_writes_molecules_by_the_rules(chains):
    settings, split = chains
    torch.manual_seed(0)
    settings = replace(settings, tries=1, spelling="kekule", closing_rules=True)
    training = design.TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    writer: Any = training.predictor
    designs = writer.predict(split.test.inputs)
    assert all(chemistry.molecule(one) is not None for one in designs)
    again = design.TASK.predictor(training.learner.model_state(), json.loads(json.dumps(training.meta)))
    assert again.predict(split.test.inputs) == designs
    found = design.TASK.measure(writer, split.test)
    assert found["valid"].mean == 1 and found["valid_without_rules"].mean < 1 > found["free_valid"].mean
    assert "free_valid" not in design.TASK.measure(writer, split.test.some(4))


@pytest.mark.thorough
def test_a_writer_designs_the_same_alone_and_in_a_batch(chains):
    settings, split = chains
    torch.manual_seed(0)
    for block in ("lstm", "attention"):
        training = design.TASK.prepare(
            replace(settings, block=block), split, seed=0, device=torch.device("cpu")
        )
        writer: Any = training.predictor
        some = list(split.test.inputs[:4])
        assert writer.predict(some) == [writer.predict([one])[0] for one in some]
        assert writer.predict(some) != writer.predict(some, 1)


def test_a_network_hears_along_bonds_only_and_its_atoms_add_up():
    torch.manual_seed(0)
    model = MessagePassing(16, 2).eval()
    predictor = MoleculePredictor(model, Target("y", mean=3.0, scale=2.0))
    alone = predictor.predict([ASPIRIN])
    both = predictor.predict(["CCO", ASPIRIN, "C"])
    np.testing.assert_allclose(alone[0], both[1], atol=1e-4)
    again = predictor.predict([chemistry.spelled(ASPIRIN, 3)])
    np.testing.assert_allclose(alone, again, atol=1e-4)
    found, rest = predictor.contributions(ASPIRIN)
    assert len(found) == 13 and found.sum() + rest == pytest.approx(float(alone[0, 0]), abs=1e-3)
    # Two rounds reach two bonds: the far end of a chain hears nothing of a change.
    long, other = (model.contributions(joined([graph(one)])) for one in ("CCCCCCO", "CCCCCCN"))
    assert torch.allclose(long[:3], other[:3]) and not torch.allclose(long[4:], other[4:])


def test_no_scaffold_is_on_both_sides():
    path = chemistry.shipped("FreeWilson/data/CHEMBL2321810.smi")
    some = smiles.read(path).smiles[:200]
    learned, unseen = parted(some, PropertySettings())
    assert sorted([*learned, *unseen]) == list(range(200)) and 20 <= len(unseen) <= 40
    known = {chemistry.scaffold(some[i]) for i in learned}
    assert not known & {chemistry.scaffold(some[i]) for i in unseen}


def test_another_spelling_is_the_same_molecule_and_carbon_is_carbon():
    assert [chemistry.canonical(one) for one in other_spelling([ASPIRIN], 1.0, 0)] == [
        chemistry.canonical(ASPIRIN)
    ]
    assert set(as_carbon([ASPIRIN], 1.0, 0)[0].upper()) <= set("C123()=")
    assert as_carbon([ASPIRIN], 0.0, 0) == [ASPIRIN]


def test_regression_figures():
    found = regression_scores(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert found["rmse"].mean == pytest.approx((4 / 3) ** 0.5)
    assert found["mae"].mean == pytest.approx(2 / 3)


def test_the_column_is_found_out(tmp_path):
    rows = "".join(f"{'C' * (i + 1)}O,{i / 2},{i % 2}\n" for i in range(40))
    (tmp_path / "own.csv").write_text("smiles,amount,toxic\n" + rows)
    settings = PropertySettings(split="random")
    assert property.TASK.load(settings, str(tmp_path / "own.csv")).target.name == "amount"
    found = toxicity.TASK.load(settings, str(tmp_path / "own.csv")).target
    assert found.name == "toxic" and found.classes
    with pytest.raises(UserError, match="no column 'amont'"):
        property.TASK.load(replace(settings, target="amont"), str(tmp_path / "own.csv"))


@pytest.mark.thorough
def test_the_real_sets(real_data):
    folder = real_data("molecules")
    esol = property.TASK.load(PropertySettings(), str(folder / "delaney-processed.csv"))
    assert esol.target.name == "measured log solubility in mols per litre" and len(esol.train) > 880
    tox = toxicity.TASK.load(PropertySettings(), str(folder / "tox21.csv.gz"))
    assert tox.target.name == "NR-AhR" and 0.05 < tox.train.targets.mean() < 0.2
