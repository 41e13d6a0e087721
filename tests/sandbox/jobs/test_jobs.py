"""Jobs with a stand-in for `sandbox train`: the queue, stopping, dying, servers that come and go."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import jobs
from sandbox.errors import UserError
from sandbox.jobs import job_process
from sandbox.jobs.warm_worker import HEAVY, prepare
from sandbox.locks import process_exists
from sandbox.runs import Run

STAND_IN = Path(__file__).with_name("job_stand_in.py")


def until(condition, seconds=100.0):
    """Wait for something to come true; what it returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not come true within {seconds} s")


def begins(run):
    """Wait until a run trains, looking after the queue as a server does."""
    until(lambda: (jobs.tick(), training(run))[1])


def state(run):
    return Run(run.path).status()["state"]


def training(run):
    """Whether it has begun, so that it answers a stop by itself."""
    status = Run(run.path).status()
    return status["state"] == "running" and status["step"] > 0 and not status["launching"]


def spare():
    """The warm spare of this process."""
    jobs.warm()
    assert job_process._spare is not None
    return job_process._spare


def starts(run):
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in (run.path / "starts").read_text().splitlines()]
    return []


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, runs_root):
    """Jobs run the stand-in; whatever is left of them at the end is ended."""
    monkeypatch.setattr(job_process, "COMMAND", [sys.executable, str(STAND_IN)])
    monkeypatch.setattr(jobs.scheduler, "keep_warm", False)
    monkeypatch.setattr(job_process, "_spare", None)
    yield
    for run in jobs.list_jobs(runs_root):
        status = run.status()
        pid = status.get("pid") or status.get("launching")
        if pid and pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if job_process._spare is not None:
        job_process._spare.kill()
        job_process._children.append(job_process._spare)
    for child in job_process._children:
        child.wait(10)
        if child.stdin:
            child.stdin.close()
    job_process._children.clear()


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


def test_a_job_stops_at_once_and_resumes():
    run = jobs.start(["snake"])
    until(lambda: training(run))
    jobs.stop(run)
    until(lambda: state(run) == "stopped")
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
    with pytest.raises(ValueError, match="what to train"):
        jobs.start(["--seed", "1"])


def test_a_job_that_is_still_starting_is_stopped_at_once():
    run = jobs.start(["snake", "slow-start"])
    until(lambda: starts(run))
    jobs.stop(run)
    assert state(run) == "stopped"
    assert "before training began" in run.status()["message"]
    jobs.resume(run)  # nothing was saved: it begins again
    until(lambda: len(starts(run)) == 2)
    assert starts(run)[-1] == ["train", "--resume", run.name]
    jobs.stop(run)


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
    monkeypatch.setattr(jobs.scheduler, "PATIENCE", 0.5)
    run = jobs.start(["snake", "deaf"])
    until(lambda: run.resumable_step() is not None)
    pid = run.status()["pid"]
    jobs.stop(run)
    jobs.tick()
    assert state(run) == "running"  # it has half a second to answer
    until(lambda: (jobs.tick(), state(run) == "stopped")[1])
    assert "was killed; the checkpoint of step" in run.status()["message"]
    assert not run.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_job_is_waited_for_as_long_as_its_updates_take(monkeypatch):
    run = Run.create("snake", {}, state="running", job=True)
    monkeypatch.setattr(jobs.job_process, "kill", lambda pid: killed.append(pid))
    monkeypatch.setattr(jobs.job_orders, "has_process", lambda path, pid: True)
    jobs.job_orders.write(run.path, ["snake"])
    killed = []
    run.update_status(pid=4711, launching=None)
    run.request_stop()

    def asked(seconds, **status):
        then = time.time() - seconds
        os.utime(run.path / "stop", (then, then))
        with run.hold():
            run.update_status(**status)
            jobs.tick()
        return killed

    assert asked(500, longest=None) == []  # its first update: nobody knows how long that takes
    assert asked(80, longest=30.0) == []
    assert asked(6, longest=0.1) == [4711]
    run.request_stop()
    run.update_status(state="running", pid=4712)
    assert asked(100, longest=30.0) == [4711, 4712]
    run.request_stop()
    run.update_status(state="running", pid=4713)
    assert asked(601, longest=1e30) == [4711, 4712, 4713]


def test_a_command_that_never_begins_says_why():
    broken, crash = jobs.start(["snake", "broken"]), jobs.start(["snake", "crash"])
    until(lambda: state(broken) == "failed")
    assert broken.status()["message"] == "There is no option --broken."
    until(lambda: jobs.tick() or state(crash) != "queued")  # the failed job may have started it already
    until(lambda: state(crash) == "failed")
    assert crash.status()["message"] == "RuntimeError: the command fell over"


def test_what_a_spare_prepares_exists():
    for heavy in HEAVY:
        prepare(heavy)  # a spare passes over what fails, and only loses time


