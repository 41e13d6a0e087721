"""The rules that ran, and a script that trains the agent of this page again."""

import shlex

import streamlit as st

from agents.environments import find_target
from apps.studio.page import downloads
from apps.studio.page.source_code import show_python, show_source, source
from apps.studio.plain_text import escape
from sandbox.runs import Run


def show(target: str, run: Run | None) -> None:
    """Draw the tab."""
    environment = find_target(target).environment
    if run is not None:
        st.markdown("**This run**, from the command line:")
        st.code(
            "sandbox " + shlex.join(downloads.command(run)) + f"\nsandbox watch {run.name}", language="bash"
        )
        st.markdown("**A script** that trains the same agent and measures it:")
        show_python(downloads.script(run))
    if environment is None:
        st.caption(
            f"{escape(target)} is an environment of another package; its rules are in its own documentation."
        )
        return
    st.markdown("**The rules** that ran, compiled from these functions:")
    parts = [environment.reset, environment.step, environment.observe]
    show_python("\n\n".join(source(part) for part in parts))
    if environment.baseline is not None:
        st.markdown("**The hand-written player** it is compared with:")
        show_source(environment.baseline)
