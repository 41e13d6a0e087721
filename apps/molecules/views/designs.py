"""Try: order molecules by logP and size, see them drawn, and take them away as SMILES."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import gallery
from apps.studio.outputs.molecule import tile
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox import chemistry
from sandbox.metrics.molecules import NEAR, design_scores
from sandbox.percent import percent
from sandbox.tasks.families.molecule_writer import MoleculeWriter

TITLE = "Designs"
SHOWN, TILE, HOTTEST = 12, 150, 1.5
TAKEN = {"as they come": 12, "the most drug-like of 100": 100}
"""How many are written for the twelve that are shown."""


def fits(view: RunView) -> bool:
    """Whether it designs molecules."""
    return isinstance(view.predictor, MoleculeWriter)


def show(page: str, view: RunView) -> None:
    """Draw the order on the left, the molecules on the right."""
    writer: MoleculeWriter = view.predictor
    left, right = panes([2, 3], key=f"{page}-designs")
    low, high = (np.quantile(view.test.targets, share, axis=0) for share in (0.02, 0.98))
    with left:
        log_p = st.slider(
            "logP", round(float(low[0]), 1), round(float(high[0]), 1) + 0.1,
            round(float(low[0] + high[0]) / 2, 1), 0.1, key=f"{page}:logp",
            help="How much more it likes oil than water; drugs have about 1 to 4.",
        )  # fmt: skip
        atoms = st.slider(
            "Heavy atoms", int(low[1]), int(high[1]) + 1, int(low[1] + high[1]) // 2, 1, key=f"{page}:atoms",
            help="Atoms that are no hydrogen; aspirin has 13.",
        )  # fmt: skip
        temperature = st.slider(
            "Temperature", 0.1, HOTTEST, min(HOTTEST, writer.drawing.temperature), 0.05,
            key=f"{page}:temperature", help="Low: safe and alike. High: daring, and more often not valid.",
        )  # fmt: skip
        way = st.segmented_control(
            "Which", list(TAKEN), default="as they come", required=True, key=f"{page}:way",
            help="Drug-likeness (QED) is no part of the order: many are written and the best are chosen.",
        )  # fmt: skip
        key = f"{page}:design-seed"
        st.button(
            "Other molecules",
            icon=":material/casino:",
            key=f"{page}:design-again",
            on_click=lambda: st.session_state.update({key: int(st.session_state.get(key, 0)) + 1}),
        )
    count, begin = TAKEN[str(way)], 1_000 * int(st.session_state.get(key, 0))
    orders = np.tile([log_p, float(atoms)], (count, 1))
    designs = writer.at(float(temperature)).design(orders, range(begin, begin + count))
    found = design_scores(designs, orders, view.split.test.known)
    if count > SHOWN:
        valid = list(dict.fromkeys(one for one in designs if chemistry.molecule(one) is not None))
        designs = sorted(valid, key=chemistry.qed, reverse=True)[:SHOWN]
    with right:
        gallery([tile(one) for one in designs], key=f"{page}:designs", size=TILE)
        st.caption(
            f"Of {count} designs {percent(found['valid'].mean)} are valid molecules, and "
            f"{percent(found['as_ordered'].mean)} new ones as ordered: logP within {NEAR[0]}, "
            f"heavy atoms within {NEAR[1]:z.0f}."
        )
        st.download_button(
            "SMILES",
            "".join(f"{one}\n" for one in designs if chemistry.molecule(one) is not None),
            file_name="designs.smi",
            icon=":material/download:",
            type="tertiary",
            key=f"{page}:smiles",
        )


def picture(page: str, view: RunView) -> None:
    """Draw six designs for the order in the middle."""
    order = np.median(view.test.targets, axis=0)
    designs = view.predictor.design(np.tile(order, (6, 1)), range(6))
    gallery([tile(one) for one in designs], key=f"{page}:designs-learn", size=TILE)
