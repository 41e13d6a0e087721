"""The studio's entry: finds the pages, shows the one that was asked for, and the jobs tray with it."""

import contextlib
from pathlib import Path

import streamlit as st

from apps.studio import background_imports, navigation, sending
from apps.studio.page import columns
from sandbox import jobs
from sandbox.data import uploads
from sandbox.errors import UserError
from sandbox.runs import list_broken_runs, list_runs

HERE = Path(__file__).resolve().parent


@st.cache_resource
def begin() -> None:
    """Once per server: keep a process ready for the next job, and forget uploads that no run learns from."""
    jobs.warm()
    with contextlib.suppress(UserError, OSError):  # the page itself says what is wrong with the runs
        used = [run.config.get("data") for run in list_runs()]
        # A run that cannot be read does not say what it learned from.
        if not list_broken_runs():
            uploads.forget_unused([Path(path) for path in used if path])


# A local picture: for a symbol as page icon the browser would ask a server on the internet.
st.set_page_config(page_title="Deep Sandbox", page_icon=str(HERE / "studio" / "icon.png"), layout="wide")
st.logo(str(HERE / "studio" / "logo.svg"), icon_image=str(HERE / "studio" / "icon.png"), size="large")

# Pages look at their runs every second while something trains; a sign for each look would only blink.
st.html("<style>[data-testid=stStatusWidget]{display:none}</style>")
st.html(columns.STYLE)

entries = navigation.find_pages()
page = st.navigation(
    {
        section: [
            st.Page(
                entry.path or entry.page.show,
                title=entry.page.title,
                icon=entry.page.icon,
                url_path=entry.page.name,
                default=entry is entries[0],
                help=entry.help or None,
            )
            for entry in group
        ]
        for section, group in navigation.by_section(entries).items()
    },
    expanded=True,
)
# Before the page, which orders its first training from the process that waits for one, and which draws what
# it can without torch instead of importing it; the delay lets it go first.
begin()
background_imports.start(later=[module for entry in entries for module in entry.page.waits_for])
page.run()
sending.wait()
