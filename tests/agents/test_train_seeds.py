"""Several seeds trained at once are ordinary runs."""

import dataclasses
import json

import pytest

from agents.settings import settings_for
from agents.train import train
from agents.train_seeds import train_together
from sandbox.command_words import without
from sandbox.commands import train as command
from sandbox.runs import Run
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
    assert "one after the other: only PPO is stacked" in err


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
