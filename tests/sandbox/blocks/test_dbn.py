"""DBN: a stack of RBMs by hand, what greedy pretraining does to the data's likelihood, dreams."""

import pytest
import torch

from sandbox.blocks.dbn import DBN
from sandbox.training.contrastive_divergence import GreedyPretraining

PATTERNS = torch.tensor([[1.0, 1, 1, 0, 0, 0], [0.0, 0, 0, 1, 1, 1]])


def pretrained(hidden=(6, 4)):
    network = DBN(6, hidden)
    optimizers = [torch.optim.SGD(rbm.parameters(), lr=0.2) for rbm in network.rbms]
    learner = GreedyPretraining(network, optimizers, steps_per_layer=400)
    for _ in range(400 * len(hidden)):
        learner.step(PATTERNS[torch.randint(2, (20,))])
    return network


def test_upwards_it_is_a_sigmoid_network():
    torch.manual_seed(0)
    network = DBN(5, (4, 3), 2)
    x = torch.rand(7, 5)
    low, high = network.rbms
    h = torch.sigmoid(x @ low.weight.T + low.hidden_bias)
    h = torch.sigmoid(h @ high.weight.T + high.hidden_bias)
    torch.testing.assert_close(network.features(x), h)
    head = dict(network.named_parameters())
    torch.testing.assert_close(network(x), h @ head["head.weight"].T + head["head.bias"])
    torch.testing.assert_close(network.features(x, 0), x)
    torch.testing.assert_close(network.features(x, 1), low.hidden_mean(x))
    assert DBN(5, (4,))(x).shape == (7, 4)


def test_gradients_reach_all_but_the_visible_biases():
    network = DBN(5, (4, 3), 2)
    network(torch.rand(7, 5)).sum().backward()
    without = {name for name, p in network.named_parameters() if p.grad is None}
    assert without == {"layers.0.visible_bias", "layers.1.visible_bias"}


def test_each_layer_learns_in_its_turn():
    torch.manual_seed(1)
    network = DBN(6, (5, 4))
    optimizers = [torch.optim.SGD(rbm.parameters(), lr=0.1) for rbm in network.rbms]
    learner = GreedyPretraining(network, optimizers, steps_per_layer=3)
    turns = []
    for _ in range(8):
        before = [rbm.weight.detach().clone() for rbm in network.rbms]
        learner.step(PATTERNS)
        turns.append([not torch.equal(a, b.weight) for a, b in zip(before, network.rbms, strict=True)])
    assert turns == [[True, False]] * 3 + [[False, True]] * 5


def test_pretraining_makes_the_data_likely():
    torch.manual_seed(2)
    low = pretrained().rbms[0]
    every = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 6)
    chances = torch.softmax(-low(every), 0)
    data = (every[:, None] == PATTERNS).all(2).any(1)
    assert chances[data].sum() > 0.5  # 2 of 64 states


@pytest.mark.parametrize("hidden", [(6,), (6, 4), (6, 5, 4)])
def test_dreams_look_like_the_data(hidden):
    torch.manual_seed(3)
    network = pretrained(hidden)
    dreams = network.dream(torch.rand(300, 6), 50).round()
    like = (dreams[:, None] == PATTERNS).all(2)
    assert like.any(1).float().mean() > 0.6
    assert like.float().mean(0).min() > 0.05  # of both


def test_randomise_forgets():
    network = DBN(5, (4, 3), 2)
    before = network.rbms[1].weight.detach().clone()
    network.randomise()
    assert not torch.equal(before, network.rbms[1].weight)
    assert network.rbms[0].weight.std() > 0.5
