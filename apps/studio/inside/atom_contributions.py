"""Which atoms matter: what each adds to the answer, as a colour behind it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.molecule import picture as drawn
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox import chemistry
from sandbox.tasks.families.molecule_network import MoleculePredictor

TITLE = "Which atoms matter"
ORDER = 10
SIZE = 480
"""Pixels of the picture."""


def fits(view: RunView) -> bool:
    """Whether its answer is a sum over atoms."""
    return isinstance(view.predictor, MoleculePredictor)


def show(page: str, view: RunView) -> None:
    """Draw the molecule that was tried, and a table of its atoms."""
    smiles = str(np.asarray(current(page, view).value).item())
    predictor: MoleculePredictor = view.predictor
    found, rest = predictor.contributions(smiles)
    draw(page, view, smiles)
    target = predictor.target
    unit = f"log-odds of {target.classes[1]}" if target.classes else target.name
    st.caption(
        "Blue atoms raise the answer, red ones lower it; the strongest has the full colour. The answer is "
        f"their sum, {found.sum():+.2f}, and {rest:+.2f} that no atom adds: "
        f"{found.sum() + rest:z.2f} ({escape(unit)})."
    )
    with st.expander("Each atom"):
        molecule = chemistry.molecule(smiles)
        names = [] if molecule is None else [atom.GetSymbol() for atom in molecule.GetAtoms()]
        rows = [{"atom": f"{name} {i + 1}", "adds": round(float(value), 3)}
                for i, (name, value) in enumerate(zip(names, found, strict=True))]  # fmt: skip
        rows.sort(key=lambda row: -abs(float(row["adds"])))
        st.dataframe(rows, hide_index=True, key=f"{page}:atoms")


def picture(page: str, view: RunView) -> None:
    """Draw the molecule in the colours of its atoms."""
    draw(page, view, str(np.asarray(current(page, view).value).item()))


def draw(page: str, view: RunView, smiles: str) -> None:
    """Draw a molecule in the colours of what its atoms add."""
    found, _ = view.predictor.contributions(smiles)
    weights = found / max(float(np.abs(found).max()), 1e-9)
    gallery([Picture(drawn(smiles, weights.tolist(), 2), alt=smiles)], key=f"{page}:contributions", size=SIZE)
