"""DAgger on a toy: a walker on a line whose expert always steps back towards 0."""

import torch
from torch import nn

from sandbox.training.dagger import Dagger

TOTAL, ROUNDS, LONG = 30, 2, 5


def meet(round, act):
    """Three walkers step by what the model answers; the expert says -x."""
    at, inputs = torch.tensor([[1.0], [2.0], [-1.5]]) * round, []
    for _ in range(LONG):
        inputs.append(at)
        at = at + act(at)
    found = torch.cat(inputs)
    return found, -found


def learner(seen=None):
    torch.manual_seed(0)
    model = nn.Linear(1, 1)

    def met(round, act):
        found = meet(round, act)
        if seen is not None:
            seen.append(found)
        return found

    first = torch.linspace(-0.1, 0.1, 8)[:, None]
    return Dagger(
        model,
        torch.optim.Adam(model.parameters(), lr=0.05),
        nn.functional.mse_loss,
        examples=(first, -first),
        meet=met,
        rounds=ROUNDS,
        total=TOTAL,
        batch_size=4,
        seed=3,
        change=lambda parts, generator: (parts[0], parts[1]),
    )


def test_a_round_adds_what_the_model_of_that_moment_met():
    seen = []
    one = learner(seen)
    weights = []
    for step in range(TOTAL):
        if step in one.begins:
            weights.append([parameter.detach().clone() for parameter in one.model.parameters()])
        one.step(one.batches(step))
    assert one.begins == [10, 20] and len(seen) == ROUNDS
    for round, (at, (weight, bias)) in enumerate(zip(seen, weights, strict=True), 1):
        expected, _ = meet(round, lambda x, w=weight, b=bias: x @ w.T + b)
        torch.testing.assert_close(at[0], expected)
    inputs, targets = one._all
    assert len(inputs) == 8 + ROUNDS * 3 * LONG
    torch.testing.assert_close(targets, -inputs)
    assert one.batches(25)[0].equal(one.batches(25)[0]), "a batch is a function of the step"


def test_a_resumed_training_meets_the_same_again_and_ends_with_the_same_bits():
    whole, part, again = learner(), learner(), learner()
    for step in range(TOTAL):
        whole.step(whole.batches(step))
        if step < 15:  # between the two rounds
            part.step(part.batches(step))
    again.load_state(part.model_state(), *part.state())
    assert len(again.acts) == 1
    for step in range(15, TOTAL):
        again.step(again.batches(step))
    for one, other in zip(whole._all, again._all, strict=True):
        assert one.equal(other)
    for name, tensor in whole.model_state().items():
        assert tensor.equal(again.model_state()[name]), name
