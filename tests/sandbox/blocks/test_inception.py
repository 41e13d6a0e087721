"""Inception networks: the same numbers as torch's own layers, ways of the sizes of GoogLeNet."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.blocks.inception import Inception, InceptionModule


def look(layers, x):
    """Convolution, batch norm and activation with the weights of ours, through torch's own functions."""
    conv, norm, _ = layers
    h = F.conv2d(x, conv.weight, None, 1, conv.kernel_size[0] // 2)
    return F.batch_norm(h, None, None, norm.weight, norm.bias, training=True).relu()


def joined(module, x):
    one, three, five, pooled = module.ways
    return torch.cat(
        [
            look(one, x),
            look(three[3:], look(three[:3], x)),
            look(five[3:], look(five[:3], x)),
            look(pooled[1:], F.max_pool2d(x, 3, 1, 1)),
        ],
        1,
    )


def test_a_module_is_the_same_as_torchs_layers():
    torch.manual_seed(0)
    module = InceptionModule(6, 16)
    x = torch.randn(4, 6, 7, 5)
    torch.testing.assert_close(module(x), joined(module, x))


def test_the_network_is_the_same_as_torchs_layers():
    torch.manual_seed(1)
    net: Any = Inception((2, 9, 7), (4, 8, 16), pool=(2, 1), hidden=(5,), out_dim=3)
    x = torch.randn(5, 2, 9, 7)
    h = joined(net.body[1][1], F.max_pool2d(look(net.body[0], x), 2))
    h = joined(net.body[2], h)
    assert h.shape == (5, 16, 4, 3)
    dense, out = net.head[0], net.head[2]
    z = F.adaptive_avg_pool2d(h, 1).flatten(1)
    expected = F.linear(F.linear(z, dense.weight, dense.bias).relu(), out.weight, out.bias)
    torch.testing.assert_close(net(x), expected)


def test_ways_have_the_shares_of_googlenets_first_module():
    module = InceptionModule(192, 256)
    convolutions = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
    shapes = [(c.in_channels, c.out_channels, c.kernel_size[0]) for c in convolutions]
    # Szegedy et al. 2015, table 1, row inception (3a).
    assert shapes == [(192, 64, 1), (192, 96, 1), (96, 128, 3), (192, 16, 1), (16, 32, 5), (192, 32, 1)]


@pytest.mark.parametrize("channels", [8, 9, 13, 40])
def test_any_number_of_maps_from_eight_comes_out(channels):
    assert InceptionModule(3, channels, norm="group")(torch.randn(2, 3, 4, 4)).shape == (2, channels, 4, 4)


def test_what_cannot_be_built_is_refused():
    with pytest.raises(ValueError, match="at least 8 maps, not 4"):
        Inception((1, 8, 8), (4, 4))
    with pytest.raises(ValueError, match="2x9 picture is too small for 2 pooled modules"):
        Inception((1, 2, 9), (4, 8, 8))
    with pytest.raises(ValueError, match="1 pools for 2 modules"):
        Inception((1, 8, 8), (4, 8, 8), pool=(2,))
