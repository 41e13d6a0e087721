"""Limits: one slider at a time breaks the picture, and the score falls as you drag."""

from typing import TYPE_CHECKING

import streamlit as st
import torch

from apps.components import background
from apps.components.bars import show_bars
from apps.components.panes import panes
from apps.start import breaking, pad, reading
from apps.start.damage import fall
from sandbox.data.nearest_neighbour import nearest_labels

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = "start"


def show(look: "Look") -> None:
    """Draw the tab."""
    left, right = panes([1, 2], key="start-limits", least=240)
    with left:
        choice = breaking.choose(PAGE)
        image = torch.from_numpy(pad.current_input(look))
        broken = choice.apply(image)
        breaking.show_pair(PAGE, reading.shown(look, image), reading.shown(look, broken))
        said = reading.probabilities(look.classifier.model, broken[None])[0]
        show_bars(look.data.classes, said.tolist(), key="limits:bars", most=4)
    with right:
        found = background.ask(("limits", *look.key, choice.kind), lambda: measure(look, choice.kind))
        if found is None:
            st.caption("All held-out pictures are being broken …")
            st.skeleton(height=300)
            return
        breaking.show_fall(PAGE, choice, *found)


def measure(look: "Look", kind: str) -> tuple[list[float], dict[str, list[float]]]:
    """Amounts, and how many of 100 held-out pictures network and nearest neighbour read at each."""
    data, model = look.data, look.classifier.model
    examples = data.train_images.flatten(1)
    return fall(
        kind,
        data.test_images,
        data.test_labels,
        {
            "network": lambda images: torch.from_numpy(reading.probabilities(model, images).argmax(1)),
            "neighbour": lambda images: nearest_labels(examples, data.train_labels, images.flatten(1)),
        },
    )
