"""A molecule that was designed, as SMILES."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sandbox import chemistry


@dataclass(frozen=True)
class Molecule:
    """An answer is a string: a SMILES, which need not be one of a molecule."""

    kind: ClassVar[str] = "molecule"

    def text(self, answer: Any) -> str:
        """The SMILES, and what it is worth."""
        found = chemistry.molecule(str(answer))
        if found is None:
            return f"{str(answer) or 'nothing'}  no valid molecule"
        log_p, atoms = chemistry.properties([found])[0]
        return f"{answer}  logP {log_p:.2f}, {atoms:.0f} heavy atoms"

    def to_json(self, answer: Any) -> dict[str, Any]:
        """The SMILES, whether it is one, and its properties."""
        found = chemistry.molecule(str(answer))
        if found is None:
            return {"smiles": str(answer), "valid": False}
        log_p, atoms = chemistry.properties([found])[0]
        return {"smiles": str(answer), "valid": True, "logp": float(log_p), "heavy_atoms": int(atoms)}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write it into a file of SMILES."""
        path = folder / f"{stem}.smi"
        path.write_text(f"{answer} {stem}\n", encoding="utf-8", newline="")
        return path
