"""Code: what ran, and what runs it again."""

import inspect
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import reproduce
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
    st.code(inspect.getsource(CNN), language="python", height=420)
    st.markdown("**One step of learning**, `sandbox/training/supervised.py`:")
    st.code(inspect.cleandoc(inspect.getsource(Supervised.step)), language="python")
    st.markdown("**How data, network and learner come together**, `apps/vision/classify.py`:")
    st.code(inspect.cleandoc(inspect.getsource(classify.Classify.prepare)), language="python", height=420)
