"""The command and the script that train a run again, for the Code tab."""

import shlex

import streamlit as st

from apps.studio.page import downloads
from apps.studio.page.source_code import show_python
from sandbox.runs import Run


def show(run: Run) -> None:
    """Draw both, each to be copied; the script once the settings of the run are known."""
    st.markdown("**This run**, from the command line:")
    st.code(
        "sandbox " + shlex.join(downloads.command(run)) + f"\nsandbox evaluate {run.name}", language="bash"
    )
    if run.config.get("settings") is None:  # its process has not read them yet
        return
    st.markdown(
        "**A script** that trains it again and tests it on unseen examples. With the downloaded *Model* "
        "beside it, it tests that:"
        if run.config["kind"] == "task"
        else "**A script** that trains it again and tests it on unseen episodes:"
    )
    show_python(downloads.script(run))
