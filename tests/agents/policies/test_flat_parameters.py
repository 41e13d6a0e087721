"""Flat parameters: clipping and Adam equal torch's, and the stock optimizer's state stays in step."""

import copy

import torch
from torch import nn

from agents.policies.flat_parameters import FlatAdam, FlatParameters


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))


def gradients(net: nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    for parameter in net.parameters():
        grad = torch.randn_like(parameter)
        if parameter.grad is None:
            parameter.grad = grad
        else:
            parameter.grad.copy_(grad)


def test_clipping_and_adam_equal_torch():
    net = network()
    twin = copy.deepcopy(net)
    stock = torch.optim.Adam(twin.parameters(), lr=0.01, eps=1e-5)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, eps=1e-5)
    flat = FlatParameters(list(net.parameters()))
    adam = FlatAdam(optimizer, flat)
    for seed in range(5):
        optimizer.param_groups[0]["lr"] = stock.param_groups[0]["lr"] = 0.01 / (seed + 1)
        gradients(net, seed)
        gradients(twin, seed)
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 0.5)
        stock.step()
        flat.clip_grad_norm(0.5)
        with torch.no_grad():
            adam.step()
    for ours, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-7, rtol=1e-6)
    for ours, theirs in zip(
        optimizer.state_dict()["state"].values(), stock.state_dict()["state"].values(), strict=True
    ):
        assert ours["step"] == theirs["step"] == 5
        torch.testing.assert_close(ours["exp_avg_sq"], theirs["exp_avg_sq"])


def test_it_goes_on_from_a_state_that_adam_has():
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    gradients(net, 0)
    optimizer.step()
    twin, twin_optimizer = copy.deepcopy((net, optimizer))
    adam = FlatAdam(optimizer, FlatParameters(list(net.parameters())))
    gradients(net, 1)
    gradients(twin, 1)
    with torch.no_grad():
        adam.step()
    twin_optimizer.step()
    for ours, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-7, rtol=1e-6)


def test_replaced_parameters_and_states_are_noticed():
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    flat = FlatParameters(list(net.parameters()))
    adam = FlatAdam(optimizer, flat)
    assert flat.is_current() and adam.is_current()
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert not adam.is_current()
    net.to(torch.float64).to(torch.float32)
    assert not flat.is_current()


def test_only_the_plain_adam_is_imitated():
    parameters = list(network().parameters())
    assert FlatAdam.supports(torch.optim.Adam(parameters, eps=1e-5), parameters)
    assert not FlatAdam.supports(torch.optim.Adam(parameters, weight_decay=0.1), parameters)
    assert not FlatAdam.supports(torch.optim.Adam(parameters, amsgrad=True), parameters)
    assert not FlatAdam.supports(torch.optim.SGD(parameters), parameters)


def test_parameters_that_made_other_numbers_of_steps_are_left_to_torch():
    net = network()
    parameters = list(net.parameters())
    optimizer = torch.optim.Adam(parameters)
    gradients(net, 0)
    optimizer.step()
    assert FlatAdam.supports(optimizer, parameters)
    parameters[0].grad = None
    optimizer.step()
    assert not FlatAdam.supports(optimizer, parameters)
    assert FlatAdam.supports(optimizer, parameters[1:])


def test_any_replaced_part_and_any_step_of_torch_is_noticed():
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    flat = FlatParameters(list(net.parameters()))
    adam = FlatAdam(optimizer, flat)
    gradients(net, 0)
    optimizer.step()
    assert flat.is_current() and not adam.is_current(), "the count of steps is another"
    adam = FlatAdam(optimizer, flat)
    assert adam.is_current()
    optimizer.param_groups[0]["weight_decay"] = 0.1
    assert not adam.is_current()
    flat.parameters[1].data = torch.ones(8)  # neither the first nor the last
    assert not flat.is_current()
