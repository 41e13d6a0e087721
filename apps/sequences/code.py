"""Code: what ran, and what runs it again."""

import inspect
import shlex
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import report
from apps.sequences import networks
from sandbox.blocks import attention, lstm, rnn
from sandbox.data import sequences

if TYPE_CHECKING:
    from apps.sequences.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    st.markdown("**This run**, from the command line:")
    st.code(
        "sandbox " + shlex.join(report.command(look.run)) + f"\nsandbox evaluate {look.run.name}",
        language="bash",
    )
    st.markdown("**A script** that trains it again and measures it on what was held out:")
    st.code(report.script(look.run), language="python")
    st.markdown("**One step of each**, as it ran, `sandbox/blocks/`:")
    found = {"rnn": rnn.rnn_cell, "lstm": lstm.lstm_cell, "attention": attention.attend}
    for block in look.blocks:
        st.code(inspect.getsource(found[block]), language="python")
    st.markdown("**How a block becomes a network that answers**, `apps/sequences/networks.py`:")
    st.code(inspect.getsource(networks.SequenceNetwork), language="python", height=320)
    st.markdown("**Where the sequences come from**, `sandbox/data/sequences.py`:")
    makers = {"adding": sequences.adding, "copying": sequences.copying, "echo": sequences.echo}
    st.code(inspect.getsource(makers.get(look.name, sequences.mackey_glass)), language="python", height=320)
