"""Code: what ran, and what runs it again."""

from typing import TYPE_CHECKING

import streamlit as st

from apps.energy import completion
from apps.studio.page import reproduce
from apps.studio.page.source_code import show_source
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
        show_source(DBN)
        st.markdown("**Layer by layer**, `sandbox/training/contrastive_divergence.py`:")
        show_source(GreedyPretraining.step)
        return
    st.markdown("**The machine** that ran, `sandbox/blocks/rbm.py`:")
    show_source(RBM)
    st.markdown("**One step of learning**, `sandbox/training/contrastive_divergence.py`:")
    show_source(ContrastiveDivergence.step)
    st.markdown("**Completing**, `apps/energy/completion.py`:")
    show_source(completion.film)
