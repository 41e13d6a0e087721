"""Who may talk to the studio's server: the pages that came from it."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from apps.server import SameOrigin

ROOT = Path(__file__).parents[2]


def answer(kind: str, **headers: str) -> Any:
    """What a request gets: `passed`, a status, or the code of a websocket that was closed."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append("passed")

    async def receive() -> Any:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(message.get("status") or message.get("code"))

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(SameOrigin(app)({"type": kind, "headers": raw}, receive, send))
    return sent[0]


@pytest.mark.parametrize(
    ("origin", "host", "let_in"),
    [
        ("http://127.0.0.1:8501", "127.0.0.1:8501", True),
        ("http://localhost:8501", "localhost:8501", True),
        ("http://127.0.0.1:9999", "127.0.0.1:8501", False),
        ("http://localhost:9999", "localhost:8501", False),
        ("http://192.168.1.5:8501", "127.0.0.1:8501", False),
        ("http://elsewhere.example", "127.0.0.1:8501", False),
        ("null", "127.0.0.1:8501", False),
        ("", "127.0.0.1:8501", False),
        ("file://127.0.0.1:8501", "127.0.0.1:8501", False),
    ],
)
def test_only_pages_of_this_server_are_let_in(origin, host, let_in):
    assert (answer("websocket", origin=origin, host=host) == "passed") == let_in
    assert (answer("http", origin=origin, host=host) == "passed") == let_in


def test_what_is_refused_is_refused_before_it_is_accepted():
    assert answer("websocket", origin="http://elsewhere.example", host="127.0.0.1") == 1008
    assert answer("http", origin="http://elsewhere.example", host="127.0.0.1") == 403


def test_who_sends_no_origin_is_no_page():
    assert answer("http", host="127.0.0.1") == "passed"


def test_the_settings_are_those_of_the_installed_streamlit():
    import tomllib

    from streamlit import config

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["server"].keys() <= config.get_options_for_section("server").keys()
    server = settings["server"]
    assert server["address"] == "127.0.0.1"
    assert server["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert server["maxUploadSize"] <= server["maxWidgetStateSize"] <= 25
    assert server["enableCORS"] is server["enableXsrfProtection"] is True
    assert settings["browser"]["serverAddress"] == "127.0.0.1"


def test_what_a_fragment_has_not_sent_is_dropped_as_a_whole(monkeypatch):
    """A part that stays behind has no place in the browser, which then gives the page up."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from streamlit.runtime.forward_msg_cache import create_reference_msg, populate_hash_if_needed
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

    def left_of(words: str) -> int:
        message = ForwardMsg()
        message.delta.fragment_id = "polling"
        message.delta.new_element.markdown.body = words
        populate_hash_if_needed(message)
        queue = ForwardMsgQueue()
        # What the browser has already is only mentioned, where that is allowed.
        queue.enqueue(create_reference_msg(message) if message.metadata.cacheable else message)
        queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["polling"])
        return len(queue)

    name = "minCachedMessageSize"
    ours = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["global"][name]
    for least, left in ((10_000, 1), (ours, 0)):  # once Streamlit's own leaves 0, the setting may go
        monkeypatch.setattr("streamlit.config.get_option", {f"global.{name}": least}.get)
        assert left_of("much" * 10_000) == left
        assert left_of("little") == 0
