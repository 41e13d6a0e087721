"""A duel without a penalty loses modes: measured beforehand, and to be tried."""

import streamlit as st

from apps.latent import measured
from apps.latent.views import duel
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import training_buttons
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette

TITLE = "No penalty"
NAMES = {"smooth": "R1 penalty", "wasserstein": "WGAN-GP", "unbridled": "no penalty"}
PENALTIES = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]

fits = duel.fits


def show(page: str, view: RunView) -> None:
    """Draw a slider with a button that trains, and what several seeds found."""
    left, right = panes([1, 2], key=f"{page}-penalty", least=240)
    with left:
        chosen = st.select_slider(
            "Penalty",
            PENALTIES,
            0.0,
            key=f"{page}:limits:penalty",
            help="Weight of what holds the discriminator's slope down at the real points (R1).",
        )
        data = view.run.config.get("data")
        words = ["latent/duel", "--penalty", str(chosen), *([] if data is None else ["--data", data])]
        st.button(
            f"Train with {chosen:g}",
            key=f"{page}:limits:train",
            on_click=training_buttons.start,
            args=(page, lambda: words),
            help="A few seconds; then look at Try.",
        )
        st.caption(
            "Without a penalty a sharp discriminator pushes all generated points to one heap, then to the "
            "next: modes are lost, or chased in circles. With a large one it hardly learns."
        )
    with right:
        picture(page, view)


def picture(page: str, view: RunView) -> None:
    """Draw how many points lie on a heap, with and without a penalty."""
    show_scores(
        [
            Score(
                name=f"{NAMES[name]}, {_found(found)} of 8 heaps",
                mean=100 * mean,
                low=100 * low,
                high=100 * high,
                color=palette.MODEL if penalty else palette.DANGER,
            )
            for name, penalty, found, mean, low, high in measured.MODES
        ],
        x_title="of 100 generated points, those on a heap, with the 95 % interval over seeds",
        alt="; ".join(f"{NAMES[row[0]]} {100 * row[3]:z.0f}" for row in measured.MODES),
        key=f"{page}:limits:modes",
    )
    st.caption(
        f"Measured beforehand on the ring (*synthetic*) with {len(measured.MODES[0][2])} seeds each. "
        "`python -m apps.latent.bench modes` measures it again."
    )


def _found(counts: tuple[int, ...]) -> str:
    return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
