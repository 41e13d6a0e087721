"""Code: what ran, and what runs it again."""

import inspect

import streamlit as st

from apps.neurons import plane, take_away
from apps.neurons.controls import PAINTED, TABLE, Choice
from apps.neurons.lab import Lab
from apps.studio.page.source_code import show_python, show_source
from sandbox.blocks import descent
from sandbox.blocks.rbf import RBFN
from sandbox.training.supervised import Supervised


def show(choice: Choice, lab: Lab) -> None:
    """Draw the tab."""
    if lab.touched:
        what = " and ".join(sorted(lab.touched))
        st.info(
            f"You changed {what} while it learned. The script begins with fresh weights and these points, "
            "so it comes to other figures than this page; *Reset* and *Train* come to the same.",
            icon=":material/info:",
        )
    st.markdown("**This training**, from the command line, to the last bit:")
    st.code(take_away.command(lab, choice), language="bash", wrap_lines=True)
    if choice.data in (PAINTED, TABLE):
        st.caption("*Points* below the page gives the file `points.csv`; the script has it inside.")
    st.markdown("**A script** that trains it again and measures it on what is held out:")
    show_python(take_away.script(lab, choice))
    block = RBFN if lab.settings.network == "rbfn" else plane.MLP
    st.markdown(f"**The network**, `{inspect.getmodule(block).__name__}`:")  # pyright: ignore
    show_source(block)
    optimizer = descent.OPTIMIZERS[lab.settings.optimizer]
    st.markdown("**The optimiser**, `sandbox/blocks/descent.py`:")
    show_source(optimizer)
    st.markdown("**One step of learning**, `sandbox/training/supervised.py`:")
    show_source(Supervised.step)
