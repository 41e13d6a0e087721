"""Training runs: what they write, how they stop, and that they resume exactly."""

import dataclasses
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

import agents.train
from agents.settings import AgentSettings, settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import Interval
from sandbox.training import save_schedule


def small(target: str = "cartpole", agent: str = "ppo", **changes) -> AgentSettings:
    changes = {"eval_episodes": 4, "final_episodes": 8, **changes}
    return dataclasses.replace(settings_for(target, agent), **changes)


def assert_same_model(one: Run, other: Run, step: int | None = None) -> None:
    mine, theirs = one.load_model(step)[0], other.load_model(step)[0]
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_cartpole_is_solved_and_everything_is_written():
    settings = small(eval_episodes=20, final_episodes=100)
    run = Run.create("cartpole", {"seed": 0})
    seen = []
    assert drive(run, train("cartpole", settings, run), seen.append) == "done"
    last = seen[-1]
    assert last.metrics["eval_return"] >= 475
    assert last.metrics["eval_low"] <= last.metrics["eval_return"] <= last.metrics["eval_high"]
    assert last.metrics["eval_episodes"] == 100
    assert last.step < settings.total_timesteps
    rows = run.metrics()
    assert [row["step"] for row in rows] == sorted(row["step"] for row in rows)
    for name in (
        "return",
        "length",
        "policy_loss",
        "value_loss",
        "entropy",
        "learning_rate",
        "steps_per_second",
    ):
        assert name in rows[-1], name
    assert len({row["step"] for row in rows if "eval_return" in row}) >= 2
    # Young models change fast: enough ages for the slider, even of a run this short.
    assert len(run.checkpoints()) >= 8 and run.checkpoints()[0] == 0
    assert run.config["settings"]["num_envs"] == settings.num_envs
    assert run.config["device"] == "cpu" and run.config["hardware"]["threads"] >= 1
    assert run.resumable_step() == last.step
    # Killed before it could say that it was done: it is, with the same figures, and nothing is trained again.
    again = list(train("cartpole", settings, run, resume=True))
    assert [p.step for p in again] == [last.step]
    assert again[0].metrics["eval_return"] == last.metrics["eval_return"] and run.metrics() == rows


def test_the_same_seed_gives_the_same_run_and_another_one_does_not():
    runs = [Run.create("cartpole", {"seed": seed}) for seed in (3, 3, 4)]
    for run in runs:
        for _ in train("cartpole", small(total_timesteps=6144), run):
            pass
    assert_same_model(runs[0], runs[1])
    with pytest.raises(AssertionError):
        assert_same_model(runs[0], runs[2])


def test_evaluations_do_not_disturb_training():
    runs = [Run.create("cartpole", {"seed": 3}) for _ in range(2)]
    for run, every in zip(runs, (2048, 10**9), strict=True):
        settings = small(total_timesteps=6144, eval_every=every, stop_when_solved=False)
        for _ in train("cartpole", settings, run):
            pass
    assert_same_model(runs[0], runs[1])


CHILD = """
import json, sys
import agents.train
from agents.settings import from_config
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.training import save_schedule
import sandbox.training.save_schedule
agents.train.SAVE_FIRST = agents.train.SAVE_EVERY = 0.0
sandbox.training.save_schedule.SHARE = 1e9
run = Run.open(sys.argv[1])
settings = from_config("ppo", json.loads(sys.argv[2]))
drive(run, agents.train.train(sys.argv[3], settings, run))
"""


