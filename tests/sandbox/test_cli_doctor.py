"""`sandbox doctor`: finds what is wrong and says what to do."""

import json
import shutil
import sys
from collections import namedtuple

import pytest

from sandbox import cli
from sandbox.commands import doctor
from sandbox.runs import Run

Usage = namedtuple("Usage", "total used free")


def only(findings):
    (finding,) = findings
    return finding


def test_this_machine_has_no_problem(capsys):
    assert cli.main(["doctor", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["ok"] is True
    found = {finding["name"]: finding for finding in record["findings"]}
    assert {"python", "packages", "device", "threads", "display", "runs", "compile cache"} <= set(found)
    assert "torch " in found["packages"]["text"]
    assert "GFLOP/s" in found["matrix product"]["text"]
    assert "million steps/s" in found["environments"]["text"]


def test_a_problem_is_shown_with_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (doctor.runs,))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 10**8))
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("problem runs ")
    assert "only 0.10 GB free" in out
    assert "→ make room, or set SANDBOX_RUNS to another disk" in out
    assert out.endswith("1 problem\n")


def test_a_folder_that_may_not_be_written(monkeypatch):
    # Root may write anywhere, so the refusal of the system is acted.
    def refuse(**keywords):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    finding = only(doctor.runs())
    assert finding.state == "problem"
    assert "Permission denied" in finding.text
    assert "SANDBOX_RUNS" in finding.remedy


def test_a_corrupt_run_is_named():
    run = Run.create("cartpole", {})
    (run.path / "status.json").write_text("?")
    folder, broken = doctor.runs()
    assert folder.state == "ok"
    assert broken.state == "note"
    assert str(run.path / "status.json") in broken.text


def test_a_missing_package(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    finding = only(doctor.packages())
    assert (finding.state, finding.text) == ("problem", "missing: no-such-package")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_display(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert only(doctor.display()).state == "note"
    monkeypatch.setenv("DISPLAY", ":7")
    assert only(doctor.display()) == doctor.Finding("display", "ok", ":7")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert only(doctor.display()).state == "note"


def test_a_broken_environment_is_named(monkeypatch):
    import envs
    from envs.engine.errors import BrokenEnvironment

    broken = BrokenEnvironment("maze.py", 7, "step", "it divides by zero")
    monkeypatch.setattr(envs, "broken", lambda: {"maze": broken})
    first, second = doctor.environments()
    assert first.state == "problem"
    assert first.text == "maze.py, line 7, in step: it divides by zero."
    assert second.state == "ok"


def test_a_check_that_fails_itself_is_a_finding(monkeypatch):
    def device():
        raise RuntimeError("no driver")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (device,))
    finding = only(doctor.examine())
    assert (finding.name, finding.state, finding.text) == ("device", "problem", "RuntimeError: no driver")
