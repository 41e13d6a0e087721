"""One file from a server on this machine that does whatever servers do wrong."""

import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox.data import http_stream, remote_file
from sandbox.data.download import fetch, fetching
from sandbox.data.remote_file import Patience, RemoteFile, checksum_of
from sandbox.errors import UserError

CONTENT = bytes(range(256)) * 2048
"""Half a megabyte: several blocks."""
TAG = '"first"'
QUICK = Patience(connect=5.0, stall=5.0, tries=2, pause=0.0, plain_loopback=True)
pytestmark = [
    # A server that breaks off leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.thorough,
]


class Server:
    """What the tests say to the server, and what it was asked.

    Attributes:
        answers: what each request is answered with, in turn; the last one for all further ones.
        asked: headers of the requests, path included.
        base: its address.
    """

    def __init__(self) -> None:
        self.answers: list[Callable[[BaseHTTPRequestHandler], None]] = [whole]
        self.asked: list[dict[str, str]] = []
        self.base = ""


@pytest.fixture
def server(monkeypatch):
    said = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            said.asked.append({"path": self.path, **self.headers})
            number = min(len(said.asked), len(said.answers)) - 1
            self.close_connection = True
            said.answers[number](self)

        def log_message(self, format, *args):
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    said.base = f"http://127.0.0.1:{listening.server_address[1]}/"
    yield said
    listening.shutdown()
    thread.join()
    listening.server_close()


def answer(code=200, headers=None, body=b"", length: int | None = None):
    """An answer with these headers; `length` is what it says of its body, the truth if it is None."""

    def say(handler):
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return say


def whole(handler):
    """What a good server does: all of it, or what was asked for."""
    asked = handler.headers.get("Range")
    same = handler.headers.get("If-Range", TAG) == TAG
    if asked and same:
        begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        about = {"Content-Range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}", "ETag": TAG}
        answer(206, about, CONTENT[begin:])(handler)
    else:
        answer(200, {"ETag": TAG}, CONTENT)(handler)


broken_off = answer(200, {"ETag": TAG}, CONTENT[:200_000], len(CONTENT))


def remote(server, *, checksum=None, size=0, names=("a.bin",)):
    if checksum is None:
        checksum = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    return RemoteFile("a.bin", tuple(server.base + name for name in names), checksum, size)


