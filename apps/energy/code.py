"""Code: what ran, and what runs it again."""

import inspect
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import reproduce
from apps.energy import completion
from sandbox.blocks.dbn import DBN
from sandbox.blocks.rbm import RBM
from sandbox.training.contrastive_divergence import ContrastiveDivergence, GreedyPretraining

if TYPE_CHECKING:
    from apps.energy.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    dbn = look.run.config["target"] == "energy/dbn"
    reproduce.show(look.run)
    if dbn:
        st.markdown("**The stack** that ran, `sandbox/blocks/dbn.py`:")
        st.code(inspect.getsource(DBN), language="python", height=420)
        st.markdown("**Layer by layer**, `sandbox/training/contrastive_divergence.py`:")
        st.code(inspect.cleandoc(inspect.getsource(GreedyPretraining.step)), language="python")
        return
    st.markdown("**The machine** that ran, `sandbox/blocks/rbm.py`:")
    st.code(inspect.getsource(RBM), language="python", height=420)
    st.markdown("**One step of learning**, `sandbox/training/contrastive_divergence.py`:")
    st.code(inspect.cleandoc(inspect.getsource(ContrastiveDivergence.step)), language="python")
    st.markdown("**Completing**, `apps/energy/completion.py`:")
    st.code(inspect.getsource(completion.film), language="python")
