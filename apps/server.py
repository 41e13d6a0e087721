"""The studio's server: Streamlit's, which lets nobody in but the studio's own pages.

Streamlit accepts a websocket from a page of any port of this machine, and asks the internet for this
machine's address to find out whether a page of yet another origin may have one. Here a page may only talk to
the server that it came from; anything else is refused before Streamlit looks at it.
"""

import contextlib
import sys
from pathlib import Path

import click
import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web import cli

from apps.studio import sending


class SameOrigin:
    """Refuses what a page of another origin asks for.

    Args:
        app: who answers what is let through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with status 403."""
        sending.by_this_loop()
        if scope["type"] in ("http", "websocket") and not _is_own(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})  # before it is accepted: status 403
                return
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"This page is not the studio's."})
            return
        await self.app(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    """Whether a request comes from a page of this server, or from no page at all."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    origin = headers.get(b"origin")
    if origin is None:
        return True
    scheme, _, place = origin.partition(b"://")
    return scheme in (b"http", b"https") and place == headers.get(b"host")


app = st.App(Path(__file__).with_name("home.py"), middleware=[Middleware(SameOrigin)])


def main(options: list[str]) -> int:
    """Run the server until Ctrl-C, which is how it is meant to end: status 0.

    Args:
        options: of `streamlit run`, such as `--server.port=8501`.
    """
    with contextlib.suppress(click.Abort, KeyboardInterrupt):
        cli.main(["run", __file__, *options], prog_name="streamlit", standalone_mode=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
