"""Molecules, as SMILES: typed, or from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sandbox import chemistry
from sandbox.data.formats import smiles
from sandbox.errors import UserError
from sandbox.files import path_text


@dataclass(frozen=True, kw_only=True)
class Smiles:
    """An input is a string, a canonical SMILES.

    Attributes:
        prompt: what to type, one sentence.
        example: such a molecule.
    """

    prompt: str = "A molecule, in SMILES."
    example: str = "CC(=O)Oc1ccccc1C(=O)O"
    kind: ClassVar[str] = "smiles"
    files: ClassVar[str] = "a file of molecules in SMILES (.smi, .txt or .csv)"

    def read(self, file: Path) -> Sequence[str]:
        """The molecules of a file.

        Raises:
            UserError: there are none.
        """
        found = smiles.read(file).smiles
        if not found:
            raise UserError(f"There is no molecule in {path_text(file)}.")
        return found

    def encode_all(self, raw: Any) -> Sequence[str]:
        """Molecules in canonical SMILES.

        Raises:
            UserError: one is none.
        """
        return [chemistry.read(one) for one in ([raw] if isinstance(raw, str) else raw)]

    def encode(self, raw: Any) -> str:
        """One molecule in canonical SMILES; the first of several.

        Raises:
            UserError: it is none.
        """
        return self.encode_all(raw if isinstance(raw, str) else list(raw)[:1])[0]

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a molecule into a file."""
        path = folder / f"{stem}.smi"
        path.write_text(f"{value} {stem}\n", encoding="ascii", newline="")
        return path
