"""Looking at all runs again reads no file of those that have ended, and misses no change."""

import pytest

from sandbox import files, jobs
from sandbox.errors import UserError
from sandbox.runs import Run, json_cache, list_runs


@pytest.fixture
def reads(monkeypatch):
    """Files that are read, by path."""
    found = []

    def read(path, most):
        found.append(path)
        return original(path, most)

    original = files.read_bytes
    monkeypatch.setattr(files, "read_bytes", read)
    return found


@pytest.fixture
def aged(monkeypatch):
    """Files count as settled at once: the time of the last change cannot be set back."""
    monkeypatch.setattr(json_cache, "SETTLED", -1.0)


@pytest.mark.parametrize("count", [5, 50])
def test_ended_runs_are_read_once_however_many_there_are(aged, reads, count):
    runs = [Run.create("cartpole", {"seed": seed}, state="running") for seed in range(count)]
    for run in runs:
        run.update_status(state="done")
    assert len(list_runs()) == count
    reads.clear()
    for _ in range(4):
        assert len(list_runs()) == count
        assert jobs.list_jobs() == []
    assert not reads


def test_a_change_is_seen_and_what_is_given_is_nobody_elses(aged, reads):
    run = Run.create("cartpole", {"seed": 1}, state="running")
    run.update_status(state="done", step=3)
    first = run.status()
    first["step"] = 99
    assert run.status()["step"] == 3
    run.update_status(step=4)
    assert Run.open(run.name).status()["step"] == 4
    (run.path / "status.json").write_text("{")
    with pytest.raises(UserError, match=r"status\.json"):
        run.status()
    (run.path / "status.json").unlink()
    with pytest.raises(UserError, match="missing"):
        run.status()


def test_a_file_that_was_just_written_is_read_each_time(reads):
    run = Run.create("cartpole", {"seed": 1}, state="running")
    run.update_status(state="done")
    reads.clear()
    run.status()
    run.status()
    assert len(reads) == 2
