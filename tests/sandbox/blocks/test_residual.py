"""Residual networks: the same numbers as torch's own layers, and a way past every block."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.blocks.residual import Residual, ResidualBlock


def branch(layers, x):
    """A convolution and its batch norm with the weights of ours, through torch's own functions."""
    conv, norm = layers
    h = F.conv2d(x, conv.weight, None, conv.stride, conv.padding)
    return F.batch_norm(h, None, None, norm.weight, norm.bias, training=True)


@pytest.mark.parametrize(("out", "stride"), [(6, 1), (8, 2), (8, 1), (6, 2)])
def test_a_block_is_the_same_as_torchs_layers(out, stride):
    torch.manual_seed(0)
    block = ResidualBlock(6, out, stride=stride)
    x = torch.randn(4, 6, 9, 9)
    added = branch(block.change[3:], branch(block.change[:2], x).relu())
    changes_shape = out != 6 or stride != 1
    passed = branch(block.shortcut, x) if changes_shape else x
    torch.testing.assert_close(block(x), (added + passed).relu())
    assert isinstance(block.shortcut, nn.Identity) != changes_shape


def test_the_network_is_the_same_as_torchs_layers():
    torch.manual_seed(1)
    net: Any = Residual((2, 9, 7), (4, 6), depth=(1, 2), hidden=(5,), out_dim=3)
    x = torch.randn(5, 2, 9, 7)
    h = branch(net.body[0][:2], x).relu()
    for block in list(net.body)[1:]:
        short = h if isinstance(block.shortcut, nn.Identity) else branch(block.shortcut, h)
        h = (branch(block.change[3:], branch(block.change[:2], h).relu()) + short).relu()
    assert h.shape == (5, 6, 5, 4)
    dense, out = net.head[0], net.head[2]
    z = F.adaptive_avg_pool2d(h, 1).flatten(1)
    expected = F.linear(F.linear(z, dense.weight, dense.bias).relu(), out.weight, out.bias)
    torch.testing.assert_close(net(x), expected)


def test_a_block_that_adds_nothing_passes_on_what_it_gets():
    block: Any = ResidualBlock(4, 4, norm="group")
    with torch.no_grad():
        block.change[3].weight.zero_()
        block.change[4].bias.zero_()
    x = torch.rand(2, 4, 6, 6)
    torch.testing.assert_close(block(x), x)


def test_the_gradient_reaches_the_first_layer_of_a_deep_network():
    """Forty blocks without normalisation: a plain stack of them would let the gradient vanish."""
    torch.manual_seed(0)
    net: Any = Residual((1, 6, 6), (4,), depth=40, norm="none", out_dim=1)
    blocks = [block for block in net.body if isinstance(block, ResidualBlock)]
    plain = nn.Sequential(net.body[0], *(nn.Sequential(block.change, nn.ReLU()) for block in blocks))
    x = torch.randn(8, 1, 6, 6)
    weight = net.body[0][0].weight
    (past,) = torch.autograd.grad(net.body(x).mean(), weight)
    (through,) = torch.autograd.grad(plain(x).mean(), weight)
    assert past.norm() > 1e6 * through.norm()


def test_what_cannot_be_built_is_refused():
    with pytest.raises(ValueError, match="4x9 picture is too small for 4 residual stages"):
        Residual((1, 4, 9), (2, 2, 2, 2))
    with pytest.raises(ValueError, match="1 depths for 2 stages"):
        Residual((1, 8, 8), (2, 2), depth=(1,))
    assert Residual((3, 5, 7), (4, 8), norm="group")(torch.randn(2, 3, 5, 7)).shape == (2, 8)
