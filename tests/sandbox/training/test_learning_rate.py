"""The learning-rate finder: right on a loss whose best rate is known, and it leaves no trace."""

import pytest
import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError
from sandbox.training.learning_rate import Search, find_learning_rate
from sandbox.training.supervised import Supervised

X = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
Y = (X.sum(1) > 0).long()


def valley(curvature):
    """Gradient descent on curvature / 2 * w^2, which diverges exactly above a rate of 2 / curvature."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    return Supervised(
        model, torch.optim.SGD(model.parameters(), lr=0.1), lambda w, _: 0.5 * curvature * w.square().mean()
    )


@pytest.mark.parametrize("curvature", [0.1, 10.0, 1000.0])
def test_the_suggestion_goes_with_the_curvature(curvature):
    ones = torch.ones(1, 1)
    search = find_learning_rate(valley(curvature), lambda step: (ones, ones), low=1e-6, high=1e4)
    edge = 2 / curvature
    assert 0.03 * edge < search.suggestion < edge
    assert search.rates[-1] > edge  # it went on until the loss rose
    assert search.losses[-1] > min(search.losses)


def classifier():
    torch.manual_seed(3)
    model = nn.Sequential(MLP(4, (16,)), nn.BatchNorm1d(16), nn.Dropout(0.2), nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    return Supervised(model, optimizer, nn.functional.cross_entropy, schedule=lambda step: 0.5)


def test_it_leaves_no_trace():
    learner, fresh = classifier(), classifier()
    torch.manual_seed(11)
    find_learning_rate(learner, lambda step: (X, Y))
    found = torch.rand(1)
    torch.manual_seed(11)
    assert torch.equal(found, torch.rand(1))
    for each in (learner, fresh):
        torch.manual_seed(4)
        for _ in range(3):
            each.step((X, Y))
    assert learner.optimizer.param_groups[0]["lr"] == 0.01
    for name, tensor in fresh.model_state().items():
        assert torch.equal(tensor, learner.model_state()[name]), name


def test_what_it_suggests_learns_better_than_a_tenth_and_does_not_explode():
    suggestion = find_learning_rate(classifier(), lambda step: (X, Y)).suggestion

    def final(rate):
        learner = classifier()
        learner.schedule = None
        learner.optimizer.param_groups[0]["lr"] = rate
        return sum(learner.step((X, Y))["loss"].item() for _ in range(30)) / 30

    assert final(suggestion) < 0.8 * final(suggestion / 10)
    assert final(suggestion) < 0.6


def test_a_chart_marks_the_suggestion():
    search = Search((1e-3, 1e-2, 1e-1, 1.0), (2.0, 1.5, 0.5, 2.5), 0.01)
    lines = search.chart().splitlines()
    assert len(lines) == 5 and lines[2].endswith("← suggested") and "1.0e-02" in lines[2]
    assert lines[4].count("█") == 40 and lines[3].count("█") == 1


def test_a_loss_that_never_falls_is_told():
    model = nn.Linear(2, 2)
    learner = Supervised(
        model, torch.optim.SGD(model.parameters(), lr=0.1), lambda outputs, _: 0 * outputs.sum() + 1
    )
    with pytest.raises(UserError, match="The loss fell at no learning rate"):
        find_learning_rate(learner, lambda step: (X[:, :2], Y))
    with pytest.raises(ValueError, match="must ascend"):
        find_learning_rate(learner, lambda step: (X, Y), low=1.0, high=0.1)
