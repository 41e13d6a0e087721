"""The tape against torch.autograd: each operation, random graphs, a trained network."""

import operator
import random

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.blocks.backprop import Tape, TapedMLP

ONE = {
    "tanh": (lambda n: n.tanh(), torch.tanh),
    "sigmoid": (lambda n: n.sigmoid(), torch.sigmoid),
    "relu": (lambda n: n.relu(), torch.relu),
    "exp": (lambda n: n.exp(), torch.exp),
    "log of 1 + square": (lambda n: (n**2.0 + 1.0).log(), lambda x: (x**2 + 1).log()),
    "cube": (lambda n: n**3.0, lambda x: x**3),
    "negative": (operator.neg, operator.neg),
    "one over": (lambda n: 1.0 / (n**2.0 + 1.0), lambda x: 1 / (x**2 + 1)),
    "from two": (lambda n: 2.0 - n, lambda x: 2 - x),
    "transpose": (lambda n: n.transpose(), lambda x: x.mT),
}
SHAPES = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((), (4,))]
TWO = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def close(node, tensor):
    torch.testing.assert_close(node.gradient, tensor.grad, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("name", ONE)
def test_each_function(name):
    ours, theirs = ONE[name]
    torch.manual_seed(0)
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    tape = Tape()
    leaf = tape.leaf(x)
    output = ours(leaf)
    torch.testing.assert_close(output.value, theirs(x).detach())
    weights = torch.randn_like(output.value)
    tape.backward(output, weights)
    theirs(x).backward(weights)
    close(leaf, x)


@pytest.mark.parametrize("name", ["+", "-", "*", "/"])
@pytest.mark.parametrize("shapes", SHAPES)
def test_repeated_axes_are_summed(name, shapes):
    torch.manual_seed(1)
    a, b = (torch.randn(shape, dtype=torch.float64).abs() + 0.5 for shape in shapes)
    a, b = a.requires_grad_(), b.requires_grad_()
    operation = {**TWO, "/": operator.truediv}[name]
    tape = Tape()
    left, right = tape.leaf(a), tape.leaf(b)
    tape.backward(operation(left, right).sum())
    operation(a, b).sum().backward()
    close(left, a)
    close(right, b)


def test_matrix_products_of_stacks():
    torch.manual_seed(1)
    a = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    b = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    tape = Tape()
    left, right = tape.leaf(a), tape.leaf(b)
    tape.backward((left @ right).tanh().sum())
    (a @ b).tanh().sum().backward()
    close(left, a)
    close(right, b)


def test_cross_entropy():
    torch.manual_seed(2)
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 2, 1, 1, 0])
    tape = Tape()
    leaf = tape.leaf(x)
    loss = leaf.cross_entropy(labels)
    expected = F.cross_entropy(x, labels)
    torch.testing.assert_close(loss.value, expected.detach())
    tape.backward(loss)
    expected.backward()
    close(leaf, x)


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs(seed):
    """Thirty random operations on 4 x 4 matrices; any node may be used again, as in real networks."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    tensors = [torch.randn(4, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    leaves = list(tensors)
    tape = Tape()
    nodes = [tape.leaf(x) for x in tensors]
    for _ in range(30):
        kind = draw.choice([*ONE, *TWO, "@"])
        i, j = draw.randrange(len(nodes)), draw.randrange(len(nodes))
        if kind in ONE:
            ours, theirs = ONE[kind]
            node, tensor = ours(nodes[i]), theirs(tensors[i])
        else:
            operation = operator.matmul if kind == "@" else TWO[kind]
            node, tensor = operation(nodes[i], nodes[j]), operation(tensors[i], tensors[j])
        # Squash, or a chain of products and powers overflows.
        nodes.append(node.tanh())
        tensors.append(tensor.tanh())
    output, expected = nodes[0].sum(), tensors[0].sum()
    for node, tensor in zip(nodes[1:], tensors[1:], strict=True):
        output, expected = output + node.mean(), expected + tensor.mean()
    torch.testing.assert_close(output.value, expected.detach())
    tape.backward(output)
    expected.backward()
    for node, leaf in zip(nodes, leaves, strict=False):
        close(node, leaf)


def test_a_second_backward_starts_afresh_and_skips_what_does_not_matter():
    tape = Tape()
    a, b = tape.leaf(torch.tensor(3.0)), tape.leaf(torch.tensor(5.0))
    first, second = a * b, a * a
    tape.backward(first)
    tape.backward(second)
    assert a.gradient == 6.0
    assert b.gradient is None


def test_the_taped_network_equals_torchs():
    torch.manual_seed(3)
    ours = TapedMLP(4, (6, 5), 3).double()
    theirs = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    for a, b in zip(theirs.parameters(), ours.parameters(), strict=True):
        a.data.copy_(b.data)
    x = torch.randn(7, 4, dtype=torch.float64, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    labels = torch.randint(3, (7,))
    F.cross_entropy(ours(x), labels).backward()
    F.cross_entropy(theirs(y), labels).backward()
    torch.testing.assert_close(x.grad, y.grad, atol=1e-6, rtol=0)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, atol=1e-6, rtol=0)


def test_the_taped_network_learns_exclusive_or():
    torch.manual_seed(4)
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([0, 1, 1, 0])
    network = TapedMLP(2, (8,), 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(120):
        optimizer.zero_grad()
        F.cross_entropy(network(x), labels).backward()
        optimizer.step()
    assert (network(x).argmax(1) == labels).all()


def test_second_derivatives_are_refused():
    network = TapedMLP(2, (3,), 1)
    with pytest.raises(RuntimeError, match="differentiates once"):
        torch.autograd.grad(network(torch.ones(1, 2)).sum(), list(network.parameters()), create_graph=True)


def test_the_record_holds_every_number():
    network = TapedMLP(2, (3,), 1)
    tape, output = network.record(torch.tensor([[1.0, 2.0]]))
    torch.testing.assert_close(output.value, network(torch.tensor([[1.0, 2.0]])).detach())
    assert [node.operation for node in tape.nodes if node.operation != "leaf"] == [
        "transpose", "@", "+", "tanh", "transpose", "@", "+",
    ]  # fmt: skip
