"""Warn of molecules that do harm, and show which atoms raise the alarm.

By default the alarm is a structural alert: one of 105 groups that chemists do not want in a drug, for they
are toxic, reactive or unstable (Brenk et al. 2008). A rule finds them, so the answers can be checked. Tox21
is measured: which of twelve assays a molecule sets off. Not for decisions about real substances.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from sandbox import chemistry
from sandbox.data.formats import smiles
from sandbox.data.formats.smiles import Molecules
from sandbox.data.molecule_graphs import graph
from sandbox.errors import UserError
from sandbox.metrics.scores import Metric
from sandbox.tasks.families.molecule_network import MessagePassing
from sandbox.tasks.families.molecule_property import (
    OWN_PROPERTIES,
    Labelled,
    MoleculeProperty,
    PropertySettings,
)
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

WEHI, FEWER = "Pains/test_data/wehi_mols.csv", 4_000
ASSAY = "NR-AhR"
"""The assay of Tox21 that is taken if none is named: what dioxin binds to."""
CLASSES = ("no alarm", "alarm")


class Toxicity(MoleculeProperty):
    """Molecules that raise an alarm."""

    title = "Can a network warn of toxic molecules?"
    method = "warn"
    metric = Metric(
        "auc",
        "AUROC",
        digits=3,
        help="Of one molecule that raises the alarm and one that does not, how often the first gets the "
        "higher probability. 0.5 is chance.",
    )
    says: ClassVar[str] = "AUROC **{value}** on {count} unseen {things}; not for real decisions"
    says_other: ClassVar[str] = "{name} **{value}**"
    presets: ClassVar[Mapping[str, PropertySettings]] = {
        "fast": PropertySettings(),
        "long": PropertySettings(steps=3_000, dropout=0.3),
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "alerts",
            "structural alerts, by rule",
            "4,000 molecules that come with rdkit, with the alerts of Brenk et al.",
        ),
        *public("tox21"),
        OWN_PROPERTIES,
    )
    code: ClassVar[Sequence[Any]] = (MessagePassing, graph)

    def load_named(self, settings: PropertySettings, source: Source) -> tuple[Labelled, About]:
        """What comes with rdkit, and the alerts."""
        found = smiles.read(chemistry.shipped(WEHI))
        some = found.smiles[:FEWER]
        licence = "with rdkit, BSD 3-clause; Baell & Holloway 2010; alerts of Brenk et al. 2008"
        notes = (*found.notes, "A rule says which molecules raise the alert; nothing was measured.")
        about = About("structural alerts", "molecules", licence, notes=notes)
        return Labelled(some, alerts(some), "alert", ("no alert", "alert")), about

    def of_table(self, found: Molecules, column: str) -> Labelled:
        """Molecules with 0 or 1 in a column, by default the last that has nothing else; of Tox21 `ASSAY`."""
        every = list(found.cells[0])[::-1] if found.cells else []
        names = [column] if column else [ASSAY] if ASSAY in every else every
        for name in names:
            values = smiles.numbers(found, name)
            kept = [i for i, value in enumerate(values) if value in (0.0, 1.0)]
            labels = np.array([values[i] for i in kept], np.float64).astype(np.int64)
            if len(set(labels.tolist())) == 2 and (column or 2 * len(kept) > len(values)):
                return Labelled([found.smiles[i] for i in kept], labels, name[:60], CLASSES)
        raise UserError("No column has 0 and 1 for most molecules; name one with target.")


@lru_cache(maxsize=2)
def alerts(molecules: tuple[str, ...]) -> np.ndarray:
    """Whether each molecule has one of the unwanted groups."""
    catalog = chemistry.part("Chem.FilterCatalog")
    kinds = catalog.FilterCatalogParams()
    kinds.AddCatalog(catalog.FilterCatalogParams.FilterCatalogs.BRENK)
    known = catalog.FilterCatalog(kinds)
    return np.array([known.HasMatch(chemistry.molecule(one)) for one in molecules]).astype(np.int64)


TASK = Toxicity()
