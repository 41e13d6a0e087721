"""Driving a training to its end: done, stopped, failed, interrupted, and what is then known of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from sandbox.errors import UserError
from sandbox.progress import Progress, drive
from sandbox.runs import Run


def counting(run, total=50, pause=0.0, closed=None):
    """Trains by counting; when closed it leaves something to resume from."""
    step = 0
    try:
        for step in range(1, total + 1):
            yield Progress(step, total, "step", {"loss": 1.0 / step})
            time.sleep(pause)
    except GeneratorExit:
        folder = run.path / "checkpoints" / f"{step:012d}"
        folder.mkdir(parents=True)
        (folder / "resume.json").write_text("{}")
        raise


@pytest.fixture
def run():
    return Run.create("snake", {})


def test_done(run):
    seen = []
    assert drive(run, counting(run), seen.append) == "done"
    status = run.status()
    assert (status["state"], status["step"], status["total"], status["unit"]) == ("done", 50, 50, "step")
    assert len(seen) == 50 and not run.is_alive()


def test_the_lock_is_held_and_the_status_follows(run):
    looks = []

    def look(progress):
        looks.append((run.is_alive(), Run(run.path).status()))

    drive(run, counting(run, total=3), look)
    assert all(alive for alive, _ in looks)
    assert looks[0][1]["state"] == "running" and looks[0][1]["pid"] == os.getpid()
    assert looks[-1][1]["step"] == 1  # written at once, then twice a second


def test_the_stop_file_stops_and_is_answered(run):
    def show(progress):
        if progress.step == 10:
            run.request_stop()
            time.sleep(0.06)

    assert drive(run, counting(run), show) == "stopped"
    status = run.status()
    assert 10 <= status["step"] <= 12
    step = status["step"]
    assert status["message"] == (
        f"Stopped at step {step} of 50; go on from step {step} with: sandbox train --resume snake-001."
    )
    assert not run.stop_requested()


def test_an_old_stop_request_does_not_stop_a_new_start(run):
    run.update_status(state="stopped", launching=None)
    run.request_stop()
    assert drive(run, counting(run)) == "done"


def test_a_request_made_while_starting_is_honoured(run):
    run.request_stop()
    assert drive(run, counting(run)) == "stopped"


def test_a_users_mistake_is_its_sentence(run):
    def events():
        yield Progress(1, 2)
        raise UserError("The data are missing.")

    assert drive(run, events()) == "failed"
    assert run.status()["message"] == "The data are missing."
    assert not (run.path / "error.txt").exists()


def test_a_defect_keeps_its_traceback(run):
    def events():
        yield Progress(1, 2)
        raise ZeroDivisionError("of all things")

    assert drive(run, events()) == "failed"
    assert run.status()["message"].startswith("ZeroDivisionError: of all things (the traceback is in ")
    assert "in events" in (run.path / "error.txt").read_text()


def test_showing_that_fails_still_closes_the_training(run):
    def show(progress):
        raise BrokenPipeError("nobody reads")

    assert drive(run, counting(run), show) == "failed"
    assert run.resumable_step() == 1


def test_a_second_driver_is_refused(run):
    with run.hold(), pytest.raises(UserError, match="another process"):
        drive(run, counting(run))


def test_a_full_disk_while_closing_is_told(run):
    def events():
        try:
            while True:
                yield Progress(1, 2)
        except GeneratorExit:
            raise UserError("Could not save: the disk is full.") from None

    run.request_stop()
    assert drive(run, events()) == "failed"
    assert run.status()["message"] == "Could not save: the disk is full."


@pytest.mark.parametrize("how", ["renamed", "removed", "replaced"])
def test_a_folder_that_goes_while_it_trains_is_a_sentence_and_nothing_is_overwritten(run, how):
    moved = run.path.with_name("moved")

    def show(progress):
        if progress.step == 3:
            run.path.rename(moved)
            if how == "removed":
                shutil.rmtree(moved)
            if how == "replaced":
                assert Run.create("snake", {}, state="done").path == run.path

    told = []

    def events():
        for step in range(1, 51):
            yield Progress(step, 50)
            for write in (
                lambda step=step: run.save_checkpoint(step, {}, {}, ({}, {})),
                lambda step=step: run.log(step, 0.0, {}),
            ):
                try:
                    write()
                except UserError as error:
                    told.append(str(error))
            if told:
                raise UserError(told[0])

    assert drive(run, events(), show) == "failed"
    assert len(told) == 2 and "was renamed or removed while it trained" in told[0]
    if how == "replaced":
        assert run.checkpoints() == [] and run.metrics() == [] and Run(run.path).status()["state"] == "done"
    else:
        assert not run.path.exists()
    if how == "renamed":
        assert Run(moved).status()["state"] == "interrupted" and Run(moved).resumable_step() == 2


def test_a_status_that_is_removed_while_it_trains_is_written_anew(run, caplog):
    def show(progress):
        if progress.step == 3:
            (run.path / "status.json").unlink()

    assert drive(run, counting(run), show) == "done"
    status = Run.open(run.name).status()
    assert (status["state"], status["step"]) == ("done", 50)
    assert [record.message for record in caplog.records] == [
        f"{run.path / 'status.json'} was removed; it is written anew."
    ]


def test_without_its_lock_file_a_run_still_has_one_trainer(run):
    with run.hold():
        (run.path / "lock").unlink()
        assert Run(run.path).is_alive()
        with pytest.raises(UserError, match="being trained by another process"):
            drive(Run(run.path), counting(run))
    run.update_status(launching=None)
    assert not run.is_alive()


def test_the_longest_wait_is_known(run):
    def events():
        for step in (1, 2, 3):
            time.sleep(0.2 if step == 2 else 0.0)
            yield Progress(step, 3)

    drive(run, events(), lambda progress: time.sleep(0.3))
    assert 0.2 <= run.status()["longest"] < 0.3


def test_seconds_add_up_over_resumes(run):
    drive(run, counting(run, total=5, pause=0.02))
    first = run.status()["seconds"]
    drive(run, counting(run, total=5, pause=0.02))
    # The second part takes a tenth of a second at least, however long the machine made the first one.
    assert run.status()["seconds"] > first + 0.08 and first > 0.08


def test_outside_the_main_thread_there_are_no_signals(run):
    before = signal.getsignal(signal.SIGINT)
    states = []
    thread = threading.Thread(target=lambda: states.append(drive(run, counting(run))))
    thread.start()
    thread.join()
    assert states == ["done"] and signal.getsignal(signal.SIGINT) is before


PROGRAM = """
import sys, time
sys.path.insert(0, {folder!r})
from test_progress_counting import counting
from sandbox.progress import drive
from sandbox.runs import Run
run = Run.open({path!r})
events = counting(run, 10**6, pause=0.01, stubborn={stubborn!r})
print(drive(run, events, lambda p: print(p.step, flush=True)))
"""


def begun(run, tmp_path, stubborn: bool | str = False):
    """A process that trains, after its first progress."""
    (tmp_path / "test_progress_counting.py").write_text(
        "import time\nfrom sandbox.progress import Progress\n"
        "def counting(run, total, pause, stubborn):\n"
        "    try:\n"
        "        for step in range(1, total):\n"
        "            yield Progress(step, total)\n"
        "            time.sleep(pause)\n"
        "    except GeneratorExit:\n"
        "        if stubborn == 'slow':\n"
        "            end = time.monotonic() + 1.5\n"
        "            while time.monotonic() < end: time.sleep(0.1)\n"
        "            print('saved', flush=True)\n"
        "        elif stubborn: time.sleep(60)\n"
        "        raise\n"
    )
    program = PROGRAM.format(folder=str(tmp_path), path=str(run.path), stubborn=stubborn)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "1\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_cleanly(run, tmp_path, number):
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("these tests were started by a command that ignores this signal, such as nohup")
    process = begun(run, tmp_path)
    begin = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert time.monotonic() - begin < 30
    assert output.endswith("stopped\n") and process.returncode == 0
    assert run.status()["message"].startswith("Stopped at step ")


def test_a_second_sigterm_still_saves(run, tmp_path):
    """Service managers send it again; only a person who presses Ctrl-C twice does not want to wait."""
    process = begun(run, tmp_path, stubborn="slow")
    for _ in range(3):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert output.endswith("saved\nstopped\n")
    assert run.status()["message"].startswith("Stopped at step ")


def test_the_second_ctrl_c_stops_at_once(run, tmp_path):
    process = begun(run, tmp_path, stubborn=True)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert output.endswith("stopped\n")
    assert run.status()["message"].startswith("Stopped at once, without saving; nothing was saved")


def test_a_kill_leaves_an_interrupted_run(run, tmp_path):
    process = begun(run, tmp_path)
    process.kill()
    process.communicate(timeout=10)
    assert json.loads((run.path / "status.json").read_text())["state"] == "running"
    assert run.status()["state"] == "interrupted"
