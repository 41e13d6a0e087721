"""A map beside k-means: the same number of units, in order and in no order."""

from functools import partial

import streamlit as st
import torch

from apps.latent.views import sheet
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import shown
from apps.studio.outputs.image import mosaic
from apps.studio.page.run_view import RunView
from sandbox.blocks.som import SOM

TITLE = "In order, and in no order"

fits = sheet.fits


def show(page: str, view: RunView) -> None:
    """Draw both sets of units, and how many neighbours a map without order would have."""
    st.caption(
        "k-means may put every centre where it serves best. A map must keep neighbours together, and pays "
        "for it with a little distance. In return it can be read like a map."
    )
    folded = view.later("shuffled", partial(shuffled, view))
    if view.scores is not None and folded is not None:
        apart = 100 * view.scores["test_topographic"]
        st.markdown(
            f"Of 100 examples, the two nearest units are apart for **{apart:z.0f}** "
            f"on this map, and for **{folded:z.0f}** if the same units are shuffled (topographic error)."
        )
    centres = view.later("centres", lambda: view.baselines["k-means"].centres)  # pyright: ignore[reportAttributeAccessIssue]
    if centres is None:
        st.caption("k-means is being fitted …")
        return
    columns = st.columns(2, gap="large")
    units = {"The map": view.predictor.centres, "k-means, in no order": centres}
    for number, (column, (title, rows)) in enumerate(zip(columns, units.items(), strict=True)):
        with column:
            st.markdown(f"**{title}**")
            whole = mosaic(rows.unflatten(1, view.predictor.shape), view.predictor.model.shape[1])
            gallery([Picture(shown(view, whole), alt=title)], key=f"{page}:units:{number}", size=420)


def shuffled(view: RunView) -> float:
    """Topographic error, of 100, of the same units at other places."""
    rows = view.split.test.inputs.flatten(1)
    other = SOM(rows.shape[1], *view.predictor.model.shape)
    order = torch.randperm(len(other.codebook), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        other.codebook.copy_(view.predictor.centres[order])
    return 100 * other.topographic_error(rows)
