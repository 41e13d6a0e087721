"""Tell a property of a molecule, such as its solubility, and what each atom adds to it.

By default that is logP, how much more a molecule likes oil than water, computed for 4,000 molecules of a
library that comes with rdkit: there is a rule behind it, so it can be checked whether the network finds it.
The second set is measured: how strongly 1,017 molecules block a sodium channel. ESOL (Delaney 2004) is
measured solubility. Unseen molecules have other ring systems than the learned ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from sandbox import chemistry
from sandbox.data.formats import smiles
from sandbox.data.formats.smiles import Molecules
from sandbox.data.molecule_graphs import graph
from sandbox.errors import UserError
from sandbox.tasks.families.molecule_network import MessagePassing
from sandbox.tasks.families.molecule_property import (
    OWN_PROPERTIES,
    Labelled,
    MoleculeProperty,
    PropertySettings,
)
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

WEHI, FEWER = "Pains/test_data/wehi_mols.csv", 4_000
CHANNEL = "FreeWilson/data/CHEMBL2321810"


class Property(MoleculeProperty):
    """A number that belongs to a molecule."""

    title = "Can a network tell a property of a molecule from its atoms?"
    method = "tell a property"
    presets: ClassVar[Mapping[str, PropertySettings]] = {
        "fast": PropertySettings(),
        "descriptors": PropertySettings(descriptors=True, dropout=0.2),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "fast": "atoms only",
        "descriptors": "atoms and descriptors",
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "logp",
            "logP, computed",
            "4,000 molecules that come with rdkit, with a logP that a rule computes.",
        ),
        Source(
            "sodium-channel",
            "blocking a sodium channel",
            "1,017 molecules of one series, with the measured pIC50; they come with rdkit.",
        ),
        *public("esol"),
        OWN_PROPERTIES,
    )
    references: ClassVar[Sequence[Reference]] = (
        Reference(
            figure="0.58 RMSE, random split",
            method="a message passing network",
            hardware="not given",
            source="MoleculeNet, Wu et al. 2018",
            data="esol",
        ),
    )
    code: ClassVar[Sequence[Any]] = (MessagePassing, graph)

    def load_named(self, settings: PropertySettings, source: Source) -> tuple[Labelled, About]:
        """What comes with rdkit."""
        if source.name == "logp":
            found = smiles.read(chemistry.shipped(WEHI))
            some = found.smiles[:FEWER]
            values = np.array([chemistry.properties_of(one)[0] for one in some])
            licence = "with rdkit, BSD 3-clause; Baell & Holloway 2010; logP of Wildman & Crippen 1999"
            notes = (*found.notes, "This logP is computed by a rule, and not measured.")
            return Labelled(some, values, "logP"), About("computed logP", "molecules", licence, notes=notes)
        found = smiles.read(chemistry.shipped(f"{CHANNEL}.smi"))
        lines = chemistry.shipped(f"{CHANNEL}_act.csv").read_text(encoding="utf-8").split()[1:]
        measured = dict(line.split(",") for line in lines)
        names = [cells["column 2"] for cells in found.cells]
        kept = [i for i, name in enumerate(names) if name in measured]
        values = np.array([float(measured[names[i]]) for i in kept])
        about = About(
            "blocking a sodium channel", "molecules", "with rdkit, BSD 3-clause; ChEMBL, CC BY-SA 3.0"
        )
        return Labelled([found.smiles[i] for i in kept], values, "pIC50"), replace(about, notes=found.notes)

    def of_table(self, found: Molecules, column: str) -> Labelled:
        """Molecules with a number in a column, by default the last that has numbers in most rows."""
        names = [column] if column else list(found.cells[0])[::-1] if found.cells else []
        for name in names:
            values = smiles.numbers(found, name)
            kept = [i for i, value in enumerate(values) if value is not None]
            if column or (2 * len(kept) > len(values) and len({values[i] for i in kept}) > 2):
                rows = np.array([values[i] for i in kept], np.float64)
                return Labelled([found.smiles[i] for i in kept], rows, name[:60])
        raise UserError("No column has a number for most molecules; name one with target.")


TASK = Property()
