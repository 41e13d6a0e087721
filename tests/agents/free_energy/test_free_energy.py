"""Free-energy reinforcement learning: Q is the machine's, actions are drawn by it, and it learns."""

import itertools

import numpy as np
import pytest
import torch
from gymnasium import spaces

import envs
from agents.free_energy import FreeEnergy
from agents.free_energy.free_energy import FreeEnergyNet, FreeEnergyPolicy
from agents.player import Player
from agents.pqn.memory import network_for
from agents.settings import FreeEnergySettings, settings_for
from agents.train import train
from agents.training.compatibility import check_policy
from agents.vec_env import make_vec_env
from sandbox.errors import UserError
from sandbox.runs import Run


def a_net() -> FreeEnergyNet:
    torch.manual_seed(0)
    net = FreeEnergyNet(4, 3, 2)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter))
    return net


def test_q_is_the_log_of_what_the_machine_adds_up_over_its_hidden_states():
    net = a_net()
    observations = torch.randint(2, (5, 4)).float()
    q_values = net(observations)
    rbm = net.rbm
    for row, observation in enumerate(observations):
        for action in range(2):
            v = torch.cat([observation, torch.eye(2)[action]])
            total = sum(
                torch.exp(rbm.visible_bias @ v + rbm.hidden_bias @ h + h @ rbm.weight @ v)
                for h in map(torch.tensor, itertools.product((0.0, 1.0), repeat=3))
            )
            torch.testing.assert_close(q_values[row, action], torch.as_tensor(total).log())


def test_its_gradient_is_that_of_the_paper():
    net = a_net()
    observation = torch.tensor([[1.0, 0.0, 1.0, 1.0]])
    net(observation)[0, 1].backward()
    v = torch.cat([observation[0], torch.tensor([0.0, 1.0])])
    hidden = net.rbm.hidden_mean(v[None])[0]
    assert net.rbm.weight.grad is not None and net.rbm.visible_bias.grad is not None
    torch.testing.assert_close(net.rbm.weight.grad, hidden[:, None] * v)
    torch.testing.assert_close(net.rbm.visible_bias.grad, v)


def test_values_begin_near_nothing():
    torch.manual_seed(0)
    at_first = FreeEnergyNet(50, 64, 3)(torch.eye(50))
    assert at_first.abs().max() < 8 and at_first.mean().abs() < 4  # 64 units with softplus(0) would be 44


@pytest.mark.thorough
def test_actions_are_drawn_by_what_they_are_worth_and_learned_from_as_drawn():
    env = make_vec_env("catch", 4)
    model = FreeEnergy("MlpPolicy", env, temperature=2.0, final_temperature=1e-4, seed=0)
    obs = torch.zeros(4000, 10, 5)
    network = network_for(model.policy)
    values, actions, _ = model._best(network, obs, None, None)
    q_values = model.policy(obs)
    torch.testing.assert_close(values, q_values.gather(1, actions[:, None])[:, 0])
    wanted = torch.softmax(q_values[0] / 2, 0)
    assert wanted.min() > 0.02 and wanted.max() - wanted.min() > 0.05
    torch.testing.assert_close(actions.bincount(minlength=3) / 4000, wanted, atol=0.03, rtol=0)
    allowed = torch.tensor([True, False, True]).expand(4000, 3)
    assert set(model._best(network, obs, allowed, None)[1].tolist()) == {0, 2}
    model._current_progress_remaining = 0.0
    assert model.temperature_now == pytest.approx(model.final_temperature)
    assert (model._best(network, obs, None, None)[1] == q_values[0].argmax()).all()


def test_what_it_cannot_see_is_refused_in_a_sentence():
    environment = envs.find("cartpole")
    with pytest.raises(UserError, match="bits, choices and numbers between 0 and 1"):
        FreeEnergyPolicy(environment.observation_space, environment.action_space, lambda _: 1e-3)
    with pytest.raises(UserError, match="takes no policy 'cnn'"):
        check_policy("free_energy", "cnn")
    with pytest.raises(UserError, match="pendulum"):
        settings_for("pendulum", "free_energy")
    bits = FreeEnergyPolicy(spaces.MultiBinary(6), spaces.Discrete(2), lambda _: 1e-3)
    assert bits(torch.ones(3, 6)).shape == (3, 2)


@pytest.mark.thorough
def test_it_learns_to_catch_and_plays_after_loading():
    settings = FreeEnergySettings(total_timesteps=120_000, final_episodes=50)
    run = Run.create("catch", {"agent": "free_energy", "seed": 0, "threads": 1, "device": "cpu"})
    for _ in train("catch", settings, run):
        pass
    last = run.metrics()[-1]
    assert last["eval_return"] > 0.8 and last["temperature"] < settings.temperature
    decision = Player.load(run).act(np.zeros((10, 5), "f4"))
    assert decision.q_values is not None and decision.q_values.shape == (3,)
