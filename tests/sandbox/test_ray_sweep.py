"""A sweep on a local Ray cluster of two workers: ordinary runs, one journal, and nothing left behind."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.commands.sweep import main
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs

SEARCH = ["--search", "learning_rate=1e-3:1e-2", "--json"]
TINY = ["--", "--total-timesteps", "2000", "--eval-episodes", "5", "--final-episodes", "10"]


def processes_of(root: Path) -> list[str]:
    """Those that were started with this folder of runs, and still are there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"SANDBOX_RUNS={root}".encode() in (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mine and int(folder.name) != os.getpid() and command.strip():
            found.append(command)
    return found


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
def test_two_workers_share_a_sweep_that_goes_on_without_ray(runs_root, capsys):
    pytest.importorskip("ray", reason="the extra ray is not installed")
    words = ["sweep", "catch", "--trials", "3", "--ray", "local:2", *SEARCH, *TINY]
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    runs = list_runs()
    assert said["trials"] == 3 == len(runs) and len(said["best"]) == 3
    for one in said["best"]:
        run = Run.open(one["run"])
        assert run.status()["state"] == "done" and run.config["sweep"] == said["study"]
        assert run.config["settings"]["learning_rate"] == one["learning_rate"]
        assert one["value"] == [row["eval_return"] for row in run.metrics() if "eval_return" in row][-1]
    assert len({one["learning_rate"] for one in said["best"]}) == 3
    # Two began before either had ended.
    starts = sorted(datetime.fromisoformat(run.config["created"]).timestamp() for run in runs)
    ends = [(run.path / "status.json").stat().st_mtime for run in runs]
    assert starts[1] < min(ends)
    until = time.monotonic() + 20
    while (left := processes_of(runs_root)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left
    assert sorted(path.name for path in (runs_root / ".sweeps").iterdir()) == [f"{said['study']}.jsonl"]
    # One more of the same sweep, in this process.
    assert main(["catch", "--study", said["study"], "--trials", "4", *SEARCH, *TINY]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["trials"] == 4 == len(list_runs())


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("address", "sentence"),
    [("ray://10.0.0.1:10001", "address of the head node"), ("local:0", "local:N for N trials at once")],
)
def test_an_address_that_cannot_be_is_a_sentence(address, sentence):
    pytest.importorskip("ray", reason="the extra ray is not installed")
    from sandbox.ray_sweep import connected

    with pytest.raises(UserError, match=sentence), connected(address):
        pass


def test_without_ray_it_is_a_sentence(monkeypatch):
    from sandbox.commands import sweep

    monkeypatch.setattr(sweep, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'ray\[tune\]'$"):
        main(["catch", "--ray", "local"])
    assert not list_runs()
