"""Noise leads examples astray: how many still find their unit."""

from functools import partial

import numpy as np
import streamlit as st
import torch

from apps.latent.views import sheet
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView

TITLE = "Who finds its unit?"
NOISES, COMPARED = 11, 1_500

fits = sheet.fits


def show(page: str, view: RunView) -> None:
    """Draw a slider for the noise, and how many examples keep their unit."""
    left, right = panes([1, 2], key=f"{page}-strayed", least=240)
    with left:
        amount = st.slider(
            "Noise",
            0.0,
            1.0,
            0.2,
            0.02,
            key=f"{page}:limits:strayed-by",
            help="Standard deviation of what is added to unseen examples, 0 to 1.",
        )
        st.caption(
            "An example always goes to the nearest unit, however far off that is. With noise it is more and "
            "more often another one than before."
        )
    with right:
        found = view.later("strayed", partial(strayed, view))
        if found is None:
            st.caption("Examples are being spoilt …")
            st.skeleton(height=300)
            return
        amounts, same, near = found
        show_curves(
            [
                Curve(name="the same unit", x=amounts, y=same, format=".0f"),
                Curve(name="or a neighbour", x=amounts, y=near, style="light", format=".0f"),
            ],
            x_title="noise, standard deviation",
            y_title="of 100 examples",
            alt="How many examples keep their unit as noise grows",
            y_range=(0.0, 100.0),
            mark=amount,
            key=f"{page}:limits:strayed",
            height=300,
        )
        here = float(np.interp(amount, amounts, same))
        st.markdown(f"At this noise **{here:z.0f}** of 100 examples still find their unit.")


def strayed(view: RunView) -> tuple[list[float], list[float], list[float]]:
    """Amounts of noise, and how many of 100 examples keep their unit, or move to a neighbour at most."""
    rows, places = view.test.inputs[:COMPARED], view.predictor.places
    before = view.predictor.winners(rows)
    amounts = np.linspace(0.0, 1.0, NOISES).tolist()
    same, near = [], []
    for amount in amounts:
        noise = torch.randn(rows.shape, generator=torch.Generator().manual_seed(0))
        after = view.predictor.winners(rows + amount * noise)
        same.append(100 * float((after == before).float().mean()))
        near.append(100 * float(((places[after] - places[before]).norm(dim=1) < 1.5).float().mean()))
    return amounts, same, near
