"""Code: what ran, and what runs it again."""

import inspect
import shlex
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import report
from apps.vision import classify
from sandbox.blocks.cnn import CNN
from sandbox.training.supervised import Supervised

if TYPE_CHECKING:
    from apps.start.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    st.markdown("**This run**, from the command line:")
    st.code(
        "sandbox " + shlex.join(report.command(look.run)) + f"\nsandbox evaluate {look.run.name}",
        language="bash",
    )
    st.markdown("**A script** that trains it again and measures it on what was held out:")
    st.code(report.script(look.run), language="python")
    st.markdown(
        "**The network** that ran, `sandbox/blocks/cnn.py`, which agents that play from pixels use, too:"
    )
    st.code(inspect.getsource(CNN), language="python", height=420)
    st.markdown("**One step of learning**, `sandbox/training/supervised.py`:")
    st.code(inspect.cleandoc(inspect.getsource(Supervised.step)), language="python")
    st.markdown("**How data, network and learner come together**, `apps/vision/classify.py`:")
    st.code(inspect.cleandoc(inspect.getsource(classify.Classify.prepare)), language="python", height=420)
