"""A job with the real command, in the warm spare: stopped within two seconds, resumed, finished."""

import time

import pytest

from sandbox import jobs
from sandbox.jobs import job_process
from sandbox.runs import Run
from sandbox.tasks.loading import load_predictor


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"did not come true within {seconds} s"
        time.sleep(0.02)


@pytest.fixture
def spare(monkeypatch):
    monkeypatch.setattr(job_process, "_spare", None)
    monkeypatch.setattr(jobs.scheduler, "keep_warm", False)
    jobs.warm()
    monkeypatch.setattr(jobs.scheduler, "keep_warm", False)  # one is enough
    spare = job_process._spare
    assert spare is not None
    yield spare
    for child in [*job_process._children, spare]:
        child.kill()
        child.wait(10)
        if child.stdin:
            child.stdin.close()
    job_process._children.clear()


def test_a_network_learns_in_a_job(spare):
    argv = ["vision/classify", "--steps", "400", "--channels", "4", "--hidden", "8", "--seed", "3"]
    run = jobs.start(argv)
    until(lambda: run.checkpoints() and run.checkpoints()[-1] > 20)
    assert job_process.forks() or run.status()["pid"] == spare.pid
    assert not job_process._children  # none was started for this job alone
    begin = time.monotonic()
    jobs.stop(run)
    until(lambda: Run(run.path).status()["state"] != "running", 60.0)
    assert time.monotonic() - begin < 60.0
    stopped = Run(run.path).status()
    if stopped["state"] == "stopped":  # it may have been done in the same moment
        assert run.resumable_step() == stopped["step"]
        jobs.resume(run)
    until(lambda: Run(run.path).status()["state"] == "done")
    steps = [row["step"] for row in run.metrics()]
    assert steps == sorted(steps) and steps[-1] == 400
    assert run.metrics()[-1]["test_accuracy"] > 0.8
    assert Run.open(run.name).config["seed"] == 3
    assert load_predictor(Run.open(run.name)).classes == tuple("0123456789")
    assert (run.path / "log.txt").stat().st_size > 0
