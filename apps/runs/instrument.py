"""Every training run: compare, resume, download, delete."""

from collections import Counter

import streamlit as st

from apps.runs import archive, compare, details, table
from apps.runs.record import RecordView
from apps.studio import wording
from apps.studio.page import layout
from apps.studio.page.polling import live
from apps.studio.plain_text import escape, sentence
from sandbox.errors import UserError
from sandbox.runs import Run, list_broken_runs, runs_dir

TABS = details.TABS


def body() -> None:
    """Table, curves and the details of one run."""
    entries = table.entries()
    layout.Heading("What has been trained here?").answer(_answer(entries))
    for _, problem in list_broken_runs():
        st.warning(sentence(problem), icon=":material/folder_off:")
    _offer_undo()
    if not entries:
        with st.container(border=True):
            st.markdown("A run appears here as soon as you train something:")
            with st.container(horizontal=True):
                st.page_link("start/page.py", label="Train a network to read digits", icon=":material/draw:")
                st.page_link("arena/page.py", label="Train an agent", icon=":material/smart_toy:")
        return
    chosen = table.choose_rows(table.newest(entries))
    st.caption("Tick rows to compare their curves. Without a tick, the newest run is shown.")
    compare.show(chosen)
    details.show(chosen)


def _answer(entries: list[table.Entry]) -> str:
    if not entries:
        return f"Nothing yet. Runs are kept in {escape(runs_dir())}."
    states = Counter(wording.STATES[entry.state][0] for entry in entries)
    parts = ", ".join(f"{number} {word}" for word, number in states.most_common())
    return f"{wording.count(len(entries), 'run')}: {parts}."


def _offer_undo() -> None:
    name = archive.in_bin()
    if name is None or st.session_state.get("runs:deleted") != name:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{escape(name)}** was deleted.", width="stretch")
        if st.button("Undo", icon=":material/undo:", key="runs:undo"):
            try:
                archive.bring_back(name)
            except UserError as error:
                st.toast(sentence(error))
            st.session_state.pop("runs:deleted", None)
            st.rerun()


def view_of(run: Run, age: int | None = None) -> RecordView | None:
    """A run at an age, or as it is now; None before its first checkpoint."""
    return RecordView.at(run, age)


def main() -> None:
    """Draw the page."""
    live(body)
