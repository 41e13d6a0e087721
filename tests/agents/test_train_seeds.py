"""Several seeds trained at once are ordinary runs."""

import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.settings import settings_for
from agents.train import train
from agents.train_seeds import train_together
from sandbox.command_words import without
from sandbox.commands import train as command
from sandbox.runs import Run, list_runs
from sandbox.seeds import report


@pytest.fixture(autouse=True)
def runs_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SANDBOX_RUNS", str(tmp_path))


def _settings():
    changes = {"total_timesteps": 4096, "stop_when_solved": False, "eval_every": 2048, "final_episodes": 5}
    return dataclasses.replace(settings_for("cartpole"), eval_episodes=5, **changes)


def _figures(run):
    names = ("step", "eval_return", "eval_low", "eval_length")
    return [{name: row[name] for name in names} for row in run.metrics() if "eval_return" in row]


@pytest.mark.thorough
def test_a_run_of_several_is_the_run_of_its_seed_and_resumes_alone():
    alone = Run.create("cartpole", {"agent": "ppo", "seed": 7})
    for _ in train("cartpole", _settings(), alone):
        pass
    runs = [Run.create("cartpole", {"agent": "ppo", "seed": seed}) for seed in (6, 7)]
    events = train_together("cartpole", _settings(), runs)
    next(events)
    events.close()  # as Ctrl-C does
    assert 0 < (runs[1].resumable_step() or 0) < 4096
    for _ in train("cartpole", _settings(), runs[1], resume=True):
        pass
    assert len(_figures(alone)) == 3
    for ours, theirs in zip(_figures(runs[1]), _figures(alone), strict=True):
        assert ours == pytest.approx(theirs)
    mine, other = runs[1].load_model()[0], alone.load_model()[0]
    assert max((mine[name] - other[name]).abs().max().item() for name in other) < 1e-5


@pytest.mark.thorough
def test_the_command_makes_a_run_for_each_seed_and_reports_them_together(capsys):
    words = ["cartpole", "--seeds", "3", "--seed", "5", "--total-timesteps", "4096", "--json"]
    words += ["--no-stop-when-solved", "--final-episodes", "5", "--eval-episodes", "5"]
    assert command.main(words) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["together"] and len(found["runs"]) == 3
    runs = [Run.open(name) for name in found["runs"]]
    assert [run.config["seed"] for run in runs] == [5, 6, 7]
    assert "--seeds" not in runs[1].config["argv"] and runs[1].config["argv"][-2:] == ["--seed", "6"]
    assert all(run.status()["state"] == "done" and run.status()["step"] == 4096 for run in runs)
    scores = [run.metrics()[-1]["eval_return"] for run in runs]
    assert list(found["scores"].values()) == scores
    assert found["mean"]["mean"] == pytest.approx(sum(scores) / 3)
    assert found["improvement"]["mean"] == 0.0  # the hand-written player never drops the pole


@pytest.mark.thorough
def test_what_cannot_be_stacked_trains_one_after_the_other(capsys):
    words = ["cartpole", "--agent", "a2c", "--seeds", "2", "--total-timesteps", "400", "--json"]
    assert command.main([*words, "--final-episodes", "2", "--eval-episodes", "2"]) == 0
    out, err = capsys.readouterr()
    assert not json.loads(out.splitlines()[-1])["together"]
    assert "one after the other" in err and ": only PPO is stacked" in err


SANDBOX = Path(sys.executable).with_name("sandbox")
SHORT = [
    "--total-timesteps",
    "4096",
    "--no-stop-when-solved",
    "--final-episodes",
    "5",
    "--eval-episodes",
    "5",
]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux alone")


def _begun(*words):
    command = [str(SANDBOX), "train", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@ON_LINUX
@pytest.mark.thorough
def test_processes_share_the_seeds_and_change_nothing():
    scores = {}
    for processes in ("1", "2"):
        out, err = _begun(
            "cartpole", "--seeds", "3", "--processes", processes, "--json", *SHORT
        ).communicate()
        found = json.loads(out.splitlines()[-1])
        assert found["processes"] == int(processes) and found["together"], err
        runs = [Run.open(name) for name in found["runs"]]
        assert [run.config["seed"] for run in runs] == [0, 1, 2]
        assert all(run.status()["state"] == "done" and run.status()["step"] == 4096 for run in runs)
        scores[processes] = list(found["scores"].values())
    assert scores["1"] == pytest.approx(scores["2"])


@ON_LINUX
@pytest.mark.thorough
@pytest.mark.parametrize("agent", ["ppo", "pqn"])
def test_one_that_is_stopped_stops_all(agent):
    words = [
        "cartpole",
        "--agent",
        agent,
        "--seeds",
        "4",
        "--processes",
        "2",
        "--total-timesteps",
        "90000000",
    ]
    process = _begun(*words, "--no-stop-when-solved", "--eval-every", "2000")
    try:
        deadline = time.monotonic() + 120
        while not all(rows := [run.metrics() for run in list_runs()]) or len(rows) < 4:
            assert process.poll() is None and time.monotonic() < deadline
            if agent == "pqn" and sum(bool(each) for each in rows) == 2:
                break  # the third and the fourth wait for them
            time.sleep(0.05)
        if agent == "ppo":
            process.send_signal(signal.SIGTERM)  # reaches the process that was started alone
        else:
            next(run for run in list_runs() if run.config["seed"] == 2).request_stop()  # of the other process
        process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130
    assert [run.status()["state"] for run in list_runs()] == ["stopped"] * 4
    begun = [run for run in list_runs() if run.config["seed"] in (0, 2) or agent == "ppo"]
    assert all(run.resumable_step() for run in begun)


@ON_LINUX
@pytest.mark.thorough
def test_a_mistake_is_told_once_and_leaves_nothing():
    words = ["snake", "--agent", "a2c", "--num-envs", "16384", "--num-steps", "100000", "--seeds", "2"]
    process = _begun(*words, "--total-timesteps", "2000000000", "--processes", "2")
    _, err = process.communicate()
    assert process.returncode == 2 and err.count("GiB of memory") == 1, err
    assert list_runs() == []


@ON_LINUX
@pytest.mark.thorough
def test_work_beside_this_process_tells_what_it_came_to():
    script = (
        "import os; from sandbox.beside import Beside, can_fork; assert can_fork(); "
        "well, badly = Beside(lambda: 40 + 2), Beside(lambda: os._exit(3)); "
        "print(well.result(), badly.result(), well.ended(), badly.ended())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "42 None True True\n"


def test_a_run_that_ended_early_keeps_its_last_score_in_the_curve():
    runs = [Run.create("cartpole", {"agent": "ppo", "seed": seed}) for seed in (0, 1)]
    for run, rows in zip(runs, [[(1, 10.0), (2, 20.0)], [(1, 30.0), (2, 40.0), (3, 80.0)]], strict=True):
        for step, value in rows:
            run.log(step, 0.1, {"eval_return": value})
    found = report(runs, "eval_return", baseline=[30.0])
    assert found is not None and found.improvement is not None
    assert [(step, at.mean) for step, at in found.curve] == [(1, 20.0), (2, 30.0), (3, 50.0)]
    assert found.mean.mean == 50.0 and found.improvement.mean == 0.5


def test_an_option_is_taken_out_with_its_value():
    words = ["cartpole", "--seeds", "8", "--seed=3", "--json"]
    assert without(without(words, "--seeds"), "--seed") == ["cartpole", "--json"]
