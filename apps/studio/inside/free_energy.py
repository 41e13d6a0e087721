"""How likely a Boltzmann machine finds this input: its free energy beside others."""

import numpy as np
import streamlit as st
import torch

from apps.studio.charts.intervals import Score, show_scores
from apps.studio.inside.energy_layers import layers_of, rows_of
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from envs.engine import palette

TITLE = "Free energy"
ORDER = 20
NOISE = 500
"""Unseen inputs whose numbers are shuffled."""


def fits(view: RunView) -> bool:
    """Whether the network is a Boltzmann machine, or a stack with one at its bottom."""
    return bool(layers_of(view))


def show(page: str, view: RunView) -> None:
    """Draw the free energies."""
    found = view.later("free energies", lambda: energies(view))
    if found is None:
        st.caption(f"Measuring unseen {view.things} …")
        st.skeleton(height=180)
        return
    with torch.no_grad():
        mine = float(layers_of(view)[0](rows_of(current(page, view).value[None]))[0])
    ranges = [Score(name=name, mean=mean, low=low, high=high) for name, (mean, low, high) in found.items()]
    show_scores(
        [Score(name="this input", mean=mine, color=palette.MODEL), *ranges],
        x_title="free energy, nats: low is likely; the middle 95 %",
        alt=f"Free energy of this input {mine:z.0f}, "
        + ", ".join(f"of {score.name} {score.mean:z.0f}" for score in ranges),
        form=".0f",
        zero=False,
        key=f"{page}:free",
    )
    st.caption(
        "Training lowers the energy of what the machine saw and raises it elsewhere. The difference of two "
        "free energies is how much likelier one is than the other, as a logarithm."
    )


def energies(view: RunView) -> dict[str, tuple[float, float, float]]:
    """Mean free energy, and the middle 95 %, of unseen inputs and of the same numbers shuffled."""
    test = rows_of(view.test.inputs)
    generator = torch.Generator().manual_seed(0)
    shuffled = torch.stack([row[torch.randperm(len(row), generator=generator)] for row in test[:NOISE]])
    found = {}
    for name, rows in ((f"unseen {view.things}", test), ("noise", shuffled)):
        with torch.no_grad():
            values = layers_of(view)[0](rows).numpy()
        low, high = np.quantile(values, [0.025, 0.975])
        found[name] = float(values.mean()), float(low), float(high)
    return found
