"""Shared blocks as policies: the same classes as in the demos, the same numbers as stock policies."""

from typing import Any

import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import nn

from agents.policies import BlockCnnPolicy, MlpPolicy, QPolicy, SoftPolicy, load_parameters
from agents.ppo.backbones import Autograd, backbone_for
from agents.ppo.towers import Towers
from sandbox.blocks.cnn import CNN
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError

VECTOR = spaces.Box(-1, 1, (3,), np.float32)


def rate(_: float) -> float:
    return 1e-3


def blocks(module: nn.Module, kind: type) -> int:
    return sum(isinstance(part, kind) for part in module.modules())


@pytest.mark.parametrize("arch", [[16, 8], {"pi": [4], "vf": [5, 6]}, []])
def test_first_weights_and_names_are_those_of_the_stock_policy(arch):
    torch.manual_seed(0)
    ours = MlpPolicy(VECTOR, spaces.Discrete(4), rate, net_arch=arch)
    torch.manual_seed(0)
    stock = ActorCriticPolicy(VECTOR, spaces.Discrete(4), rate, net_arch=arch)
    assert blocks(ours, MLP) == 2
    mine, theirs = ours.state_dict(), stock.state_dict()
    assert list(mine) == list(theirs)
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(0, 255, (10, 10, 4), np.uint8),
        spaces.Box(0, 1, (5, 7, 1), np.float32),
        spaces.Box(0, 1, (3, 9, 8), np.float32),
    ],
    ids=["bytes", "tiny", "channels_first"],
)
def test_cnn_policy_takes_any_small_picture(space):
    policy = BlockCnnPolicy(space, spaces.Discrete(3), rate)
    assert blocks(policy, CNN) == 1
    obs = np.stack([space.sample() for _ in range(4)])
    actions, _ = policy.predict(obs, deterministic=True)
    assert actions.shape == (4,)
    single, _ = policy.predict(obs[0], deterministic=True)
    assert single == actions[0]


def test_features_do_not_depend_on_the_memory_format():
    torch.manual_seed(0)
    last = BlockCnnPolicy(spaces.Box(0, 1, (8, 8, 2), np.float32), spaces.Discrete(3), rate)
    first = BlockCnnPolicy(spaces.Box(0, 1, (2, 8, 8), np.float32), spaces.Discrete(3), rate)
    first.load_state_dict(last.state_dict())
    obs = torch.rand(5, 8, 8, 2)
    torch.testing.assert_close(last.predict_values(obs), first.predict_values(obs.permute(0, 3, 1, 2)))


def test_a_cnn_for_vectors_is_refused():
    with pytest.raises(UserError, match="pictures"):
        BlockCnnPolicy(VECTOR, spaces.Discrete(3), rate)


def first_weight(net: Any) -> torch.Tensor:
    return net[0].weight


def test_dqn_and_sac_policies_are_made_of_blocks_and_learn():
    options: dict[str, Any] = {"learning_starts": 20, "device": "cpu", "policy_kwargs": {"net_arch": [8]}}
    dqn = stable_baselines3.DQN(QPolicy, "CartPole-v1", **options)
    weight = first_weight(dqn.policy.q_net.q_net)
    before = weight.detach().clone()
    dqn.learn(60)
    assert blocks(dqn.policy, MLP) == 2
    assert not torch.equal(before, weight)
    sac = stable_baselines3.SAC(SoftPolicy, "Pendulum-v1", **options)
    nets = [sac.policy.actor.latent_pi, *sac.critic.q_networks, *sac.critic_target.q_networks]
    copies = [first_weight(net).detach().clone() for net in nets]
    sac.learn(40)
    assert blocks(sac.policy, MLP) == 5
    assert not any(torch.equal(first_weight(net), copy) for net, copy in zip(nets, copies, strict=True))


@pytest.mark.parametrize("activation", [nn.Tanh, nn.ReLU])
def test_gradients_of_the_towers_equal_autograd(activation):
    torch.manual_seed(0)
    policy = MlpPolicy(
        VECTOR, spaces.Discrete(4), rate, net_arch=[16, 8, 12], activation_fn=activation, ortho_init=False
    )
    towers = backbone_for(policy)
    assert isinstance(towers, Towers)
    obs, grad_outputs, grad_values = torch.randn(32, 3), torch.randn(32, 4), torch.randn(32)
    with torch.no_grad():
        outputs, values = towers.forward(towers.prepare(obs))
        towers.backward(grad_outputs, grad_values)
        acted, _, _ = towers.act(towers.prepare(obs))
        torch.testing.assert_close(acted, outputs)
        torch.testing.assert_close(towers.values(towers.prepare(obs)), values)
    by_hand = {name: p.grad.clone() for name, p in policy.named_parameters() if p.grad is not None}
    assert len(by_hand) == len(list(policy.parameters()))
    for parameter in policy.parameters():
        parameter.grad = None
    autograd = Autograd(policy)
    with torch.no_grad():
        expected = autograd.forward(obs)
        autograd.backward(grad_outputs, grad_values)
    torch.testing.assert_close(outputs, expected[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(values, expected[1], atol=1e-5, rtol=1e-5)
    for name, parameter in policy.named_parameters():
        torch.testing.assert_close(by_hand[name], parameter.grad, atol=1e-5, rtol=1e-5)


def test_a_policy_that_overrides_its_outputs_is_left_to_stock():
    class Own(MlpPolicy):
        def evaluate_actions(self, obs, actions):
            return super().evaluate_actions(obs, actions)

    assert backbone_for(Own(VECTOR, spaces.Discrete(2), rate)) is None


def test_parameters_of_another_network_are_refused():
    small = MlpPolicy(VECTOR, spaces.Discrete(2), rate, net_arch=[4])
    large = MlpPolicy(VECTOR, spaces.Discrete(2), rate, net_arch=[8])
    with pytest.raises(UserError, match=r"policy_net\.0\.weight does not fit"):
        load_parameters(large, small.state_dict())
