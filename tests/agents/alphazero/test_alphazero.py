"""A policy and a value from search: returns by hand, mirrors, the search of many trees, learning."""

import dataclasses

import numpy as np
import pytest
import torch

import envs
from agents.alphazero.targets import Memory, Samples, search_returns
from agents.planning import Search
from agents.player import Player
from agents.settings import AlphaZeroSettings
from agents.train import train
from envs.engine.core.batch import Batch
from sandbox.errors import UserError
from sandbox.runs import Run

FOUR = envs.find("connect_four")
SMALL = AlphaZeroSettings(
    total_timesteps=256,
    num_envs=16,
    num_steps=8,
    policy="mlp",
    hidden=(16,),
    simulations=8,
    batch_size=64,
    mirror=True,
    eval_every=10_000,
    final_episodes=4,
)


def test_returns_by_hand():
    """Three moves: the last one wins. What was drawn at random says nothing of the position before it."""
    rewards = np.array([[0, 0, 1]], np.float32).T
    values = np.array([[0.5, -0.25, 0.75, 9.0]], np.float32).T
    dones = np.array([[False, False, True]]).T
    strayed = np.zeros((3, 1), bool)
    found = search_returns(rewards, values, dones, strayed, -1.0, 0.5)[:, 0]
    second = -(0.5 * 0.75 + 0.5 * 1)
    assert found.tolist() == [-(0.5 * -0.25 + 0.5 * second), second, 1.0]
    strayed[1] = True
    found = search_returns(rewards, values, dones, strayed, -1.0, 0.5)[:, 0]
    assert found.tolist() == [0.25, -0.25, 1.0]


def test_a_position_in_a_mirror():
    """Only the marked one is turned: the columns of its picture, what is allowed, and where to play."""
    obs = torch.arange(2 * 6 * 7 * 3, dtype=torch.uint8).view(2, 6, 7, 3)
    masks = torch.tensor([[True] * 6 + [False]] * 2)
    chances = torch.eye(7)[[0, 1]]
    samples = Samples(obs, masks, chances, torch.tensor([1.0, -1.0]))
    turned = samples.mirrored(torch.tensor([False, True]))
    assert (turned.obs[0] == obs[0]).all() and (turned.obs[1] == obs[1].flip(1)).all()
    assert turned.masks.int().argmin(1).tolist() == [6, 0]
    assert turned.chances.argmax(1).tolist() == [0, 5] and turned.returns.tolist() == [1.0, -1.0]


def test_the_oldest_positions_make_room():
    memory = Memory(5)
    for i in range(4):
        rows = torch.full((2,), float(i))
        memory.add(Samples(rows[:, None], rows[:, None] > -1, rows[:, None], rows))
    assert len(memory) == 4
    (drawn,) = memory.draw(1, 100)
    assert set(drawn.returns.tolist()) == {2.0, 3.0}


def test_it_is_for_games_of_two():
    run = Run.create("cartpole", {"agent": "alphazero", "seed": 0, "threads": 1, "device": "cpu"})
    with pytest.raises(UserError, match="two players"):
        list(train("cartpole", SMALL, run))


@pytest.mark.thorough  # it compiles the search
@pytest.mark.parametrize("policy", ["mlp", "cnn", "lines"])
def test_it_learns_and_its_agent_leads_a_search(policy):
    settings = dataclasses.replace(SMALL, policy=policy, channels=(4,), total_timesteps=1024)
    run = Run.create("connect_four", {"agent": "alphazero", "seed": 0, "threads": 1, "device": "cpu"})
    *_, last = train("connect_four", settings, run)
    rows = [row for row in run.metrics() if "policy_loss" in row]
    assert np.isfinite([row["policy_loss"] + row["value_loss"] for row in rows]).all() and len(rows) > 1
    assert "eval_return" in last.metrics
    first, newest = run.load_model(0)[0], run.load_model()[0]
    assert all((first[name] != newest[name]).any() for name in first)
    player = Player.load(run)
    assert player.searched
    batch = Batch(FOUR, 1, params={"opponent": 0})
    batch.reset(np.zeros((1, 6, 7, 3), np.uint8))
    found = Search(FOUR, seconds=None, simulations=100, player=player).find(batch.states[0])
    assert found.simulations >= 100 and abs(found.value) <= 1
