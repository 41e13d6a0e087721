"""Run folders: names that never clash, sentences for what is broken, states that are true."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import files
from sandbox.errors import UserError
from sandbox.runs import LAUNCH_SECONDS, Run, list_broken_runs, list_runs, runs_dir


def test_names_count_up_and_never_return_after_the_newest(runs_root):
    first, second = Run.create("vision/classify", {"seed": 3}), Run.create("vision/classify", {})
    assert (first.name, second.name) == ("vision-classify-001", "vision-classify-002")
    assert Run.create("Odd Name!", {}).name == "odd-name-001"
    assert first.config["seed"] == 3
    assert first.config["kind"] == "task" and Run.create("snake", {}).config["kind"] == "agent"
    assert {"torch", "python"} <= first.config["versions"].keys()


def test_processes_that_create_at_once_get_names_of_their_own(runs_root):
    program = "from sandbox.runs import Run\nfor _ in range(15): print(Run.create('snake', {}).name)"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    names = [name for process in processes for name in process.communicate(timeout=60)[0].split()]
    assert len(names) == len(set(names)) == 45
    assert len(list_runs()) == 45
    assert not list(runs_root.glob(".tmp*"))
    assert all(run.config["name"] == run.name for run in list_runs())


def test_lists_are_newest_first_and_leave_broken_runs_to_their_own_list(runs_root):
    runs = [Run.create("snake", {}) for _ in range(3)]
    (runs[1].path / "config.json").write_text('{"target": "sna')
    (runs_root / "notes").mkdir()
    (runs_root / ".hidden").mkdir()
    assert [run.name for run in list_runs()] == ["snake-003", "snake-001"]
    broken = {run.name: sentence for run, sentence in list_broken_runs()}
    assert broken.keys() == {"snake-002", "notes"}
    assert str(runs[1].path / "config.json") in broken["snake-002"]


def test_no_runs_is_no_error(monkeypatch, tmp_path):
    assert list_runs() == []
    monkeypatch.delenv("SANDBOX_RUNS")
    monkeypatch.chdir(tmp_path)
    assert runs_dir() == tmp_path / "runs"


def test_open_by_name_and_path(runs_root):
    run = Run.create("snake", {})
    assert Run.open("snake-001") == Run.open(run.path) == Run.open(str(run.path)) == run
    with pytest.raises(UserError, match="Did you mean snake-001"):
        Run.open("snak-001")
    with pytest.raises(UserError, match="looked for in"):
        Run.open("xyz")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("config.json", "{", "is corrupt: it is not JSON"),
        ("config.json", "[]", "holds no JSON object"),
        ("config.json", '{"name": "snake-001"}', "has no target"),
        ("status.json", "\x00\x00", "is corrupt"),
        ("status.json", '{"state": "dreaming"}', "no known state"),
        ("status.json", None, "is missing"),
    ],
)
def test_open_names_the_corrupt_file(file, content, words):
    run = Run.create("snake", {})
    path = run.path / file
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(UserError) as error:
        Run.open(run.name)
    assert str(path) in str(error.value) and words in str(error.value)


def test_a_folder_that_may_not_be_written_is_a_sentence(monkeypatch, runs_root):
    def refuse(self, *args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UserError, match="you may not write there; SANDBOX_RUNS names another folder"):
        Run.create("snake", {})


def test_a_file_in_the_place_of_the_folder_is_a_sentence(runs_root):
    runs_root.write_text("")
    with pytest.raises(UserError, match="Could not make a run in"):
        Run.create("snake", {})


def test_status_is_replaced_field_by_field():
    run = Run.create("snake", {}, state="queued", queued=1.0)
    before = run.status()["updated"]
    time.sleep(0.01)
    run.update_status(state="done", step=7)
    status = run.status()
    assert (status["state"], status["step"], status["queued"]) == ("done", 7, 1.0)
    assert status["updated"] > before
    run.update_config(device="cpu")
    assert Run.open(run.name).config["device"] == run.config["device"] == "cpu"


def test_a_full_disk_leaves_the_old_status(monkeypatch):
    run = Run.create("snake", {}, state="done")

    def refuse(path, data, sync=False):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "write_bytes", refuse)
    with pytest.raises(UserError, match="the disk is full; the checkpoints saved so far"):
        run.update_status(state="failed")
    monkeypatch.undo()
    assert json.loads((run.path / "status.json").read_text())["state"] == "done"
    assert not list(run.path.glob(".tmp*"))


def test_running_is_believed_only_while_somebody_lives():
    run = Run.create("snake", {})
    assert run.status()["state"] == "running"  # this process made it and lives
    run.update_status(launching=None)
    assert run.status()["state"] == "interrupted"
    with run.hold():
        assert run.status()["state"] == "running" and run.is_alive()
        with pytest.raises(UserError, match="stop it first"):
            run.delete()
    assert not run.is_alive()
    run.update_status(launching=os.getpid(), updated=time.time() - LAUNCH_SECONDS - 1)
    assert run.status()["state"] == "interrupted"  # a number of a process from long ago


def test_the_lock_goes_when_its_holder_is_killed():
    run = Run.create("snake", {})
    program = (
        "import sys, time\nfrom sandbox.runs import Run\n"
        f"with Run.open({str(run.path)!r}).hold():\n    print('held', flush=True)\n    time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    run.update_status(launching=None)
    assert run.is_alive()
    with pytest.raises(UserError, match="is being trained by another process"), run.hold():
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert run.status()["state"] == "interrupted"
    with run.hold():
        pass


def test_looking_never_keeps_the_holder_out():
    """Many who look at once see no holder, and do not hold it themselves."""
    run = Run.create("snake", {}, state="done")
    with run.hold():
        pass
    program = (
        "from sandbox.runs import Run\n"
        f"run = Run.open({str(run.path)!r})\nassert not any(run.is_alive() for _ in range(300))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]


def test_delete_removes_the_folder(runs_root):
    run = Run.create("snake", {}, state="done")
    run.delete()
    assert list(runs_root.iterdir()) == []


def test_stop_requests():
    run = Run.create("snake", {})
    assert not run.stop_requested()
    run.request_stop()
    assert run.stop_requested()
    run.clear_stop()
    run.clear_stop()
    assert not run.stop_requested()


def test_following_runs_needs_no_torch():
    program = (
        "import sys\nfrom sandbox import errors, jobs, progress, runs, statistics\n"
        "from sandbox.jobs import warm_worker\n"
        "assert not {'torch', 'numba', 'streamlit'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