@pytest.mark.quick("cartpole-*")
@pytest.mark.parametrize(
    ("target", "changes"),
    [
        ("cartpole", {"total_timesteps": 1024 * 30, "eval_every": 1024 * 7}),
        (
            "snake",
            {
                "total_timesteps": 512 * 8,
                "num_envs": 16,
                "num_steps": 32,
                "eval_every": 512 * 3,
                "eval_episodes": 2,
                "final_episodes": 2,
            },
        ),
    ],
)
def test_after_kill_9_resume_ends_bit_identical(target, changes, tmp_path):
    settings = small(target, stop_when_solved=False, **changes)
    whole = Run.create(target, {"seed": 5, "threads": 1})
    for _ in train(target, settings, whole):
        pass

    run = Run.create(target, {"seed": 5, "threads": 1})
    (tmp_path / "child.py").write_text(CHILD)
    arguments = [sys.executable, str(tmp_path / "child.py"), str(run.path)]
    arguments += [json.dumps(dataclasses.asdict(settings)), target]
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while (run.resumable_step() or 0) < settings.total_timesteps // 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    killed_at = run.resumable_step()
    assert killed_at is not None and 0 < killed_at < settings.total_timesteps
    assert run.status()["state"] == "interrupted"

    assert drive(run, train(target, settings, run, resume=True)) == "done"
    assert_same_model(run, whole)
    step, tensors, meta = run.load_resume()
    whole_step, whole_tensors, whole_meta = whole.load_resume()
    assert step == whole_step and tensors.keys() == whole_tensors.keys()
    different = {name for name in tensors if not torch.equal(tensors[name], whole_tensors[name])}
    # Python's own generator is used by the type checks of these tests, and by nothing in a training.
    assert different <= {"random/python"}
    assert meta["model"] == whole_meta["model"] and meta["evaluations"] == whole_meta["evaluations"]

    def evaluations(of: Run) -> list[tuple[int, float]]:
        return [(row["step"], row["eval_return"]) for row in of.metrics() if "eval_return" in row]

    assert evaluations(run) == evaluations(whole)
    assert run.checkpoints()[0] == 0 and run.checkpoints()[-1] == settings.total_timesteps


def test_the_best_evaluated_agent_is_kept_and_says_so(monkeypatch):
    scores = iter([10.0, 30.0, 20.0, 30.0, 5.0, 6.0, 7.0, 8.0])

    def evaluated(*_):
        score = next(scores)
        interval = Interval(score, score, score)
        return {"returns": [score] * 3, "lengths": [1] * 3, "interval": interval, "seed": 0}

    monkeypatch.setattr(agents.train, "evaluate_policy", evaluated)
    settings = small(total_timesteps=2048 * 6, eval_every=2048, stop_when_solved=False)
    run = Run.create("cartpole", {"seed": 1})
    list(train("cartpole", settings, run))
    assert run.best_checkpoint() == 2048 * 2 and 2048 * 2 in run.checkpoints()
    assert run.load_model(2048 * 2)[1]["step"] == 2048 * 2


def test_closing_saves_and_resume_goes_on_from_there(monkeypatch):
    monkeypatch.setattr(agents.train, "YIELD_EVERY", 0.0)
    settings = small(total_timesteps=2048 * 7, stop_when_solved=False)
    whole, run = (Run.create("cartpole", {"seed": 1}) for _ in range(2))
    for _ in train("cartpole", settings, whole):
        pass
    for stop_at in (2048 * 2, 2048 * 5):
        events = train("cartpole", settings, run, resume=bool(run.checkpoints()))
        for progress in events:
            if progress.step >= stop_at:
                events.close()
                break
        assert run.resumable_step() == stop_at
    for _ in train("cartpole", settings, run, resume=True):
        pass
    assert_same_model(run, whole)


def test_what_ends_during_its_last_evaluation_makes_it_up(monkeypatch):
    # After every update, however long it takes to save.
    monkeypatch.setattr(save_schedule.SaveSchedule, "is_due", lambda self, seconds: True)
    settings = small(total_timesteps=2048 * 2, stop_when_solved=False, eval_every=10**9)
    whole, run = (Run.create("cartpole", {"seed": 1}) for _ in range(2))
    assert drive(whole, train("cartpole", settings, whole)) == "done"

    def killed(self, episodes):
        raise OSError("as if it were killed")

    with monkeypatch.context() as patch:
        patch.setattr(agents.train.Trainer, "_evaluate", killed)
        assert drive(run, train("cartpole", settings, run)) == "failed"
    assert run.resumable_step() == settings.total_timesteps
    assert drive(run, train("cartpole", settings, run, resume=True)) == "done"
    assert_same_model(run, whole)
    assert run.metrics()[-1]["eval_return"] == whole.metrics()[-1]["eval_return"]
    assert drive(run, train("cartpole", settings, run, resume=True)) == "done"
    assert run.metrics()[-1]["eval_return"] == whole.metrics()[-1]["eval_return"]


