"""What a page has drawn is sent before the next look at the runs begins.

What a fragment's next run finds unsent Streamlit drops, but for the word that the whole page is complete: the
browser then takes all that was dropped off the screen, until it comes again. The server's own loop sends, and
while torch is imported beside it, it may take seconds to get its turn.
"""

import asyncio
import concurrent.futures
import contextlib

TURN = 0.03
"""Seconds of the server's loop in which it sends what there is; it looks every hundredth."""
PATIENCE = 5.0
"""Seconds after which a page goes on all the same."""

_loop: asyncio.AbstractEventLoop | None = None


def by_this_loop() -> None:
    """Say that the running loop is the one that sends."""
    global _loop
    _loop = asyncio.get_running_loop()


def wait() -> None:
    """Wait, in a page's thread, until what it has drawn is on its way; where no server runs, for nothing."""
    if _loop is not None and _loop.is_running():
        with contextlib.suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(TURN), _loop).result(PATIENCE)
