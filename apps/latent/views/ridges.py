"""A map at this age: ridges between its units, how often each wins, and how far a winner pulls others."""

import streamlit as st
import torch

from apps.latent.views import sheet
from apps.studio.browser.heatmap import heat
from apps.studio.page.run_view import RunView

TITLE = "Ridges and winners"

fits = sheet.fits


def show(page: str, view: RunView) -> None:
    """Draw the U-matrix, the winners and the neighbourhood."""
    som = view.predictor.model
    won = torch.bincount(view.predictor.winners(view.split.train.inputs), minlength=len(som.codebook))
    left, right = st.columns(2, gap="large")
    with left:
        picture(page, view)
    with right:
        st.markdown("**Winners**: examples that each unit stands for")
        heat(
            won.view(som.shape).float().numpy(),
            key=f"{page}:hits",
            alt="How many examples each unit wins",
            note=f"Of {len(view.split.train):,} examples; {int((won == 0).sum())} units win none.",
            square=True,
            x_title="column",
            y_title="row",
        )
    st.markdown(
        "**The neighbourhood** at this age: how much each unit is pulled along when the middle one wins"
    )
    radius = radius_at(view)
    pull = som.neighbourhood(torch.tensor([len(som.codebook) // 2 + som.shape[1] // 2]), radius)
    left, _ = st.columns(2, gap="large")
    with left:
        heat(
            pull[0].view(som.shape).numpy(),
            key=f"{page}:neighbourhood",
            alt="The pull on each unit",
            note=f"Radius {radius:z.2f} units at step {view.step:,} of {view.settings.steps:,}.",
            scale=1.0,
            square=True,
            x_title="column",
            y_title="row",
        )


def picture(page: str, view: RunView) -> None:
    """Draw how far each unit is from its neighbours."""
    st.markdown(
        "**Ridges** (U-matrix): how far each unit is from its neighbours",
        help="Strong cells part clusters: what lies on their two sides is not alike.",
    )
    heat(
        view.predictor.model.u_matrix().numpy(),
        key=f"{page}:ridges",
        alt="Distances between neighbouring units",
        x_title="column",
        y_title="row",
        note="The stronger the colour, the further.",
        square=True,
    )


def radius_at(view: RunView) -> float:
    """The radius of the schedule at this age, as `Competitive` has it."""
    first, last = max(max(view.predictor.model.shape) / 2, 0.7), 0.7
    return first * (last / first) ** min(1.0, view.step / max(1, view.settings.steps - 1))