def test_the_spare_is_used_again_and_again_and_ends_with_its_parent():
    warm = spare()
    assert spare() is warm
    for _ in range(2):
        run = jobs.start(["snake"])
        begins(run)
        job = run.status()["pid"]
        assert (job != warm.pid and os.getpgid(job) == job) == job_process.forks()
        # What was imported before the fork is left alone by the job's collections of garbage.
        frozen = int((run.path / "log.txt").read_text().split()[-1])
        assert (frozen > 1000) == job_process.forks()
        jobs.stop(run)
        until(lambda run=run: state(run) == "stopped")
        if job_process.forks():
            until(lambda job=job: not process_exists(job))  # no zombie stays
            assert spare() is warm
        else:
            warm = spare()
    warm.kill()
    warm.wait()
    run = jobs.start(["snake"])  # by a process of its own
    begins(run)
    # The end of the pipe is all a spare learns of its parent's death.
    warm = spare()
    assert warm.stdin is not None
    warm.stdin.close()
    assert warm.wait(10) == 0


@pytest.mark.skipif(not job_process.forks(), reason="the spare is used up by the first job here")
def test_an_order_that_lies_with_the_spare_can_be_taken_back():
    warm = spare()
    os.kill(warm.pid, signal.SIGSTOP)  # as if it were still importing
    first = jobs.start(["snake", "1"], gives_way=True)
    second = jobs.start(["snake", "2"])
    assert [state(first), state(second)] == ["queued", "running"]
    jobs.stop(second)
    assert [state(first), state(second)] == ["running", "stopped"]
    os.kill(warm.pid, signal.SIGCONT)
    until(lambda: training(first))
    assert [len(starts(first)), len(starts(second))] == [1, 0]


def test_what_nobody_ordered_gives_way_and_goes_on():
    oldest = jobs.start(["snake", "1"], gives_way=True)
    until(lambda: oldest.resumable_step())
    newer = jobs.start(["snake", "2"], gives_way=True)
    until(lambda: state(oldest) == "queued")
    assert f"Gave way to {newer.name} at step" in oldest.status()["message"]
    jobs.tick()
    until(lambda: newer.resumable_step())
    ordered = jobs.start(["snake", "3"])
    until(lambda: state(newer) == "queued")
    later = jobs.start(["snake", "4"], gives_way=True)
    begins(ordered)
    # What was ordered is left alone; then comes what was asked for last.
    assert jobs.list_jobs() == [ordered, later, newer, oldest]
    assert jobs.ahead_of(newer) == [ordered, later]
    assert jobs.ahead_of(ordered) == []
    jobs.stop(later)
    jobs.stop(ordered)
    for run in (newer, oldest):
        begins(run)
        assert starts(run)[-1] == ["train", "--resume", run.name]
        jobs.stop(run)
    until(lambda: state(oldest) == "stopped")
    assert "Stopped at step" in oldest.status()["message"]


def test_a_full_queue_drops_what_nobody_ordered_before_it_refuses():
    running = jobs.start(["snake", "slow-start"])
    ordered = [jobs.start(["snake", str(i)]) for i in range(2)]
    first, second, third = [jobs.start(["snake", f"page {i}"], gives_way=True) for i in range(3)]
    assert state(first) == "stopped"
    assert "was full" in first.status()["message"]
    assert jobs.list_jobs() == [running, *ordered, third, second]
    ordered += [jobs.start(["snake", str(i)]) for i in range(2)]
    assert jobs.list_jobs() == [running, *ordered]
    for gives_way in (False, True):
        with pytest.raises(UserError, match="One job runs and 4 wait"):
            jobs.start(["snake"], gives_way=gives_way)


def test_a_job_that_dies_while_starting_is_interrupted_and_the_next_one_starts():
    first, second = jobs.start(["snake", "slow-start"]), jobs.start(["snake"])
    until(lambda: starts(first))
    os.kill(first.status()["launching"], signal.SIGKILL)
    until(lambda: jobs.list_jobs() == [second])
    assert state(first) == "interrupted"
    assert "nothing was saved" in first.status()["message"]
    assert jobs.tick() == second


def server(code):
    """Another process that uses the same runs."""
    program = (
        f"import sys\nfrom sandbox import jobs\nfrom sandbox.jobs import job_process\n"
        f"job_process.COMMAND = [sys.executable, {str(STAND_IN)!r}]\n{code}"
    )
    return subprocess.Popen([sys.executable, "-c", program])


def test_a_job_outlives_its_server_and_the_queue_goes_on_without_one():
    assert server("jobs.start(['snake'])\njobs.start(['snake', 'short'])").wait(20) == 0
    first, second = jobs.list_jobs()
    until(lambda: training(first))
    assert state(second) == "queued"
    jobs.stop(first)  # this process has started neither
    until(lambda: state(first) == "stopped", 2.0)
    until(lambda: state(second) in ("running", "done"))  # nobody called tick
    until(lambda: state(second) == "done")


def test_servers_that_tick_at_once_start_one_job():
    runs = [
        Run.create("snake", {"argv": ["train", "snake"]}, state="queued", queued=float(i)) for i in range(2)
    ]
    servers = [server("for _ in range(20): jobs.tick()") for _ in range(3)]
    assert [process.wait(30) for process in servers] == [0, 0, 0]
    until(lambda: starts(runs[0]))
    time.sleep(0.3)
    assert [len(starts(run)) for run in runs] == [1, 0]


def test_runs_started_in_a_terminal_do_not_block_the_queue():
    terminal = Run.create("snake", {})
    with terminal.hold():
        run = jobs.start(["snake"])
        until(lambda: training(run))
        assert jobs.list_jobs() == [terminal, run]
