"""Code: what ran, and what runs it again."""

from typing import TYPE_CHECKING

import streamlit as st

from apps.sequences import networks
from apps.studio.page import reproduce
from apps.studio.page.source_code import show_source
from sandbox.blocks import attention, lstm, rnn
from sandbox.data import sequences

if TYPE_CHECKING:
    from apps.sequences.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    reproduce.show(look.run)
    st.markdown("**One step of each**, as it ran, `sandbox/blocks/`:")
    found = {"rnn": rnn.rnn_cell, "lstm": lstm.lstm_cell, "attention": attention.attend}
    for block in look.blocks:
        show_source(found[block])
    st.markdown("**How a block becomes a network that answers**, `apps/sequences/networks.py`:")
    show_source(networks.SequenceNetwork)
    st.markdown("**Where the sequences come from**, `sandbox/data/sequences.py`:")
    makers = {"adding": sequences.adding, "copying": sequences.copying, "echo": sequences.echo}
    show_source(makers.get(look.name, sequences.mackey_glass))
