"""The command and the script that train a run again, for the Code tab."""

import shlex

import streamlit as st

from apps.studio.page import downloads
from apps.studio.page.source_code import show_python
from sandbox.runs import Run


def show(run: Run) -> None:
    """Draw both, each to be copied."""
    st.markdown("**This run**, from the command line:")
    st.code(
        "sandbox " + shlex.join(downloads.command(run)) + f"\nsandbox evaluate {run.name}", language="bash"
    )
    st.markdown(
        "**A script** that trains it again and measures it on what was held out. It measures the downloaded "
        "*Model* where that lies beside it:"
    )
    show_python(downloads.script(run))
