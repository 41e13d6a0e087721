"""Weights that are averaged, and scores that are calibrated afterwards."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.training.averaging import Averaged
from sandbox.training.calibrated import Calibrated, renew_statistics

pytestmark = pytest.mark.thorough


def learner(**keywords):
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    return Averaged(
        model, torch.optim.AdamW(model.parameters(), lr=0.1), F.cross_entropy, decay=0.9, **keywords
    )


def weight_of(one):
    """The weight that learns."""
    return one.model.get_parameter("weight").detach()


def batch(seed):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(16, 3, generator=generator)
    return inputs, (inputs[:, 0] > 0).long()


def test_the_average_follows_the_weights_by_its_definition():
    one = learner()
    mean = weight_of(one).clone()
    for step in range(200):
        one.step(batch(step))
        kept = min(0.9, (step + 1) / (step + 10))
        mean = kept * mean + (1 - kept) * weight_of(one)
    torch.testing.assert_close(one.model_state()["weight"], mean)
    assert not torch.equal(mean, weight_of(one))


def test_it_goes_on_exactly_from_what_was_saved():
    one, other = learner(), learner()
    for step in range(5):
        one.step(batch(step))
    saved = copy.deepcopy((one.model_state(), *one.state()))
    other.load_state(*saved)
    for step in range(5, 9):
        one.step(batch(step))
        other.step(batch(step))
    torch.testing.assert_close(one.model_state(), other.model_state())
    torch.testing.assert_close(dict(one.model.named_parameters()), dict(other.model.named_parameters()))


def test_it_is_settled_once_for_each_step():
    calls = []
    one = learner(settle=lambda model: calls.append(model))
    one.step(batch(0))
    for _ in range(2):
        one.model_state()
    one.step(batch(1))
    one.model_state()
    assert calls == [one.averaged] * 2


def test_calibration_finds_temperature_and_threshold():
    torch.manual_seed(0)
    truth = (torch.rand(4000) < 0.1).long()
    honest = torch.stack([torch.zeros(4000), torch.randn(4000) * 1.5 + 3.0 * truth - 1.5], 1)
    model = Calibrated(nn.Identity(), 2)
    model.train()
    model.calibrate(3 * honest, truth)
    assert model.training and torch.equal(model(honest), honest)
    model.eval()
    probabilities = model(3 * honest).softmax(1)[:, 1]
    for low, high in ((0.05, 0.3), (0.3, 0.6), (0.6, 1.0)):
        inside = (probabilities >= low) & (probabilities < high)
        assert abs(probabilities[inside].mean() - truth[inside].double().mean()) < 0.07
    usual = (probabilities > 0.5)[truth == 1].double().mean()
    model.calibrate(3 * honest, truth, balanced=True)
    even = (model(3 * honest).argmax(1) == 1)[truth == 1].double().mean()
    assert even > usual + 0.1
    model.calibrate(torch.tensor([[9.0, -9.0], [-9.0, 9.0]]), torch.tensor([0, 1]))
    assert torch.isfinite(model(honest)).all()


def test_statistics_are_those_of_the_examples():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(2)
    inputs = 3 + 2 * torch.randn(500, 2, 4, 4)
    renew_statistics(nn.Sequential(norm).eval(), inputs)
    assert norm.running_mean is not None and norm.running_var is not None
    torch.testing.assert_close(norm.running_mean, inputs.mean((0, 2, 3)))
    torch.testing.assert_close(norm.running_var, inputs.var((0, 2, 3)), rtol=0.02, atol=0)
    assert norm.momentum == 0.1 and not norm.training
