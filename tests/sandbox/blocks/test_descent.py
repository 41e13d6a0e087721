"""The optimisers against torch's, step by step, and the surfaces against their known minima."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.blocks import descent
from sandbox.blocks.descent import OPTIMIZERS, Surface, race

PAIRS = {
    "sgd": (descent.SGD, torch.optim.SGD, {"lr": 0.1}, {"lr": 0.1}),
    "momentum": (
        descent.Momentum,
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8},
        {"lr": 0.05, "momentum": 0.8},
    ),
    "nesterov": (
        descent.Nesterov,
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8},
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    ),
    "rmsprop": (descent.RMSprop, torch.optim.RMSprop, {"decay": 0.9}, {"alpha": 0.9}),
    "adam": (descent.Adam, torch.optim.Adam, {"lr": 0.01, "beta1": 0.8}, {"lr": 0.01, "betas": (0.8, 0.999)}),
    "adamw": (
        descent.AdamW,
        torch.optim.AdamW,
        {"lr": 0.01, "weight_decay": 0.1},
        {"lr": 0.01, "weight_decay": 0.1},
    ),
}


def problem():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    return network, torch.randn(60, 4, dtype=torch.float64), torch.randint(3, (60,))


def test_there_is_a_reference_for_each():
    assert set(PAIRS) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", PAIRS)
def test_equal_to_torch_step_by_step(name):
    ours_class, theirs_class, our_settings, their_settings = PAIRS[name]
    ours, x, labels = problem()
    theirs = copy.deepcopy(ours)
    one = ours_class(ours.parameters(), **our_settings)
    other = theirs_class(theirs.parameters(), **their_settings)
    for step in range(60):
        rows = slice(step % 3 * 20, step % 3 * 20 + 20)  # as with minibatches, the slope changes every step
        for network, optimizer in ((ours, one), (theirs, other)):
            optimizer.zero_grad()
            F.cross_entropy(network(x[rows]), labels[rows]).backward()
            optimizer.step()
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=1e-10, rtol=1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_goes_on_exactly_from_a_saved_state(name):
    network, x, labels = problem()
    optimizer = OPTIMIZERS[name](network.parameters())

    def steps(network, optimizer, count):
        for _ in range(count):
            optimizer.zero_grad()
            F.cross_entropy(network(x), labels).backward()
            optimizer.step()

    steps(network, optimizer, 3)
    twin = copy.deepcopy(network)
    resumed = OPTIMIZERS[name](twin.parameters())
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    steps(network, optimizer, 5)
    steps(twin, resumed, 5)
    for a, b in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(a, b)


def test_schedules_and_closures_work():
    surface = Surface("valley")
    optimizer = descent.SGD(surface.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)

    def closure():
        optimizer.zero_grad()
        loss = surface()
        loss.backward()
        return loss

    before = surface.position.detach().clone()
    loss = optimizer.step(closure)
    assert loss.item() == pytest.approx(0.5 * (16 + 25 * 2.25))
    torch.testing.assert_close(surface.position.detach(), before - 0.02 * torch.tensor([-4.0, 37.5]))
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 0.01


def test_parameters_without_gradient_stay():
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = descent.Adam([used, unused])
    used.sum().backward()
    optimizer.step()
    assert (used < 1).all()
    assert (unused == 1).all()


@pytest.mark.parametrize("name", Surface.KINDS)
def test_minima_are_minima(name):
    for minimum in Surface.MINIMA[name]:
        surface = Surface(name, start=minimum)
        height = surface()
        (slope,) = torch.autograd.grad(height, surface.position)
        assert height.item() == pytest.approx(0, abs=1e-4)
        assert slope.abs().max() < 1e-2
        assert (surface(0.05 * torch.randn(200, 2)) >= height - 1e-4).all()
    assert Surface(name)() > 0.5  # the usual start is somewhere else


def test_race_keeps_the_whole_path():
    surface = Surface("valley")
    path, heights = race(surface, descent.SGD(surface.parameters(), lr=0.03), 40)
    assert path.shape == (41, 2)
    assert heights.shape == (41,)
    along = -4.0 * 0.97 ** torch.arange(41.0)  # the slope along the valley is x itself
    torch.testing.assert_close(path[:, 0], along, atol=1e-5, rtol=0)


def test_momentum_outruns_plain_descent_in_the_valley():
    heights = {}
    for name, settings in (("sgd", {"lr": 0.03}), ("momentum", {"lr": 0.03, "momentum": 0.8})):
        surface = Surface("valley")
        heights[name] = race(surface, OPTIMIZERS[name](surface.parameters(), **settings), 60)[1][-1]
    assert heights["momentum"] < 0.05 * heights["sgd"]
