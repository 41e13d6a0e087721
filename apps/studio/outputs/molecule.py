"""Molecules as answers: what was designed for an order, drawn, and how far from the order it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.molecule import picture
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox import chemistry

TILE, LARGE, SHOWN = 150, 320, 4


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw a design, and its properties beside the ordered ones."""
    log_p, atoms = chemistry.properties_of(str(given.value))
    st.markdown(f"##### Ordered: logP {log_p:z.1f}, {atoms:z.0f} heavy atoms")
    gallery([tile(str(answer), large=True)], key=f"{page}:design", size=LARGE)
    st.caption(escape(said(str(answer))))


def said(smiles: str) -> str:
    """What a design is worth, in a line."""
    found = chemistry.molecule(smiles)
    if found is None:
        return f"{smiles}: no valid molecule"
    log_p, atoms = chemistry.properties([found])[0]
    return (
        f"{smiles}: logP {log_p:z.1f}, {atoms:z.0f} heavy atoms, drug-likeness {chemistry.qed(smiles):z.2f}"
    )


def tile(smiles: str, *, large: bool = False) -> Picture:
    """A design for a gallery."""
    found = chemistry.molecule(smiles)
    if found is None:
        return Picture(picture(""), "not valid", alt=smiles or "nothing", tone="wrong")
    log_p, atoms = chemistry.properties([found])[0]
    return Picture(
        picture(smiles, scale=2 if large else 1), f"logP {log_p:z.1f}, {atoms:z.0f} atoms", alt=smiles
    )


def grades(view: RunView) -> Grades:
    """Nothing but the molecules: one design says little about an order."""
    return Grades([""] * len(view.test), np.zeros(0, int), "")


def compare(page: str, view: RunView) -> None:
    """Draw what the network and each baseline make of the same order."""
    given = str(np.asarray(current(page, view).value).item())
    log_p, atoms = chemistry.properties_of(given)
    st.markdown(f"**The same order**: logP {log_p:z.1f}, {atoms:z.0f} heavy atoms, four designs each")
    for number, (name, one) in enumerate({"network": view.predictor, **view.baselines}.items()):
        st.markdown(escape(name[:1].upper() + name[1:]))
        designs = [one.predict([given], again)[0] for again in range(SHOWN)]
        gallery([tile(design) for design in designs], key=f"{page}:compared:{number}", size=TILE)
