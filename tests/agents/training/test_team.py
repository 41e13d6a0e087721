"""Two processes that share the environments of PPO learn what one learns in all of them.

Run as a program, this file is the second process.
"""

import dataclasses
import os
import signal
import sys
from pathlib import Path

import pytest
import torch
from torch import distributed as dist

import agents.train
from agents.policies.action_heads import CategoricalHead
from agents.settings import AgentSettings, PPOSettings, settings_for
from agents.train import train
from agents.training.following import follow
from agents.training.team import Team, part_of
from sandbox import cli
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run, list_runs

ROLLOUT = 8 * 16
SETTINGS = dataclasses.replace(
    settings_for("cartpole"),
    total_timesteps=5 * ROLLOUT,
    num_envs=8,
    num_steps=16,
    batch_size=ROLLOUT,  # the only minibatch, so that its order does not matter
    num_epochs=4,
    hidden=(8,),
    normalize="both",
    target_kl=0.02,
    eval_every=2 * ROLLOUT,
    eval_episodes=2,
    final_episodes=2,
)
CONFIG = {"agent": "ppo", "seed": 3}


def most_probable(head, outputs):
    """In place of a draw, which two processes make from two generators."""
    return outputs.argmax(-1)


def until(run, step, resume=False):
    events = train("cartpole", SETTINGS, run, resume)
    for progress in events:
        if progress.step == step:
            events.close()
    assert run.checkpoints()[-1] == step
    return run.load_model()[0]


def cut_off(trainer):
    dist.destroy_process_group()
    raise UserError("The disk is full.")


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.thorough
def test_two_learn_what_one_learns_stopped_resumed_and_cut_off(monkeypatch, second_process, tmp_path):
    monkeypatch.setattr(agents.train, "YIELD_EVERY", 0.0)
    monkeypatch.setattr(CategoricalHead, "sample", most_probable)
    alone = Run.create("cartpole", CONFIG)
    expected = until(alone, 2 * ROLLOUT)
    run, broken = Run.create("cartpole", CONFIG), Run.create("cartpole", CONFIG)
    with second_process(__file__, str(tmp_path), trainings=3) as meet:
        meet()
        found = until(run, 2 * ROLLOUT)
        for name in expected:
            torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)
        assert found["features_extractor.count"] == pytest.approx(2 * ROLLOUT), "moments of all samples"
        with monkeypatch.context() as patch:
            patch.delenv("WORLD_SIZE")
            between = until(run, 3 * ROLLOUT, resume=True)
            assert run.config["processes"] == 1
        meet()  # the second process begins anew, and is told where the first one is
        assert drive(run, train("cartpole", SETTINGS, run, resume=True)) == "done", run.status()["message"]
        last = run.load_model()[0]
        assert not same(between, last)

        meet()
        with monkeypatch.context() as patch:
            patch.setattr(agents.train.Trainer, "log", cut_off)
            assert drive(broken, train("cartpole", SETTINGS, broken)) == "failed"
    assert same(torch.load(tmp_path / "0"), found) and same(torch.load(tmp_path / "1"), last)
    assert run.config["processes"] == 2 and alone.config["processes"] == 1
    assert run.checkpoints()[-1] == run.metrics()[-1]["step"] == 5 * ROLLOUT
    assert run.metrics()[-1]["eval_episodes"] == 2


@pytest.mark.parametrize(
    ("agent", "changes", "sentence"),
    [
        ("dqn", {}, "Only ppo can be spread over processes, not dqn"),
        ("gail", {}, "Only ppo can be spread over processes, not gail"),
        ("ppo", {"novelty": "som"}, "What is new is judged by one process"),
        ("ppo", {"num_envs": 9}, "num_envs must be a multiple of 2"),
        ("ppo", {"batch_size": 257}, "batch_size must be a multiple of 2"),
        ("ppo", {"batch_size": 2}, "batch_size must be at least 2 for each of 2 processes"),
        (
            "ppo",
            {"policy": "lstm", "batch_size": 32 * 3},
            "pieces of play in a minibatch, must be a multiple",
        ),
    ],
)
def test_what_cannot_be_shared_says_so(agent, changes, sentence):
    settings = dataclasses.replace(settings_for("cartpole", agent), **changes)
    assert part_of(settings, 1) is settings
    with pytest.raises(UserError, match=sentence):
        part_of(settings, 2)


def _minibatch(settings: AgentSettings) -> int:
    assert isinstance(settings, PPOSettings)
    return settings.batch_size


def test_a_part_is_a_share_of_every_minibatch():
    settings = settings_for("cartpole")  # 32 environments, 32 steps
    half = part_of(settings, 2)
    assert (half.num_envs, _minibatch(half)) == (16, 128)
    whole = part_of(dataclasses.replace(settings, batch_size=10**6), 2)
    assert _minibatch(whole) == 16 * 32
    memory = part_of(dataclasses.replace(settings, policy="lstm", batch_size=32 * 6 + 1), 2)
    assert _minibatch(memory) == 32 * 3


def test_torchrun_with_another_agent_leaves_no_run(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    assert cli.main(["train", "cartpole", "--agent", "dqn"]) == 2
    assert "Only ppo can be spread over processes, not dqn" in capsys.readouterr().err
    assert list_runs() == []


def second(ports, folder):
    setattr(CategoricalHead, "sample", most_probable)  # noqa: B010
    leave, left = Team._leave, []

    def write_and_leave(team):
        torch.save(team.model.policy.state_dict(), folder / str(len(left)))
        left.append(team)
        leave(team)

    setattr(Team, "_leave", write_and_leave)  # noqa: B010
    for port in ports[:-1]:
        os.environ["MASTER_PORT"] = port
        follow("cartpole", SETTINGS, CONFIG)
    os.environ["MASTER_PORT"] = ports[-1]
    with pytest.raises(UserError, match="Process 0 ended before the training did"):
        follow("cartpole", SETTINGS, CONFIG)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN, "process 0 says when to stop"


if __name__ == "__main__":
    second(sys.argv[1:-1], Path(sys.argv[-1]))