def test_stopped_before_its_first_update_it_goes_on_exactly():
    """A run can be resumed from its very first checkpoint, before any long update."""
    settings = small(total_timesteps=2048 * 2, stop_when_solved=False)
    whole, run = (Run.create("cartpole", {"seed": 1}) for _ in range(2))
    assert drive(whole, train("cartpole", settings, whole)) == "done"
    trainer = agents.train.Trainer(agents.train.find_target("cartpole"), settings, run, False)
    trainer.save()
    trainer.close()
    assert run.resumable_step() == 0
    assert drive(run, train("cartpole", settings, run, resume=True)) == "done"
    assert_same_model(run, whole)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("target", "agent", "changes"),
    [
        ("cartpole", "a2c", {"total_timesteps": 1200}),
        ("cartpole", "dqn", {"total_timesteps": 3000, "learning_starts": 200}),
        ("Pendulum-v1", "sac", {"total_timesteps": 360, "learning_starts": 100, "hidden": (16,)}),
        ("catch", "qrdqn", {"total_timesteps": 900, "learning_starts": 200}),
        ("pendulum", "td3", {"total_timesteps": 240, "learning_starts": 100, "hidden": (8,)}),
        (
            "pendulum",
            "tqc",
            {"total_timesteps": 240, "learning_starts": 100, "hidden": (8,), "batch_size": 8},
        ),
        ("Pendulum-v1", "ppo", {"total_timesteps": 4096, "num_envs": 4, "batch_size": 64}),
    ],
)
def test_other_agents_and_environments_stop_and_go_on(target, agent, changes, monkeypatch, caplog):
    monkeypatch.setattr(agents.train, "YIELD_EVERY", 0.0)
    settings = small(target, agent, eval_episodes=2, final_episodes=2, stop_when_solved=False, **changes)
    run = Run.create(target, {"agent": agent, "seed": 0})
    events = train(target, settings, run)
    for progress in events:
        if progress.step >= settings.total_timesteps // 3:
            events.close()
            break
    stopped_at = run.resumable_step()
    assert stopped_at is not None and stopped_at < settings.total_timesteps
    before = run.load_model()[0]
    steps = [progress.step for progress in train(target, settings, run, resume=True)]
    assert steps[0] > stopped_at and steps[-1] >= settings.total_timesteps
    after = run.load_model()[0]
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert np.isfinite(run.metrics()[-1]["eval_return"])
    assert ("its replay buffer is filled again" in caplog.text) == (agent not in ("a2c", "ppo"))
    assert ("its episodes begin anew" in caplog.text) == (target == "Pendulum-v1")


def test_parameters_of_the_environment_reach_it():
    run = Run.create("cartpole", {"seed": 0})
    # On a moon without gravity and with hardly any push the pole stays up whatever one does.
    settings = small(total_timesteps=2048, params={"gravity": 0.0, "force": 1.0, "time_step": 0.005})
    for _ in train("cartpole", settings, run):
        pass
    heavy = Run.create("cartpole", {"seed": 0})
    for _ in train("cartpole", small(total_timesteps=2048, params={"gravity": 30.0}), heavy):
        pass
    assert run.metrics()[-1]["eval_return"] > 3 * heavy.metrics()[-1]["eval_return"]


def test_mistakes_are_one_sentence():
    run = Run.create("cartpole", {"seed": 0})
    with pytest.raises(UserError, match="Did you mean cartpole"):
        next(train("cartpool", small(), run))
    with pytest.raises(UserError, match="sac cannot play cartpole"):
        next(train("cartpole", agents.settings.SACSettings(), run))
    with pytest.raises(UserError, match="A CNN policy needs pictures"):
        next(train("cartpole", small(policy="cnn"), run))
    with pytest.raises(UserError, match="no device"):
        next(train("cartpole", small(), Run.create("cartpole", {"device": "tpu"})))


def test_a_diverging_training_says_so(monkeypatch):
    run = Run.create("cartpole", {"seed": 0})
    monkeypatch.setattr("agents.train.check", lambda settings: None)  # no rate in the range does it for sure
    settings = small(total_timesteps=20480, learning_rate=1e30, schedule="constant")
    assert drive(run, train("cartpole", settings, run)) == "failed"
    assert "smaller learning rate" in run.status()["message"]
