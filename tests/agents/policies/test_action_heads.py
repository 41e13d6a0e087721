"""Action heads against Stable-Baselines3's distributions (values) and autograd (gradients)."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.distributions import make_proba_distribution
from torch import Tensor

from agents.policies.action_heads import head_for

SPACES = {
    "discrete": (spaces.Discrete(5), 5),
    "multidiscrete": (spaces.MultiDiscrete([3, 2, 4]), 9),
    "multibinary": (spaces.MultiBinary(4), 4),
    "box": (spaces.Box(-1, 1, (3,)), 3),
}


def distribution(space: spaces.Space, outputs: Tensor, log_std: Tensor):
    stock = make_proba_distribution(space)
    arguments = (outputs, log_std) if isinstance(space, spaces.Box) else (outputs,)
    return stock.proba_distribution(*arguments)


@pytest.fixture(params=SPACES)
def case(request):
    torch.manual_seed(0)
    space, width = SPACES[request.param]
    log_std = torch.nn.Parameter(torch.tensor([0.3, -0.5, 0.1]))
    log_std.grad = torch.zeros(3)
    outputs = torch.randn(64, width) * 2
    return space, outputs, log_std


def test_values_equal_the_stock_distribution(case):
    space, outputs, log_std = case
    with torch.no_grad():
        head = head_for(space, log_std)
        actions = head.sample(outputs)
        log_prob, entropy, _ = head.evaluate(outputs, actions)
        stock = distribution(space, outputs, log_std)
        torch.testing.assert_close(log_prob, stock.log_prob(actions))
        torch.testing.assert_close(entropy, stock.entropy())
        torch.testing.assert_close(head.best(outputs).float(), stock.mode().float())


def test_draws_equal_the_stock_distribution(case):
    space, outputs, log_std = case
    with torch.no_grad():
        torch.manual_seed(3)
        ours = head_for(space, log_std).sample(outputs)
        torch.manual_seed(3)
        theirs = distribution(space, outputs, log_std).sample()
    torch.testing.assert_close(ours.float(), theirs.float())


def test_gradients_equal_autograd(case):
    space, outputs, log_std = case
    weights, grad_entropy = torch.randn(64), 0.37
    with torch.no_grad():
        head = head_for(space, log_std)
        actions = head.sample(outputs)
        grad = head.backward(head.evaluate(outputs, actions)[2], weights.clone(), grad_entropy)
        assert log_std.grad is not None
        grad_log_std = log_std.grad.clone()
    log_std.grad = None
    leaf = outputs.clone().requires_grad_()
    stock = distribution(space, leaf, log_std)
    entropy = stock.entropy()
    assert entropy is not None
    ((stock.log_prob(actions) * weights).sum() + grad_entropy * entropy.sum()).backward()
    torch.testing.assert_close(grad, leaf.grad, atol=1e-5, rtol=1e-5)
    if isinstance(space, spaces.Box):
        torch.testing.assert_close(grad_log_std, log_std.grad, atol=1e-4, rtol=1e-5)


def test_draws_have_the_right_frequencies():
    torch.manual_seed(0)
    logits = torch.log(torch.tensor([0.1, 0.2, 0.7])).expand(50_000, 3)
    counts = np.bincount(head_for(spaces.Discrete(3), None).sample(logits).numpy(), minlength=3)
    np.testing.assert_allclose(counts / 50_000, [0.1, 0.2, 0.7], atol=0.01)


def test_an_unknown_space_is_refused():
    with pytest.raises(TypeError, match="no action head"):
        head_for(spaces.Text(3), None)
