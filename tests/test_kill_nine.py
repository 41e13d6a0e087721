"""Killed before any operation on a file, or at any moment, and resumed: the same bits, and nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def killed(*options: str, timeout: float = 590) -> dict:
    """Run the command; what it reports."""
    command = [sys.executable, str(Path(__file__).with_name("kill_nine.py")), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=timeout, check=False)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.thorough
@pytest.mark.quick("to the end")
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize(
    "options",
    [
        ("--share", "1e9", "--steps", "1"),  # every checkpoint can be resumed
        ("--share", "1e-9", "--steps", "2", "--stop-at", "1"),  # one that cannot is saved again
    ],
    ids=["to the end", "stopped"],
)
def test_before_every_operation_on_a_file(options):
    report = killed("--operations", "--kinds", "competitive", *options)
    assert report["killed"]["competitive"] > 20 and report["failures"] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processor time of another process")
@pytest.mark.timeout(3600)
def test_at_random_moments_of_five_kinds_of_training(request):
    moments = request.config.getoption("--kills")
    report = killed("--moments", str(moments), timeout=3600)
    assert len(report["killed"]) == 5 and report["failures"] == []
    assert sum(report["killed"].values()) == moments
