"""Molecules by rdkit, which is imported when the first one is read: SMILES, properties, edits.

SMILES (Weininger 1988) writes a molecule as a line of text, `CCO` for ethanol. Canonical SMILES write each
molecule in one way only.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

LONGEST = 200
"""Characters of a SMILES that is read."""
ELEMENTS = ("C", "N", "O", "F", "P", "S", "Cl", "Br", "I", "B", "Si", "Se")
"""Those that a drug may have, the frequent ones first."""
NAMES = ("logP", "heavy atoms")
"""Properties that `properties` gives."""


def part(name: str) -> Any:
    """A module of rdkit: `Chem`, `Chem.Draw`.

    Raises:
        UserError: rdkit is not installed; says how to.
    """
    try:
        importlib.import_module("rdkit.RDLogger").DisableLog(
            "rdApp.*"
        )  # it says on stderr what we say ourselves
        return importlib.import_module(f"rdkit.{name}")
    except ImportError:
        raise UserError("Molecules need the package rdkit: pip install rdkit.") from None


def molecule(smiles: str) -> Mol | None:
    """The molecule that a SMILES writes; None if it writes none, or one of several parts or no atoms."""
    text = str(smiles).strip()
    if not text or len(text) > LONGEST or "." in text or not text.isascii():
        return None
    found = part("Chem").MolFromSmiles(text)
    return found if found is not None and found.GetNumAtoms() else None


def canonical(smiles: str) -> str | None:
    """The one way to write a molecule; None as of `molecule`."""
    found = molecule(smiles)
    return None if found is None else part("Chem").MolToSmiles(found)


def read(smiles: str) -> str:
    """The canonical SMILES of what somebody typed.

    Raises:
        UserError: it is no molecule, or one of several parts.
    """
    text = str(smiles).strip()
    if not text:
        raise UserError("A molecule is needed, in SMILES: CCO is ethanol.")
    if "." in text:
        text = max(text.split("."), key=len)  # the molecule of a salt
    found = canonical(text)
    if found is None:
        raise UserError(f"{text[:60]!r} is no SMILES of a molecule: CCO is ethanol, c1ccccc1 is benzene.")
    return found


def properties(molecules: Sequence[Mol]) -> NDArray[np.float64]:
    """Properties (N, 2): logP, the liking of oil over water (Wildman & Crippen 1999), and heavy atoms."""
    log_p = part("Chem.Crippen").MolLogP
    return np.array([(log_p(one), one.GetNumHeavyAtoms()) for one in molecules], np.float64).reshape(-1, 2)


@lru_cache(maxsize=50_000)
def properties_of(smiles: str) -> tuple[float, float]:
    """The properties of a SMILES.

    Raises:
        UserError: it is no molecule.
    """
    found = molecule(smiles)
    if found is None:
        raise UserError(f"{str(smiles)[:60]!r} is no SMILES of a molecule.")
    log_p, atoms = properties([found])[0]
    return float(log_p), float(atoms)


def qed(smiles: str) -> float:
    """How much like a drug a molecule is, 0 to 1, by eight properties. Bickerton et al. 2012."""
    return float(part("Chem.QED").qed(molecule(smiles)))


def scaffold(smiles: str) -> str:
    """The rings of a molecule and what joins them; empty for one without rings. Bemis & Murcko 1996."""
    return str(part("Chem.Scaffolds.MurckoScaffold").MurckoScaffoldSmiles(smiles))


def fingerprints(smiles: Sequence[str], size: int = 2_048, radius: int = 2) -> NDArray[np.float32]:
    """Which surroundings of atoms there are, as bits (N, size): Morgan fingerprints. Rogers & Hahn 2010."""
    maker = part("Chem.rdFingerprintGenerator").GetMorganGenerator(radius=radius, fpSize=size)
    rows = [maker.GetFingerprintAsNumPy(molecule(one)) for one in smiles]
    return np.array(rows, np.float32).reshape(-1, size)


def spelled(smiles: str, seed: int) -> str:
    """The same molecule written from another atom on."""
    chem = part("Chem")
    found = molecule(smiles)
    order = np.random.default_rng(seed).permutation(found.GetNumAtoms()).tolist() if found else []
    return chem.MolToSmiles(chem.RenumberAtoms(found, order), canonical=False) if found else str(smiles)


def kekule(smiles: str) -> str:
    """The one way to write a molecule with every double bond, without aromatic letters. Kekulé 1865."""
    chem = part("Chem")
    found = molecule(smiles)
    if found is None:
        return str(smiles)
    chem.Kekulize(found, clearAromaticFlags=True)
    return str(chem.MolToSmiles(found))


def edited(smiles: str, generator: np.random.Generator, tries: int = 20) -> str:
    """A molecule with one random change that keeps it valid: another element, an atom more or less.

    After `tries` changes that were none, the molecule as it is.
    """
    chem = part("Chem")
    for _ in range(tries):
        found = chem.RWMol(molecule(smiles))
        atom = found.GetAtomWithIdx(int(generator.integers(found.GetNumAtoms())))
        element = chem.Atom(ELEMENTS[int(generator.choice(6))])
        way = int(generator.integers(3))
        if way == 0 and not atom.GetIsAromatic():
            atom.SetAtomicNum(element.GetAtomicNum())
        elif way == 1:
            found.AddBond(atom.GetIdx(), found.AddAtom(element), chem.BondType.SINGLE)
        elif way == 2 and atom.GetDegree() == 1 and found.GetNumAtoms() > 2:
            found.RemoveAtom(atom.GetIdx())
        else:
            continue
        new = canonical(_text(chem, found))
        if new is not None and new != smiles:
            return new
    return str(smiles)


def shipped(name: str) -> Path:
    """A file of molecules that comes with rdkit, below its folder of data or contributions."""
    config = part("RDConfig")
    for folder in (config.RDDataDir, config.RDContribDir):
        if (path := Path(folder) / name).is_file():
            return path
    raise UserError(f"This rdkit comes without {name}: pip install --force-reinstall rdkit.")


def _text(chem: Any, found: Any) -> str:
    try:
        return str(chem.MolToSmiles(found))
    except (ValueError, RuntimeError):
        return ""
