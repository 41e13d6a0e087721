"""Jobs with a stand-in for `sandbox train`: the queue, stopping, dying, servers that come and go."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from sandbox import jobs
from sandbox.errors import UserError
from sandbox.runs import Run

# Trains by sleeping; its options say how it behaves. It leaves a note for each start.
STAND_IN = """
import json, sys, time, types
from pathlib import Path
from sandbox import jobs, spare
from sandbox.progress import Progress, drive
from sandbox.runs import Run

def events(run, deaf, steps, first):
    for step in range(first, steps + 1):
        if step % 5 == 0:
            folder = run.path / "checkpoints" / f"{step:012d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "resume.json").write_text("{}")
        yield Progress(step, steps)
        while deaf and run.stop_requested():
            time.sleep(0.1)
        time.sleep(0.02)

def main(argv):
    run = Run.open(argv[-1])
    with (run.path / "starts").open("a") as file:
        print(json.dumps(argv), file=file)
    words = run.config["argv"]
    if "broken" in words:
        print("There is no option --broken.", file=sys.stderr)
        return 2
    if "crash" in words:
        raise RuntimeError("the command fell over")
    if "slow-start" in words:
        time.sleep(30)
    print("training")
    first = run.resumable_step() or 0 if "--resume" in argv else 0
    drive(run, events(run, "deaf" in words, 20 if "short" in words else 100_000, first))
    return 0

cli = types.ModuleType("sandbox.cli")
cli.main = main
sys.modules["sandbox.cli"] = cli
jobs.COMMAND = [sys.executable, __file__]
spare.HEAVY = ()
if __name__ == "__main__":
    sys.exit(spare.main(sys.argv[1:]))
"""


def until(condition, seconds=20.0):
    """Wait for something to come true; what it returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not come true within {seconds} s")


def state(run):
    return Run(run.path).status()["state"]


def training(run):
    """Whether it has begun, so that it answers a stop by itself."""
    status = Run(run.path).status()
    return status["state"] == "running" and status["step"] > 0 and not status["launching"]


def spare():
    """The warm spare of this process."""
    jobs.warm()
    assert jobs._spare is not None
    return jobs._spare


def starts(run):
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in (run.path / "starts").read_text().splitlines()]
    return []


