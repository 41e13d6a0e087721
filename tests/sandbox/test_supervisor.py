"""A command whose process ends without a word: the terminal says why, and the exit status is not 0."""

import os
import signal
import subprocess
import sys

import pytest

from sandbox.runs import Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands are supervised on Linux only")

SCRIPT = """
import faulthandler, os, signal, sys, time
from sandbox import cli
from sandbox.commands import list as command
from sandbox.progress import Progress, drive
from sandbox.runs import Run

def events():
    yield Progress(1, 2)
    if sys.argv[4] == "wait":
        print("waits", flush=True)
        for step in range(2, 3000):
            time.sleep(0.02)
            yield Progress(step, 3000)
    exec(compile(sys.argv[4], sys.argv[3], "exec"))

def main(rest):
    if sys.argv[2] == "-":
        exec(sys.argv[4])
        return 0
    print(drive(Run.open(sys.argv[2]), events()), flush=True)
    return 0

command.main = main
sys.argv.insert(1, "list")
raise SystemExit(cli.main())
"""


def started(run: str, file: str, action: str) -> subprocess.Popen[str]:
    """The command, whose training does something after its first step."""
    command = [sys.executable, "-c", SCRIPT, run, file, action]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=os.environ)


@pytest.mark.parametrize(
    ("action", "file", "status", "reason"),
    [
        (
            "faulthandler._sigsegv()",
            "envs/engine/batch.py",
            139,
            "The process crashed (Segmentation fault) in the rules of cartpole, where `sandbox check "
            "cartpole` looks for the line",
        ),
        (
            "os.kill(os.getpid(), signal.SIGKILL)",
            "x.py",
            137,
            "The process was killed (SIGKILL), as the system does when memory runs out",
        ),
        ("os._exit(0)", "x.py", 1, "The process ended at once, with status 0 and without a word"),
    ],
)
def test_a_training_that_crashes_is_told(action, file, status, reason):
    run = Run.create("cartpole", {})
    process = started(run.name, file, action)
    _, said = process.communicate(timeout=60)
    begin = f"nothing was saved yet; begin it again with: sandbox train --resume {run.name}"
    assert said == f"{run.name}: {reason}; {begin}\n"
    assert process.returncode == status
    assert run.status()["message"] == f"{reason}; nothing was saved yet, so resuming begins it again."


def test_a_command_that_trains_nothing_is_told_too():
    process = started("-", "", "os.kill(os.getpid(), signal.SIGSEGV)")
    assert process.communicate(timeout=60)[1] == "The process crashed (Segmentation fault).\n"
    assert process.returncode == 139


@pytest.mark.parametrize("action", ["pass", "sys.exit(0)"])
def test_a_command_that_ends_by_itself_says_what_it_says(action):
    process = started("-", "", action)
    assert (*process.communicate(timeout=60), process.returncode) == ("", "", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_asks_the_command_to_stop_stops_the_training(number):
    run = Run.create("cartpole", {})
    process = started(run.name, "x.py", "wait")
    assert process.stdout is not None and process.stdout.readline() == "waits\n"
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("stopped\n", "")
    assert run.status()["state"] == "stopped" and process.returncode == 0


def test_a_command_that_is_killed_takes_its_training_along():
    run = Run.create("cartpole", {})
    process = started(run.name, "x.py", "wait")
    assert process.stdout is not None and process.stdout.readline() == "waits\n"
    process.kill()
    process.communicate(timeout=60)  # ends when nobody is left who could print
    assert not run.is_alive() and run.status()["state"] == "interrupted"
