"""RNN, LSTM and GRU against torch's own layers with the same weights, and what sets the two apart."""

import pytest
import torch
from torch import nn

from sandbox.blocks.gru import GRU
from sandbox.blocks.lstm import LSTM
from sandbox.blocks.rnn import RNN, gradient_through_time

FAMILIES = [(RNN, nn.RNN), (LSTM, nn.LSTM), (GRU, nn.GRU)]


def tensors(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("ours, theirs", FAMILIES)
@pytest.mark.parametrize("depth", [1, 3])
def test_equal_to_torch_with_its_weights(ours, theirs, depth):
    torch.manual_seed(0)
    reference = theirs(4, 6, depth, batch_first=True)
    block = ours(4, 6, depth=depth)
    block.layers.load_state_dict(reference.state_dict())
    x = torch.randn(5, 11, 4)
    expected, expected_state = reference(x)

    fast, fast_state = block(x)
    torch.testing.assert_close(fast, expected)
    trail = list(block.steps(x))
    read = torch.stack([layers[-1].hidden for layers in trail], 1)
    torch.testing.assert_close(read, expected)
    for a, b in zip(tensors(fast_state), tensors(expected_state), strict=True):
        torch.testing.assert_close(a, b)

    wanted = torch.autograd.grad(expected.square().sum(), list(reference.parameters()))
    got = torch.autograd.grad(read.square().sum(), list(block.layers.parameters()))
    for a, b in zip(got, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("ours, theirs", FAMILIES)
def test_going_on_from_a_state_equals_one_long_run(ours, theirs):
    torch.manual_seed(1)
    block = ours(3, 5, depth=2)
    x = torch.randn(2, 10, 3)
    whole, _ = block(x)
    first, state = block(x[:, :4])
    second, _ = block(x[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)


@pytest.mark.parametrize("ours, theirs", FAMILIES)
def test_starts_separate_the_episodes_of_a_row(ours, theirs):
    torch.manual_seed(2)
    block = ours(3, 5, depth=2)
    x = torch.randn(2, 9, 3)
    _, carried = block(torch.randn(2, 4, 3))
    starts = torch.zeros(2, 9, dtype=torch.bool)
    starts[0, 4] = starts[1, 0] = starts[1, 7] = True
    out, state = block(x, carried, starts)

    before = block(x[:1, :4], tuple(s[:, :1] for s in carried) if ours is LSTM else carried[:, :1])[0]
    torch.testing.assert_close(out[:1, :4], before)
    torch.testing.assert_close(out[:1, 4:], block(x[:1, 4:])[0])
    torch.testing.assert_close(out[1:, :7], block(x[1:, :7])[0])
    last, last_state = block(x[1:, 7:])
    torch.testing.assert_close(out[1:, 7:], last)
    for a, b in zip(tensors(state), tensors(last_state), strict=True):
        torch.testing.assert_close(a[:, 1:], b)


@pytest.mark.parametrize("chance", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("ours, theirs", FAMILIES)
def test_rows_of_several_episodes_have_the_gradients_of_step_after_step(ours, theirs, chance):
    torch.manual_seed(6)
    block = ours(3, 5, depth=2)
    x, weight = torch.randn(4, 30, 3, requires_grad=True), torch.randn(4, 30, 5)
    starts = torch.rand(4, 30) < chance
    _, carried = block(torch.randn(4, 4, 3))

    def gradients(outputs):
        return torch.autograd.grad((outputs * weight).sum(), [x, *block.parameters()], retain_graph=True)

    at_once = block(x, carried, starts)[0]
    one_by_one = torch.stack([layers[-1].hidden for layers in block.steps(x, carried, starts)], 1)
    torch.testing.assert_close(at_once, one_by_one)
    torch.testing.assert_close(gradients(at_once), gradients(one_by_one), atol=1e-4, rtol=1e-4)


def test_gates_follow_the_equations():
    block = LSTM(2, 3, forget_bias=50.0)
    x = torch.randn(1, 20, 2)
    trail = [layers[0] for layers in block.steps(x)]
    assert all(torch.all(step.forget > 0.999) for step in trail)
    written = sum(step.input * step.candidate for step in trail)
    torch.testing.assert_close(trail[-1].cell, written)  # nothing is forgotten: the sum of all writing


def test_memory_spreads_the_spans():
    torch.manual_seed(5)
    (step,) = next(LSTM(3, 2000, memory=100).steps(torch.zeros(1, 1, 3)))
    torch.testing.assert_close(step.forget + step.input, torch.ones_like(step.forget))
    spans = 1 / (1 - step.forget)  # steps until a cell has forgotten
    assert 1.9 < spans.min() < 3
    assert 98 < spans.max() < 100.1
    assert abs(spans.mean() - 51) < 2


def test_gradient_vanishes_in_the_rnn_and_not_in_the_lstm():
    torch.manual_seed(3)
    x = torch.randn(8, 60, 4)
    plain = gradient_through_time(RNN(4, 32), x)
    memory = gradient_through_time(LSTM(4, 32, forget_bias=5.0), x)
    assert plain[0] / plain[-1] < 1e-6
    assert memory[0] / memory[-1] > 0.1


def test_gradient_through_time_is_the_power_of_the_weight_near_zero():
    block = RNN(1, 1)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.zero_()
        block.layers.all_weights[0][0].fill_(1.0)
        block.layers.all_weights[0][1].fill_(0.5)
    fall = gradient_through_time(block, torch.zeros(1, 6, 1))
    torch.testing.assert_close(fall, 0.5 ** torch.arange(5, -1, -1.0))


@pytest.mark.parametrize("ours, theirs", FAMILIES)
def test_bf16_autocast(ours, theirs):
    torch.manual_seed(4)
    block = ours(3, 8, depth=2)
    x = torch.randn(2, 6, 3)
    exact, _ = block(x)
    starts = torch.zeros(2, 6, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):
        fast, _ = block(x)
        read, _ = block(x, None, starts)
    torch.testing.assert_close(fast.float(), exact, atol=0.02, rtol=0)
    torch.testing.assert_close(read.float(), exact, atol=0.02, rtol=0)
