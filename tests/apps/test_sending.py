"""A page's thread waits until the server's loop had its turn."""

import asyncio
import threading

from apps.studio import sending


def test_what_was_to_be_sent_before_has_been_sent(monkeypatch):
    loop, sent, goes = asyncio.new_event_loop(), [], threading.Event()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:

        async def serve() -> None:
            sending.by_this_loop()

        monkeypatch.setattr(sending, "_loop", None)
        asyncio.run_coroutine_threadsafe(serve(), loop).result(60)
        loop.call_soon_threadsafe(goes.wait)  # busy: whoever waits is still waiting
        loop.call_soon_threadsafe(sent.append, "the page")
        threading.Timer(0.2, goes.set).start()
        sending.wait()
        assert sent == ["the page"]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    sending.wait()  # nobody sends any more: nothing to wait for


def test_without_a_server_nobody_waits(monkeypatch):
    monkeypatch.setattr(sending, "_loop", None)
    sending.wait()