def left_in(folder):
    """What lies in a folder besides locks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_a_file_arrives_and_is_not_asked_for_again(server, tmp_path, kind):
    file = remote(server, checksum=f"{kind}:{hashlib.new(kind, CONTENT).hexdigest()}", size=len(CONTENT))
    told = []
    path = fetch(file, tmp_path / "new", told.append, patience=QUICK)
    assert path.read_bytes() == CONTENT and left_in(path.parent) == ["a.bin"]
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].done == told[-1].total == len(CONTENT)
    assert fetch(file, tmp_path / "new", patience=QUICK) == path and len(server.asked) == 1
    assert "Range" not in server.asked[0] and server.asked[0]["Accept-Encoding"] == "identity"


def test_plain_http_is_refused(server, tmp_path):
    with pytest.raises(UserError, match="only https is taken"):
        fetch(remote(server), tmp_path)
    assert server.asked == []


def test_a_redirect_is_followed_but_not_to_plain_http(server, tmp_path):
    server.answers = [answer(302, {"Location": "/elsewhere"}), whole]
    assert fetch(remote(server), tmp_path / "good", patience=QUICK).read_bytes() == CONTENT
    assert [asked["path"] for asked in server.asked] == ["/a.bin", "/elsewhere"]
    server.asked.clear()
    server.answers = [answer(301, {"Location": "http://example.org/a.bin"})]
    with pytest.raises(UserError, match=r"it leads to http://example\.org, and only https is taken"):
        fetch(remote(server), tmp_path / "bad", patience=QUICK)
    assert left_in(tmp_path / "bad") == [] and len(server.asked) == 1
    server.answers = [answer(302, {"Location": "/a.bin"})]
    with pytest.raises(UserError, match="without end"):
        fetch(remote(server), tmp_path / "bad", patience=QUICK)
    server.answers = [answer(302, {"Location": "file:///etc/passwd"})]
    with pytest.raises(UserError, match="only https is taken"):
        fetch(remote(server), tmp_path / "bad", patience=QUICK)


def test_a_connection_that_breaks_off_goes_on_where_it_was(server, tmp_path):
    server.answers = [broken_off, whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert server.asked[1]["Range"] == "bytes=200000-" and server.asked[1]["If-Range"] == TAG
    assert left_in(tmp_path) == ["a.bin"]


def test_what_arrived_is_kept_for_the_next_time(server, tmp_path):
    events = fetching(remote(server), tmp_path, patience=QUICK)
    while next(events).done == 0:
        pass
    events.close()
    assert not (tmp_path / "a.bin").exists() and left_in(tmp_path)
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert int(server.asked[1]["Range"].removeprefix("bytes=").removesuffix("-")) > 0


def test_a_file_that_has_changed_meanwhile_begins_anew(server, tmp_path):
    old = answer(200, {"ETag": '"old"'}, b"\0" * 200_000, len(CONTENT))
    server.answers = [old, whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert server.asked[1]["If-Range"] == '"old"' and len(server.asked) == 2


def test_pieces_that_are_not_of_one_file_begin_anew(server, tmp_path):
    without_tag = answer(200, {}, b"\0" * 200_000, len(CONTENT))
    server.answers = [without_tag, whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert ["Range" in asked for asked in server.asked] == [False, True, False]


def test_without_checksum_and_mark_nothing_is_put_together(server, tmp_path):
    server.answers = [answer(200, {}, CONTENT[:200_000], len(CONTENT)), answer(200, {}, CONTENT)]
    assert fetch(remote(server, checksum=""), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert all("Range" not in asked for asked in server.asked)


def test_a_server_without_ranges_begins_anew(server, tmp_path):
    server.answers = [broken_off, answer(200, {"ETag": TAG}, CONTENT)]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT


def test_a_range_that_nobody_asked_for_is_not_taken(server, tmp_path):
    wrong = answer(206, {"Content-Range": f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}"}, CONTENT[7:])
    server.answers = [broken_off, wrong, whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    server.answers, server.asked = [broken_off, answer(416), whole], []
    assert fetch(remote(server), tmp_path / "other", patience=QUICK).read_bytes() == CONTENT


def test_wrong_bytes_are_named_and_deleted(server, tmp_path):
    server.answers = [answer(200, {}, CONTENT[::-1])]
    wanted, found = (f"md5:{hashlib.md5(each).hexdigest()}" for each in (CONTENT, CONTENT[::-1]))
    with pytest.raises(UserError, match=f"expected {wanted}, found {found}; it was deleted"):
        fetch(remote(server), tmp_path, patience=QUICK)
    assert left_in(tmp_path) == [] and len(server.asked) == 1


def test_the_next_address_is_asked_where_one_fails(server, tmp_path):
    server.answers = [answer(404), answer(200, {}, b"a page that says welcome"), whole]
    file = remote(server, names=("gone", "portal", "a.bin"))
    assert fetch(file, tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert [asked["path"] for asked in server.asked] == ["/gone", "/portal", "/a.bin"]


@pytest.mark.parametrize("said", [5, len(CONTENT) - 1, len(CONTENT) + 1, 10**15])
def test_a_lie_about_the_length(server, tmp_path, said):
    server.answers = [answer(200, {"ETag": TAG}, CONTENT, said)]
    with pytest.raises(UserError, match="offers"):
        fetch(remote(server, size=len(CONTENT)), tmp_path / "known", patience=QUICK)
    assert left_in(tmp_path / "known") == []
    with pytest.raises(UserError, match=r"is not the published file|broke off|offers|are free"):
        fetch(remote(server), tmp_path / "unknown", patience=QUICK)
    assert not (tmp_path / "unknown" / "a.bin").exists()


def test_more_than_was_published_is_not_taken(server, tmp_path, monkeypatch):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()  # says nothing of its length
        for _ in range(40):
            handler.wfile.write(CONTENT)

    server.answers = [endless]
    with pytest.raises(UserError, match=f"sends more than {len(CONTENT):,} bytes"):
        fetch(remote(server, size=len(CONTENT)), tmp_path, patience=QUICK)
    monkeypatch.setattr(remote_file, "LARGEST", 1000)
    with pytest.raises(UserError, match="sends more than 1,000 bytes"):
        fetch(remote(server, checksum=""), tmp_path, patience=QUICK)
    assert left_in(tmp_path) == []


def test_a_server_that_stalls_is_given_up(server, tmp_path):
    go_on = threading.Event()

    def stalls(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:1000])
        handler.wfile.flush()
        go_on.wait(30)

    server.answers = [stalls]
    impatient = Patience(connect=5.0, stall=0.1, tries=2, pause=0.0, plain_loopback=True)
    with pytest.raises(UserError, match="does not answer in time"):
        fetch(remote(server), tmp_path, patience=impatient)
    go_on.set()
    server.answers = [whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT


def test_an_error_of_the_server_is_tried_again(server, tmp_path):
    server.answers = [answer(503), whole]
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    server.answers, server.asked = [answer(503)], []
    with pytest.raises(UserError, match="it answers with 503"):
        fetch(remote(server), tmp_path / "other", patience=QUICK)
    assert len(server.asked) == QUICK.tries


def test_offline_is_one_sentence(tmp_path):
    file = RemoteFile("a.bin", ("https://127.0.0.1:1/a.bin",), "md5:0", 10)
    with pytest.raises(UserError) as refusal:
        fetch(file, tmp_path, patience=QUICK)
    assert str(refusal.value) == (
        "a.bin could not be fetched: 127.0.0.1: it cannot be reached; go online, "
        "or put the file into a folder that SANDBOX_DATA_MIRROR names."
    )


def test_a_mirror_is_looked_at_first_and_checked(server, tmp_path):
    mirror = tmp_path / "mirror.bin"
    mirror.write_bytes(CONTENT)
    nowhere = tmp_path / "none.bin"
    assert fetch(remote(server), tmp_path / "a", mirror=[nowhere, mirror]).read_bytes() == CONTENT
    assert server.asked == []
    mirror.write_bytes(CONTENT[1:])
    with pytest.raises(UserError, match=r"a\.bin from .* is not the published file: .*; it was not taken"):
        fetch(remote(server), tmp_path / "b", mirror=[mirror])
    assert mirror.exists() and left_in(tmp_path / "b") == []


def test_two_who_want_the_same_file_fetch_it_once(server, tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    def waits(handler):
        begun.set()
        go_on.wait(30)
        whole(handler)

    server.answers = [waits]
    found = []
    file = remote(server)
    threads = [
        threading.Thread(target=lambda: found.append(fetch(file, tmp_path, patience=QUICK))) for _ in "ab"
    ]
    threads[0].start()
    assert begun.wait(30)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "a.bin"] * 2 and len(server.asked) == 1


def test_a_full_disk_is_said_before(server, tmp_path, monkeypatch):
    monkeypatch.setattr(http_stream.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    with pytest.raises(UserError, match="are free on that disk"):
        fetch(remote(server), tmp_path, patience=QUICK)


def test_a_damaged_note_is_no_note(server, tmp_path):
    part = tmp_path / ".tmp-a.bin.part"
    part.write_bytes(b"x" * 10)
    (tmp_path / ".tmp-a.bin.part.json").write_text(json.dumps([1]))
    assert fetch(remote(server), tmp_path, patience=QUICK).read_bytes() == CONTENT
    assert "Range" not in server.asked[0]
    assert checksum_of(tmp_path / "a.bin").startswith("sha256:")
