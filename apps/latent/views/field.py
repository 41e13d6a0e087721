"""The slopes of the discriminator in the plane at this age, and how well it tells the two kinds apart."""

from typing import Any

import streamlit as st
import torch

from apps.latent.views import duel
from apps.studio.browser.packed import shares, thousandths
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox.data import mixtures

TITLE = "Where the discriminator pushes"
COMPARED = 400
"""Points of each kind that it has to tell apart."""

fits = duel.fits


def show(page: str, view: RunView) -> None:
    """Draw the field, and what the discriminator knows."""
    left, right = panes([3, 2], key=f"{page}-field")
    with left:
        duel.draw(f"{page}:field", view, [field(view)], "field", False)
    with right:
        st.markdown(
            "Each arrow begins at its dot and shows where the discriminator's score rises. The generator is "
            "told nothing else. Where there is no arrow, it learns nothing; where arrows turn, it circles."
        )
        made = duel.points_of(view, view.predictor.model, COMPARED)
        st.metric("The discriminator is right for", f"{told_apart(view):z.0f} of 100", help="50 is guessing.")
        spread = " × ".join(f"{float(made[:, i].std()):z.2f}" for i in range(2))
        st.metric("Spread of generated points", spread, help="Their standard deviations.")


def field(view: RunView) -> dict[str, Any]:
    """The discriminator's map with arrows on a grid."""
    gan, edge = view.predictor.model, 0.93 * mixtures.EDGE
    line = torch.linspace(-edge, edge, 17)
    grid = torch.cartesian_prod(line, line)
    return {
        "told": f"step {view.step:,}",
        "belief": shares(duel.belief(gan, view.settings.objective)),
        "made": thousandths(grid.numpy()),
        "pull": thousandths(duel.pulls(gan, grid).numpy()),
    }


def told_apart(view: RunView) -> float:
    """Of 100 points, half of them real, those that the discriminator takes for what they are."""
    gan = view.predictor.model
    real = view.predictor.score(view.test.targets[:COMPARED])
    made = view.predictor.score(duel.points_of(view, gan, COMPARED))
    cut = 0.0 if view.settings.objective == "gan" else float(torch.cat([real, made]).median())
    return 50 * float((real > cut).float().mean() + (made <= cut).float().mean())
