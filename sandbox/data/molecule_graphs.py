"""Molecules as graphs: what is known of each atom and of each bond, as numbers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sandbox import chemistry

DEGREES, HYDROGENS, CHARGES = 5, 4, (-1, 0, 1)
ATOM = len(chemistry.ELEMENTS) + 1 + DEGREES + HYDROGENS + len(CHARGES) + 4 + 2
"""Numbers of an atom: element, bonds, hydrogens, charge, hybridisation, aromatic, in a ring."""
BOND = 6
"""Numbers of a bond: single, double, triple, aromatic; whether in a ring, whether conjugated."""
DESCRIPTORS = (
    "logP",
    "polar surface",
    "weight",
    "rotatable bonds",
    "donors",
    "acceptors",
    "rings",
    "aromatic",
)
"""What `whole` says of a molecule, each divided by its usual size."""
USUAL = (3.0, 100.0, 300.0, 5.0, 2.0, 5.0, 3.0, 1.0)


class Graphs(NamedTuple):
    """Molecules of a batch, one behind the other.

    Attributes:
        atoms: (A, ATOM).
        bonds: (2, E), from which atom to which; each bond in both directions.
        kinds: (E, BOND).
        owners: (A,), the molecule of each atom.
        whole: (N, D), `DESCRIPTORS` of each molecule.
    """

    atoms: Tensor
    bonds: Tensor
    kinds: Tensor
    owners: Tensor
    whole: Tensor

    def to(self, device: torch.device) -> "Graphs":
        """On another device."""
        return Graphs(*(part.to(device) for part in self))


@lru_cache(maxsize=40_000)
def graph(smiles: str) -> Graphs:
    """One molecule.

    Raises:
        UserError: it is none.
    """
    found = chemistry.molecule(chemistry.read(smiles))
    assert found is not None
    bonds = list(found.GetBonds())
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds]
    both = np.array([*ends, *[(b, a) for a, b in ends]], np.int64).reshape(-1, 2).T
    kinds = np.array([_bond(bond) for bond in bonds] * 2, np.float32).reshape(-1, BOND)
    atoms = np.array([_atom(atom) for atom in found.GetAtoms()], np.float32)
    return Graphs(
        torch.from_numpy(atoms),
        torch.from_numpy(np.ascontiguousarray(both)),
        torch.from_numpy(kinds),
        torch.zeros(len(atoms), dtype=torch.int64),
        torch.tensor([_whole(found)], dtype=torch.float32),
    )


def joined(graphs: Sequence[Graphs]) -> Graphs:
    """Molecules as one batch."""
    counts = torch.tensor([len(one.atoms) for one in graphs])
    begins = (counts.cumsum(0) - counts).tolist()
    return Graphs(
        torch.cat([one.atoms for one in graphs]),
        torch.cat([one.bonds + begin for one, begin in zip(graphs, begins, strict=True)], 1),
        torch.cat([one.kinds for one in graphs]),
        torch.arange(len(graphs)).repeat_interleave(counts),
        torch.cat([one.whole for one in graphs]),
    )


def _atom(atom: Any) -> list[float]:
    symbol = atom.GetSymbol()
    element = [float(symbol == one) for one in chemistry.ELEMENTS]
    hybrid = str(atom.GetHybridization())
    return [
        *element, float(not any(element)),
        *(float(min(atom.GetDegree(), DEGREES - 1) == i) for i in range(DEGREES)),
        *(float(min(atom.GetTotalNumHs(), HYDROGENS - 1) == i) for i in range(HYDROGENS)),
        *(float(max(-1, min(1, atom.GetFormalCharge())) == i) for i in CHARGES),
        *(float(hybrid == one) for one in ("SP", "SP2", "SP3", "SP3D2")),
        float(atom.GetIsAromatic()), float(atom.IsInRing()),
    ]  # fmt: skip


def _bond(bond: Any) -> list[float]:
    kind = str(bond.GetBondType())
    return [
        *(float(kind == one) for one in ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC")),
        float(bond.IsInRing()), float(bond.GetIsConjugated()),
    ]  # fmt: skip


def _whole(found: Any) -> list[float]:
    crippen, more = chemistry.part("Chem.Crippen"), chemistry.part("Chem.rdMolDescriptors")
    aromatic = sum(atom.GetIsAromatic() for atom in found.GetAtoms()) / found.GetNumAtoms()
    values = (
        crippen.MolLogP(found), more.CalcTPSA(found), more.CalcExactMolWt(found),
        more.CalcNumRotatableBonds(found), more.CalcNumHBD(found), more.CalcNumHBA(found),
        more.CalcNumRings(found), aromatic,
    )  # fmt: skip
    return [float(value) / usual for value, usual in zip(values, USUAL, strict=True)]
