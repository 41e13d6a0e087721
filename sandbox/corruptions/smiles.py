"""Ways to spoil molecules: another spelling of the same one, and elements that are not known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sandbox import chemistry
from sandbox.corruptions.corruption import Corruption


def other_spelling(molecules: Any, amount: float, seed: int) -> Sequence[str]:
    """A share of the molecules, each written from another atom on."""
    chosen = np.random.default_rng(seed).random(len(molecules)) < amount
    return [chemistry.spelled(one, seed + i) if chosen[i] else str(one) for i, one in enumerate(molecules)]


def as_carbon(molecules: Any, amount: float, seed: int) -> Sequence[str]:
    """Molecules in which a share of the other atoms are read as carbon, where that is a molecule still."""
    chem, found = chemistry.part("Chem"), []
    for i, one in enumerate(molecules):
        draws = np.random.default_rng((seed, i)).random(chemistry.LONGEST)
        now = chem.RWMol(chemistry.molecule(str(one)))
        for place in range(now.GetNumAtoms()):
            atom = now.GetAtomWithIdx(place)
            if atom.GetAtomicNum() == 6 or draws[place] >= amount:
                continue
            changed = chem.RWMol(now)
            atom = changed.GetAtomWithIdx(place)
            atom.SetAtomicNum(6)
            atom.SetFormalCharge(0)
            atom.SetNumExplicitHs(0)
            if chemistry.molecule(chem.MolToSmiles(changed)) is not None:
                now = changed
        found.append(chemistry.canonical(chem.MolToSmiles(now)) or str(one))
    return found


CORRUPTIONS: Mapping[str, Corruption] = {
    "as_carbon": Corruption(
        "Elements read as carbon",
        as_carbon,
        "share of the atoms other than carbon",
        1.0,
        "Oxygen and nitrogen make a molecule like water, halogens make it like oil. Without them only its "
        "shape is left.",
    ),
    "other_spelling": Corruption(
        "Another spelling",
        other_spelling,
        "share of the molecules",
        1.0,
        "A molecule can be written from each of its atoms on. What reads atoms and bonds sees no difference; "
        "what reads letters may.",
    ),
}
