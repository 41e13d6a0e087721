"""A training whose process crashes: its run says so, and where."""

import os
import subprocess
import sys

import pytest

from sandbox.runs import Run
from sandbox.runs.crash_note import read_crash_note

CRASH = """
import faulthandler, sys
from sandbox.progress import Progress, drive
from sandbox.runs import Run

def step():
    faulthandler._sigsegv()

def events():
    yield Progress(1, 2)
    exec(compile("step()", sys.argv[2], "exec"))

drive(Run.open(sys.argv[1]), events())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes end otherwise there")
@pytest.mark.parametrize(
    ("file", "where"),
    [
        (
            "envs/engine/batch.py",
            " in the rules of cartpole, where `sandbox check cartpole` looks for the line",
        ),
        ("elsewhere.py", ""),
    ],
)
def test_a_crash_is_told_by_the_run(file, where):
    run = Run.create("cartpole", {})
    process = subprocess.run([sys.executable, "-c", CRASH, run.name, file], env=os.environ, timeout=60)
    assert process.returncode < 0
    status = run.status()
    assert status["state"] == "interrupted"
    rest = "nothing was saved yet, so resuming begins it again."
    assert status["message"] == f"The process crashed (Segmentation fault){where}; {rest}"


def test_without_a_crash_nothing_stays(tmp_path):
    script = CRASH.replace("    faulthandler._sigsegv()", "    pass")
    run = Run.create("cartpole", {})
    subprocess.run([sys.executable, "-c", script, run.name, "x.py"], env=os.environ, timeout=60, check=True)
    assert run.status()["state"] == "done"
    assert not (run.path / "crash.txt").exists()
    (tmp_path / "crash.txt").write_text("")
    assert read_crash_note(tmp_path) == ""
