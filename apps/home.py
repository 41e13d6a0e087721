"""The studio's entry: finds the pages, shows the one that was asked for, and the jobs tray with it."""

from pathlib import Path

import streamlit as st

from apps.studio import background_imports, navigation
from apps.studio.page import columns
from sandbox import jobs

HERE = Path(__file__).resolve().parent


@st.cache_resource
def warm_job_process() -> None:
    """Keep one process ready for the next job, once per server."""
    jobs.warm()


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
                entry.path,
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
warm_job_process()
background_imports.start(later=[module for entry in entries for module in entry.page.waits_for])
page.run()
