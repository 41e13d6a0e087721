"""A duel without a penalty loses modes: measured beforehand, and to be tried."""

import streamlit as st

from apps.latent.views import duel
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import training_buttons
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.bench import latent
from sandbox.bench.results import numbers, tables
from sandbox.tasks.families.adversarial import PRESET_TITLES

TITLE = "No penalty"
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
    for table in tables(latent.MODES):
        scores = []
        for name, penalty, heaps, near in table.rows:
            mean, low, high = (100 * each for each in numbers(near))
            hue = palette.MODEL if float(penalty) else palette.DANGER
            who = f"{PRESET_TITLES[name]}, {heaps} of 8 heaps"
            scores.append(Score(name=who, mean=mean, low=low, high=high, color=hue))
        show_scores(
            scores,
            x_title="of 100 generated points, those on a heap, with the 95 % interval over seeds",
            alt="; ".join(f"{score.name}: {score.mean:z.0f} %" for score in scores),
            key=f"{page}:limits:modes",
        )
        st.caption(f"Measured beforehand. {table.note} Again with `sandbox bench {table.subject}`.")
