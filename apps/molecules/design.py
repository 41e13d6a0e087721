"""Design molecules to order: a language model writes them, letter by letter, in SMILES.

Each training molecule has two letters before it, which say how oily (logP) and how large it is. To order one,
begin with these letters. At every letter the network is told what is left open of the order, by sums that it
has fitted to the training molecules. By default it learns from 9,997 molecules of a screening library that
come with rdkit; a tenth is unseen, and their properties are what is ordered when it is measured.

With closing rules, as the preset `zinc` has them, letters are forbidden after which a text could not end as
a molecule. With every double bond written (`spelling` kekule) hardly a text fails then, whoever writes it.
What the network learned by itself say the figures `valid_without_rules` and, without orders, `free_valid`.

Network and rival have the same means: rdkit says of at most 20 texts or edits for each design whether they
are molecules, and no property of a design is computed before it is judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sandbox import chemistry
from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import lstm_cell
from sandbox.data.formats import smiles
from sandbox.data.formats.smiles import Molecules
from sandbox.tasks.families.closing_rules import Text
from sandbox.tasks.families.molecule_design import OWN_MOLECULES, DesignSettings, MoleculeDesign
from sandbox.tasks.families.molecule_writer import MoleculeWriter, Orders
from sandbox.tasks.families.ordered_network import OrderedNetwork
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

WEHI = "Pains/test_data/wehi_mols.csv"
FAST = DesignSettings(
    hidden=256, context=48, groups=0, temperature=0.5, steps=2_000, batch_size=32, learning_rate=0.004
)


class Design(MoleculeDesign):
    """Molecules as ordered."""

    title = "Can a network design molecules to order?"
    method = "design"
    presets: ClassVar[Mapping[str, DesignSettings]] = {
        "fast": FAST,
        "best": replace(FAST, hidden=512, steps=8_000, dropout=0.2, designs=10_000),
        # Ten minutes on one core for 24,445 molecules of ZINC; each design is written once.
        "zinc": replace(
            FAST,
            hidden=384,
            steps=10_500,
            dropout=0.1,
            learning_rate=0.003,
            temperature=0.7,
            spelling="kekule",
            closing_rules=True,
            tries=1,
            designs=10_000,
        ),
        "attention": replace(FAST, block="attention", hidden=128, depth=3, context=64, learning_rate=0.002),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "short", "best": "longest", "zinc": "one text each"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("wehi", "a screening library", "9,997 molecules of a library that come with rdkit."),
        *public("zinc-24k"),
        OWN_MOLECULES,
    )
    references: ClassVar[Sequence[Reference]] = (
        Reference(
            figure="97.5 % valid, without orders",
            method="an LSTM (CharRNN)",
            hardware="1.6 million molecules of another part of ZINC, a GPU",
            source="MOSES, Polykovskiy et al. 2020",
            data="zinc-24k",
        ),
        Reference(
            figure="100 % valid by construction, without orders",
            method="rings and bonds put together instead of letters (JT-VAE)",
            hardware="1.6 million molecules of another part of ZINC, a GPU",
            source="MOSES, Polykovskiy et al. 2020",
            data="zinc-24k",
        ),
    )
    code: ClassVar[Sequence[Any]] = (OrderedNetwork, lstm_cell, attend, Orders, Text, MoleculeWriter)

    def molecules(self, source: Source) -> tuple[Molecules, About]:
        """The molecules that come with rdkit."""
        found = smiles.read(chemistry.shipped(WEHI))
        about = About("a screening library", "molecules", "with rdkit, BSD 3-clause; Baell & Holloway 2010")
        return found, replace(about, notes=found.notes)


TASK = Design()
