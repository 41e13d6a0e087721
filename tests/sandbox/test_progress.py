"""Driving a training to its end: done, stopped, failed, interrupted, and what is then known of it."""

import json
import os
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


def test_seconds_add_up_over_resumes(run):
    drive(run, counting(run, total=5, pause=0.02))
    first = run.status()["seconds"]
    drive(run, counting(run, total=5, pause=0.02))
    assert run.status()["seconds"] > 1.5 * first > 0.1


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
print(drive(run, counting(run, 10**6, pause=0.01, stubborn={stubborn}), lambda p: print(p.step, flush=True)))
"""


def begun(run, tmp_path, stubborn=False):
    """A process that trains, after its first progress."""
    (tmp_path / "test_progress_counting.py").write_text(
        "import time\nfrom sandbox.progress import Progress\n"
        "def counting(run, total, pause, stubborn):\n"
        "    try:\n"
        "        for step in range(1, total):\n"
        "            yield Progress(step, total)\n"
        "            time.sleep(pause)\n"
        "    except GeneratorExit:\n"
        "        if stubborn: time.sleep(60)\n"
        "        raise\n"
    )
    program = PROGRAM.format(folder=str(tmp_path), path=str(run.path), stubborn=stubborn)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "1\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_cleanly(run, tmp_path, number):
    process = begun(run, tmp_path)
    begin = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    assert time.monotonic() - begin < 2
    assert output.endswith("stopped\n") and process.returncode == 0
    assert run.status()["message"].startswith("Stopped at step ")


def test_the_second_signal_stops_at_once(run, tmp_path):
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
