"""The one polling fragment of a page: what it shows follows the run folders while something trains."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from apps.components import background, tray, warm
from sandbox import jobs
from sandbox.errors import UserError, is_user_error
from sandbox.runs import Run

TRAINING = 1.0
"""Seconds between looks while a job is queued or running."""
WARMING = 0.4
"""Seconds between looks until a page has what it waits for, and a job has begun to learn."""

_log = logging.getLogger(__name__)


def live(
    body: Callable[[], None], *, needs: tuple[str, ...] = (), busy: Callable[[], bool] = lambda: False
) -> None:
    """Draw a page's body, again every second while a job is alive, and the jobs tray in the sidebar with it.

    A page calls this once. No other fragment may be drawn inside the body, nor behind it other than in a
    container of the page itself: Streamlit drops unsent parts of a fragment that runs again, and what
    stands on them then has no place. What fails in the body is one sentence on the page; the traceback of
    what is not the user's mistake goes to the terminal.

    Args:
        body: draws the page; runs as a fragment, so a button in it reruns only the body.
        needs: heavy modules with which the body shows more once they are imported, see `warm.ready`.
        busy: whether something else than a job is under way that the body shows.
    """
    interval = _interval(needs, busy)

    @st.fragment(run_every=interval)
    def page() -> None:
        jobs.tick()
        with guarded():
            body()
        with guarded(), st.sidebar:
            tray.show()
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
            st.error(str(error), icon=":material/error:")
            return
        _log.exception("a part of the page failed")
        text = " ".join(str(error).split())[:200]
        st.error(
            f"This part of the page failed ({type(error).__name__}: {text}); "
            "the terminal that runs the studio has the details.",
            icon=":material/bug_report:",
        )


def _interval(needs: tuple[str, ...], busy: Callable[[], bool]) -> float | None:
    if not warm.ready(*needs) or background.pending():
        return WARMING
    alive = jobs.list_jobs()
    if any(_begins(run) for run in alive[:1]):
        return WARMING
    return TRAINING if busy() or alive else None


def _begins(run: Run) -> bool:
    """Whether a job is about to learn its first step, or to let another one pass."""
    try:
        status = run.status()
    except UserError:  # deleted since it was listed
        return False
    return status["state"] == "queued" or not status.get("step") or run.stop_requested()