@pytest.fixture(autouse=True)
def stand_in(tmp_path, monkeypatch, runs_root):
    """Jobs run the stand-in; whatever is left of them at the end is ended."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(jobs, "COMMAND", [sys.executable, str(script)])
    monkeypatch.setattr(jobs, "_keep_warm", False)
    monkeypatch.setattr(jobs, "_spare", None)
    yield script
    for run in jobs.list_jobs(runs_root):
        status = run.status()
        pid = status.get("pid") or status.get("launching")
        if pid and pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if jobs._spare is not None:
        jobs._spare.kill()
        jobs._children.append(jobs._spare)
    for child in jobs._children:
        child.wait(10)
        if child.stdin:
            child.stdin.close()
    jobs._children.clear()


def test_one_runs_four_wait_and_the_next_is_refused():
    runs = [jobs.start(["snake", str(i)]) for i in range(5)]
    until(lambda: training(runs[0]))
    assert [state(run) for run in runs] == ["running", *["queued"] * 4]
    assert jobs.list_jobs() == runs
    with pytest.raises(UserError, match="One job runs and 4 wait"):
        jobs.start(["snake"])
    jobs.stop(runs[2])
    assert state(runs[2]) == "stopped"
    jobs.stop(runs[0])
    until(lambda: state(runs[0]) == "stopped")
    assert jobs.tick() == runs[1]
    until(lambda: training(runs[1]))
    assert jobs.list_jobs() == [runs[1], runs[3], runs[4]]
    assert starts(runs[1]) == [["train", "snake", "1", "--run", runs[1].name]]
    assert starts(runs[2]) == []


def test_a_job_stops_within_two_seconds_and_resumes():
    run = jobs.start(["snake"])
    until(lambda: training(run))
    begin = time.monotonic()
    jobs.stop(run)
    assert time.monotonic() - begin < 0.5
    until(lambda: state(run) == "stopped", 2.0)
    assert "sandbox train --resume snake-001" in run.status()["message"]
    until(lambda: run.resumable_step() is not None, 1.0)
    jobs.resume(run)
    until(lambda: training(run))
    assert starts(run)[-1] == ["train", "--resume", run.name]
    with pytest.raises(UserError, match="running already"):
        jobs.resume(run)


def test_output_goes_to_the_log_and_a_finished_job_is_done():
    run = jobs.start(["snake", "short"])
    until(lambda: state(run) == "done")
    assert "training" in (run.path / "log.txt").read_text()
    with pytest.raises(UserError, match="does not run"):
        jobs.stop(run)
    with pytest.raises(UserError, match="nothing left"):
        jobs.resume(run)


def test_a_job_that_is_still_starting_is_stopped_at_once():
    run = jobs.start(["snake", "slow-start"])
    until(lambda: starts(run))
    jobs.stop(run)
    assert state(run) == "stopped"
    assert "before training began" in run.status()["message"]
    with pytest.raises(UserError, match="no checkpoint"):
        jobs.resume(run)


def test_a_killed_job_is_interrupted_and_the_next_one_starts():
    first, second = jobs.start(["snake"]), jobs.start(["snake"])
    until(lambda: first.resumable_step() is not None)
    os.kill(first.status()["pid"], signal.SIGKILL)
    until(lambda: state(first) == "interrupted")
    assert "go on from step" in first.status()["message"]
    assert jobs.tick() == second
    until(lambda: training(second))
    jobs.resume(first)
    assert state(first) == "queued"
    assert jobs.list_jobs() == [second, first]


def test_a_job_that_does_not_answer_is_killed(monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE", 0.5)
    run = jobs.start(["snake", "deaf"])
    until(lambda: run.resumable_step() is not None)
    pid = run.status()["pid"]
    jobs.stop(run)
    jobs.tick()
    assert state(run) == "running"  # it has half a second to answer
    time.sleep(0.6)
    jobs.tick()
    assert state(run) == "stopped"
    assert "was killed; the checkpoint of step" in run.status()["message"]
    assert not run.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_command_that_never_begins_says_why():
    broken, crash = jobs.start(["snake", "broken"]), jobs.start(["snake", "crash"])
    until(lambda: state(broken) == "failed")
    assert broken.status()["message"] == "There is no option --broken."
    until(lambda: jobs.tick() or state(crash) != "queued")  # the failed job may have started it already
    until(lambda: state(crash) == "failed")
    assert crash.status()["message"] == "RuntimeError: the command fell over"


def test_the_spare_is_used_and_ends_with_its_parent(stand_in, runs_root):
    first = spare()
    assert spare() is first
    run = jobs.start(["snake"])
    until(lambda: training(run))
    assert run.status()["pid"] == first.pid
    jobs.stop(run)
    until(lambda: state(run) == "stopped")
    jobs.tick()  # nothing runs, so the next spare is made
    second = spare()
    assert second.pid != first.pid
    # The end of the pipe is all a spare learns of its parent's death.
    assert second.stdin is not None
    second.stdin.close()
    assert second.wait(10) == 0


def test_a_spare_that_died_waiting_does_not_matter():
    spare().kill()
    spare().wait()
    run = jobs.start(["snake"])
    until(lambda: training(run))


def test_a_job_that_dies_while_starting_is_interrupted_and_the_next_one_starts():
    first, second = jobs.start(["snake", "slow-start"]), jobs.start(["snake"])
    until(lambda: starts(first))
    os.kill(first.status()["launching"], signal.SIGKILL)
    until(lambda: jobs.list_jobs() == [second])
    assert state(first) == "interrupted"
    assert "nothing was saved" in first.status()["message"]
    assert jobs.tick() == second


def server(script, code, **options):
    """Another process that uses the same runs."""
    program = (
        f"import sys\nfrom sandbox import jobs\njobs.COMMAND = [sys.executable, {str(script)!r}]\n{code}"
    )
    return subprocess.Popen([sys.executable, "-c", program], **options)


def test_a_job_outlives_its_server_and_the_queue_goes_on_without_one(stand_in, runs_root):
    assert server(stand_in, "jobs.start(['snake'])\njobs.start(['snake', 'short'])").wait(20) == 0
    first, second = jobs.list_jobs()
    until(lambda: training(first))
    assert state(second) == "queued"
    jobs.stop(first)  # this process has started neither
    until(lambda: state(first) == "stopped", 2.0)
    until(lambda: state(second) in ("running", "done"))  # nobody called tick
    until(lambda: state(second) == "done")


def test_servers_that_tick_at_once_start_one_job(stand_in, runs_root):
    runs = [
        Run.create("snake", {"argv": ["train", "snake"]}, state="queued", queued=float(i)) for i in range(2)
    ]
    servers = [server(stand_in, "for _ in range(20): jobs.tick()") for _ in range(3)]
    assert [process.wait(30) for process in servers] == [0, 0, 0]
    until(lambda: starts(runs[0]))
    time.sleep(0.3)
    assert [len(starts(run)) for run in runs] == [1, 0]


def test_the_first_argument_is_the_target():
    for argv in ([], ["--seed", "1"]):
        with pytest.raises(ValueError, match="what to train"):
            jobs.start(argv)


def test_runs_started_in_a_terminal_do_not_block_the_queue():
    terminal = Run.create("snake", {})
    with terminal.hold():
        run = jobs.start(["snake"])
        until(lambda: training(run))
        assert jobs.list_jobs() == [terminal, run]
