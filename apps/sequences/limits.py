"""Limits: longer sequences than were learned, noise, and numbers from elsewhere."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import torch

from apps.sequences.hues import hue
from apps.sequences.learning import Drawn
from apps.sequences.networks import TITLES
from apps.studio import background_work
from apps.studio.charts.curves import Curve, Level, show_curves

if TYPE_CHECKING:
    from apps.sequences.reading import Look

POINTS = 9
COUNT = 300
LENGTH, NOISE, STRETCH = "Longer sequences", "Noise on the input", "Larger numbers"
WHY = {
    LENGTH: "A recurrent network has the same weights at every step and may go on; attention learned a "
    "vector for each place and has none for later ones, so its line ends where the training did.",
    NOISE: "Every step adds its noise, also those that do not matter: a network that has learned to ignore "
    "them loses little.",
    STRETCH: "Only numbers from 0 to 1 were learned; a network that adds goes on adding for a while, until "
    "its units saturate.",
}


def show(look: "Look", baseline: Any) -> None:
    """Draw the tab."""
    kinds = [NOISE] if look.name == "forecast" else [LENGTH, NOISE]
    if look.name == "adding":
        kinds.append(STRETCH)
    left, right = st.columns([1, 2], gap="large")
    with left:
        kind = st.selectbox(
            "Break it by", kinds, key="sequences:break", help="What is done to the held-out sequences."
        )
        low, high, unit = span(look, kind)
        amount = st.slider(
            kind,
            low,
            high,
            low + (high - low) / 4,
            step=1.0 if kind == LENGTH else (high - low) / 100,
            format="%d" if kind == LENGTH else "%.2f",
            key=f"sequences:limits:{kind}:{look.settings.length}",
            help=f"In {unit}, {low:g} to {high:g}.",
        )
        st.caption(WHY[kind])
    with right:
        found = background_work.ask(("sequences limits", *look.key, kind), lambda: measure(look, kind))
        if found is None:
            st.caption("The sequences are being broken …")
            st.skeleton(height=300)
            return
        amounts, scores = found
        levels = []
        if baseline is not None and kind != STRETCH:
            levels.append(Level(name="always the same", y=100 * baseline.metrics["test_accuracy"]))
        show_curves(
            [
                Curve(name=TITLES[name], x=amounts[: len(y)], y=y, color=hue(name), format=".0f")
                for name, y in scores.items()
            ],
            levels,
            x_title=f"{kind.lower()}, {unit}",
            y_title="right of 100 answers",
            y_range=(0.0, 100.0),
            alt="; ".join(
                f"{TITLES[name]} falls from {y[0]:z.0f} to {y[-1]:z.0f}" for name, y in scores.items()
            ),
            mark=amount,
            key="sequences:limits",
            height=320,
        )
        nearest = int(np.abs(np.array(amounts) - amount).argmin())
        told = [
            f"{TITLES[name]} **{y[nearest]:z.0f}**" if nearest < len(y) else f"{TITLES[name]} cannot read it"
            for name, y in scores.items()
        ]
        st.markdown(f"At {amounts[nearest]:.3g}: " + " · ".join(told))


def span(look: "Look", kind: str) -> tuple[float, float, str]:
    """Least and largest amount, and what it counts."""
    length = float(look.settings.length)
    return {
        LENGTH: (length, 4 * length, "time steps"),
        NOISE: (0.0, 0.5, "standard deviation"),
        STRETCH: (1.0, 4.0, "largest number"),
    }[kind]


def measure(look: "Look", kind: str) -> tuple[list[float], dict[str, list[float]]]:
    """Amounts, and how many of 100 answers each network gives right at each; fewer where it cannot read."""
    low, high, _ = span(look, kind)
    amounts = np.linspace(low, high, POINTS).tolist()
    if kind == LENGTH:
        amounts = [float(round(amount)) for amount in amounts]
    scores: dict[str, list[float]] = {name: [] for name in look.blocks}
    for amount in amounts:
        drawn = broken(look, kind, amount)
        for name, network in look.networks.by_name.items():
            if name == "attention" and drawn.inputs.shape[1] > network.length:
                continue
            with torch.inference_mode():
                outputs = network.head(network.features(drawn.inputs)[:, -drawn.targets.shape[1] :])
            right = look.networks.answers.right(outputs, drawn.targets)
            scores[name].append(100 * float(right.double().mean()))
    return amounts, scores


def broken(look: "Look", kind: str, amount: float) -> Drawn:
    """Held-out sequences, broken by an amount; what is right is told by what is unbroken."""
    generator = torch.Generator().manual_seed(0)
    if kind == LENGTH:
        settings = replace(look.settings, length=int(amount))
        return look.task.draw(settings, None, COUNT, generator, held_out=True)
    inputs, targets = look.held_out.inputs[:COUNT].clone(), look.held_out.targets[:COUNT]
    if kind == NOISE:
        # The marks of the adding problem stay: without them there is no question.
        first = inputs[..., :1] if look.name == "adding" else inputs
        first += amount * torch.randn(first.shape, generator=generator)
        return Drawn(inputs, targets)
    inputs[..., 0] *= amount
    return Drawn(inputs, amount * targets)
