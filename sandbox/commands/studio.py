"""Open the studio in the browser: train, watch and compare, all on this machine."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import registry
from sandbox.errors import UserError
from sandbox.options import Flag, parse
from sandbox.runs import runs_dir

# The studio is for whoever sits at this machine; streamlit would listen on every network interface.
ADDRESS = "127.0.0.1"
PORTS_TRIED = 100
BECOMES_ANOTHER_PROGRAM = True
"""Read by `sandbox.cli`."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox studio`."""

    port: int = 8501
    """port to listen on; the next free one when it is taken"""
    headless: Flag = False
    """do not open a browser"""


def main(arguments: Sequence[str]) -> int:
    """Runs the studio until Ctrl-C."""
    options = parse(Options, arguments, "sandbox studio", __doc__ or "")
    port = free_port(options.port)
    top = registry.package_folder("apps")
    if top is None or not (top / "server.py").exists():
        raise UserError("The studio is not installed: apps/server.py is missing.")
    if port != options.port:
        print(f"Port {options.port} is in use, so the studio takes {port}.")
    print(f"studio: http://{ADDRESS}:{port}    (Ctrl-C ends it; running jobs go on)", flush=True)
    command = [sys.executable, "-m", "apps.server"]
    command += [f"--server.port={port}", f"--server.address={ADDRESS}"]
    command += [f"--server.headless={str(options.headless).lower()}"]
    return _run(command, str(top.parent), os.environ | {"SANDBOX_RUNS": str(runs_dir())})


def free_port(wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on.

    Raises:
        UserError: the number is not a port, or none of the next hundred is free.
    """
    if not 1 <= wanted <= 65535:
        raise UserError(f"{wanted} is not a port: it must lie between 1 and 65535.")
    last = min(wanted + PORTS_TRIED - 1, 65535)
    for port in range(wanted, last + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # a port closed a moment ago is free; on Windows this would steal one
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise UserError(f"The ports {wanted} to {last} are all in use; choose another with --port.")


def _run(command: list[str], folder: str, environment: dict[str, str]) -> int:
    """Becomes the server, so that Ctrl-C and `kill` reach it directly and it cannot outlive this command."""
    os.chdir(folder)
    if os.name == "posix":
        os.execve(command[0], command, environment)
    return subprocess.call(command, env=environment)  # Windows cannot replace a process
