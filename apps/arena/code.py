"""Code: the commands and the script that train this agent again, and the rules that ran."""

import streamlit as st

from agents.environments import find_target
from apps.studio.page import reproduce
from apps.studio.page.source_code import show_python, show_source, source
from apps.studio.plain_text import escape
from sandbox.runs import Run


def show(target: str, run: Run | None) -> None:
    """Draw the tab."""
    environment = find_target(target).environment
    if run is not None:
        reproduce.show(run)
        st.markdown("**In a window**, with the keys to scrub through its ages:")
        st.code(f"sandbox watch {run.name}", language="bash")
    if environment is None:
        st.caption(f"{escape(target)} comes from another package; its documentation has the rules.")
        return
    st.markdown("**The rules** that ran, compiled from these functions:")
    parts = [environment.reset, environment.step, environment.observe]
    show_python("\n\n".join(source(part) for part in parts))
    if environment.baseline is not None:
        st.markdown("**The hand-written player** it is compared with:")
        show_source(environment.baseline)
