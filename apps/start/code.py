"""Code: what ran, and what runs it again."""

from typing import TYPE_CHECKING

import streamlit as st

from apps.components import reproduce
from apps.components.source import show_source
from apps.vision import classify
from sandbox.blocks.cnn import CNN
from sandbox.training.supervised import Supervised

if TYPE_CHECKING:
    from apps.start.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    reproduce.show(look.run)
    st.markdown(
        "**The network** that ran, `sandbox/blocks/cnn.py`, which agents that play from pixels use, too:"
    )
    show_source(CNN)
    st.markdown("**One step of learning**, `sandbox/training/supervised.py`:")
    show_source(Supervised.step)
    st.markdown("**How data, network and learner come together**, `apps/vision/classify.py`:")
    show_source(classify.Classify.prepare)
