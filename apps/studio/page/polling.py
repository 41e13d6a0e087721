"""The one polling fragment of a page: what it shows follows the run folders while something trains."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from apps.studio import background_imports, background_work, wording
from apps.studio.page import job_list
from apps.studio.plain_text import escape, sentence
from sandbox import jobs
from sandbox.errors import UserError, is_user_error
from sandbox.runs import Run

TRAINING = 1.0
"""Seconds between looks while a job is queued or running."""
WARMING = 0.4
"""Seconds between looks until a page has what it waits for."""
BEGINNING = 0.1
"""Seconds between looks until a job has learned its first step."""
WATCH, GLANCE = 0.3, 0.02
"""Seconds for which a look waits for that step, and between glances at the run; then a click has its turn."""

_log = logging.getLogger(__name__)


def live(
    body: Callable[[], None],
    *,
    needs: tuple[str, ...] = (),
    busy: Callable[[], bool] = lambda: False,
    begin: Callable[[], object] = lambda: None,
) -> None:
    """Draw a page's body, again every second while a job is alive, and the jobs tray in the sidebar with it.

    A page calls this once. No other fragment may be drawn inside the body, nor behind it other than in a
    container of the page itself: Streamlit drops unsent parts of a fragment that runs again, and what
    stands on them then has no place. What fails in the body is one sentence on the page; the traceback of
    what is not the user's mistake goes to the terminal.

    Args:
        body: draws the page; runs as a fragment, so a button in it reruns only the body.
        needs: heavy modules with which the body shows more, see `background_imports.ready`.
        busy: whether something else than a job is under way that the body shows.
        begin: orders what the page trains by itself, before anything is drawn; the body may do it once more.
    """
    with contextlib.suppress(Exception):  # the body meets it again, and says it
        begin()
    background_work.begin_look()
    interval = _interval(needs, busy)
    whole = True  # while the whole page is drawn, of which this may be the first part

    @st.fragment(run_every=interval)
    def page() -> None:
        nonlocal whole
        background_work.begin_look()
        with guarded():
            jobs.tick()
        with guarded():
            body()
        with guarded(), st.sidebar:
            job_list.show()
        if not whole:
            _wait_for_first_step()
        whole = False
        if _interval(needs, busy) != interval:
            st.rerun()

    page()


@contextmanager
def guarded() -> Iterator[None]:
    """Turn an exception of the block into one sentence on the page."""
    try:
        yield
    except Exception as error:  # Streamlit stops and reruns scripts by a BaseException, which passes
        if is_user_error(error):
            st.error(sentence(error), icon=":material/error:")
            return
        _log.exception("a part of the page failed")
        text = " ".join(str(error).split())[:200]
        st.error(
            f"This part of the page failed ({type(error).__name__}: {escape(text)}); "
            "the terminal that runs the studio has the details.",
            icon=":material/bug_report:",
        )


def _interval(needs: tuple[str, ...], busy: Callable[[], bool]) -> float | None:
    alive = _jobs()
    if any(_begins(run) for run in alive[:1]):
        background_imports.rest()
        return BEGINNING
    if not background_imports.ready(*needs):
        return WARMING
    if alive or busy():
        return TRAINING
    return WARMING if background_work.pending() else None


def _jobs() -> list[Run]:
    """What trains or waits; nothing where the runs cannot be read, which the page itself says."""
    try:
        return jobs.list_jobs()
    except (UserError, OSError):
        return []


def _begins(run: Run) -> bool:
    """Whether a job is about to learn its first step, or to let another one pass."""
    try:
        status = run.status()
        return status["state"] == "queued" or wording.begins(status) or run.stop_requested()
    except UserError:  # deleted since it was listed
        return False


def _wait_for_first_step() -> None:
    """Glance at a run that begins: it costs less than to draw the page again and see nothing new."""
    end = time.monotonic() + WATCH
    run = next(iter(_jobs()), None)
    while run is not None and time.monotonic() < end and _is_starting(run):
        time.sleep(GLANCE)


def _is_starting(run: Run) -> bool:
    with contextlib.suppress(UserError):  # deleted since it was listed
        status = run.status()
        return status["state"] == "running" and wording.begins(status) and not run.stop_requested()
    return False
