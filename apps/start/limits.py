"""Limits: one slider at a time breaks the picture, and the score falls as you drag."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch

from apps.components import background
from apps.components.bars import show_bars
from apps.components.curves import Curve, show_curves
from apps.components.gallery import Picture, gallery
from apps.start import pad, reading
from apps.start.damage import DAMAGES
from envs.engine import palette
from sandbox.data.nearest_neighbour import nearest_labels

if TYPE_CHECKING:
    from apps.start.reading import Look

POINTS = 13
"""Amounts at which everybody is measured."""


def show(look: "Look") -> None:
    """Draw the tab."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        kind = st.selectbox(
            "Break it by", list(DAMAGES), key="limits:kind", help="What is done to every picture."
        )
        damage = DAMAGES[kind]
        amount = st.slider(
            kind,
            0.0,
            damage.most,
            damage.most / 4,
            step=damage.most / 100,
            key=f"limits:{kind}",
            help=f"In {damage.unit}, 0 to {damage.most:g}.",
        )
        image = torch.from_numpy(pad.current_input(look))[None]
        broken = damage.apply(image, amount, torch.Generator().manual_seed(0))
        probabilities = reading.probabilities(look.classifier.model, broken)[0]
        with st.container(horizontal=True, gap="small"):
            gallery([Picture(reading.shown(look, image[0]), "before")], key="limits:before", size=96)
            gallery([Picture(reading.shown(look, broken[0]), "after")], key="limits:after", size=96)
        show_bars(look.data.classes, probabilities.tolist(), key="limits:bars", most=4)
    with right:
        figures = background.ask(("limits", look.run.path, look.step, kind), lambda: measure(look, kind))
        if figures is None:
            st.caption("All held-out pictures are being broken …")
            st.skeleton(height=300)
            return
        amounts, network, neighbour = figures
        show_curves(
            [
                Curve(name="network", x=amounts, y=network, format=".0f"),
                Curve(name="neighbour", x=amounts, y=neighbour, color=palette.BASELINE, format=".0f"),
            ],
            x_title=f"{kind.lower()}, {damage.unit}",
            y_title="right of 100",
            alt=f"Digits read right as {kind.lower()} grows: the network falls to {network[-1]:.0f} of 100",
            y_range=(0.0, 100.0),
            mark=amount,
            key="limits:curves",
            height=300,
        )
        here, there = float(np.interp(amount, amounts, network)), float(np.interp(amount, amounts, neighbour))
        st.markdown(
            f"At this amount the network reads **{here:.0f}** of 100, the nearest neighbour {there:.0f}."
        )
        st.caption(damage.why)


def measure(look: "Look", kind: str) -> tuple[list[float], list[float], list[float]]:
    """Amounts, and how many of 100 held-out pictures network and nearest neighbour read at each."""
    damage = DAMAGES[kind]
    data, labels = look.data, look.data.test_labels
    amounts = np.linspace(0.0, damage.most, POINTS).tolist()
    network, neighbour = [], []
    for amount in amounts:
        broken = damage.apply(data.test_images, amount, torch.Generator().manual_seed(0))
        said = reading.probabilities(look.classifier.model, broken).argmax(1)
        network.append(100 * float((said == labels.numpy()).mean()))
        near = nearest_labels(data.train_images.flatten(1), data.train_labels, broken.flatten(1))
        neighbour.append(100 * float((near == labels).double().mean()))
    return amounts, network, neighbour
