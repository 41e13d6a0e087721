"""`sandbox studio`: which address it takes, and that it starts and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox import cli
from sandbox.commands import studio


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind((studio.ADDRESS, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_gives_the_next_free_one(taken, monkeypatch, capsys, tmp_path):
    started = {}

    def become(program, command, environment):
        started.update(command=command, environment=environment)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["studio", "--port", str(taken), "--headless"]) == 0
    out = capsys.readouterr().out
    port = int(out.split("http://127.0.0.1:")[1].split()[0])
    assert port > taken
    assert out.startswith(f"Port {taken} is in use, so the studio takes {port}.\n")
    assert f"--server.port={port}" in started["command"]
    assert "--server.address=127.0.0.1" in started["command"]
    assert "--server.headless=true" in started["command"]
    assert Path(started["environment"]["SANDBOX_RUNS"]).is_absolute()


def test_a_free_port_is_kept():
    with socket.socket() as probe:
        probe.bind((studio.ADDRESS, 0))
        port = probe.getsockname()[1]
    assert studio.free_port(port) == port


def test_no_port_left(taken, monkeypatch, capsys):
    monkeypatch.setattr(studio, "PORTS_TRIED", 1)
    assert cli.main(["studio", "--port", str(taken)]) == 2
    expected = f"The ports {taken} to {taken} are all in use; choose another with --port.\n"
    assert capsys.readouterr().err == expected


def test_it_answers_and_ends_at_ctrl_c(tmp_path):
    with socket.socket() as probe:
        probe.bind((studio.ADDRESS, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sandbox.cli", "studio", "--port", str(port), "--headless"]
    server = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    assert answer.read() == b"ok"
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
        assert _upgrade(port, f"http://127.0.0.1:{port}") == "101"
        assert _upgrade(port, "http://localhost:1") == "403"
        assert _upgrade(port, "http://elsewhere.example") == "403"
        assert _upgrade(port, f"http://127.0.0.1:{port}", host="elsewhere.example") == "403"
        os.killpg(server.pid, signal.SIGINT)
        out, err = server.communicate(timeout=20)
    finally:
        if server.poll() is None:
            server.kill()
    assert server.returncode == 0
    assert "Traceback" not in out + err
    assert f"studio: http://127.0.0.1:{port} " in out


def _upgrade(port: int, origin: str, host: str = "") -> str:
    """The status that a page gets which asks for a websocket."""
    with socket.create_connection((studio.ADDRESS, port), timeout=10) as connection:
        connection.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host or f'127.0.0.1:{port}'}\r\nOrigin: {origin}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        return connection.recv(64).decode().split()[1]
