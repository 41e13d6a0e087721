"""U-Net: sizes, skips, time, and a task that needs both the whole picture and each pixel."""

import pytest
import torch
from torch.nn import functional as F

from sandbox.blocks.unet import UNet, time_embedding


@pytest.mark.parametrize("size", [(8, 8), (7, 10), (5, 3), (1, 1)])
def test_any_size_comes_back(size):
    block = UNet(2, 3, channels=(4, 8, 8))
    assert block(torch.randn(2, 2, *size)).shape == (2, 3, *size)


def test_sees_far_and_sharp():
    block = UNet(1, 1, channels=(4, 8, 8, 8))
    x = torch.randn(1, 1, 32, 32, requires_grad=True)
    (reach,) = torch.autograd.grad(block(x)[0, 0, 16, 16], x)
    assert (reach[0, 0, 0] != 0).any()  # the top row, through the lowest level
    assert reach[0, 0, 16, 16].abs() > reach.abs().mean()


def test_examples_do_not_mix():
    torch.manual_seed(0)
    block = UNet(1, 1, channels=(4, 8))
    x = torch.randn(3, 1, 8, 8)
    torch.testing.assert_close(block(x)[:1], block(x[:1]))


def test_time_is_heard():
    torch.manual_seed(1)
    block = UNet(1, 1, channels=(4, 8), time_dim=8)
    x = torch.randn(1, 1, 8, 8).repeat(2, 1, 1, 1)
    early, late = block(x, torch.tensor([1.0, 900.0]))
    assert not torch.allclose(early, late)


def test_time_embedding_tells_times_apart():
    e = time_embedding(torch.arange(1000.0), 32)
    assert e.shape == (1000, 32)
    torch.testing.assert_close(e.square().sum(1), torch.full((1000,), 16.0))
    torch.testing.assert_close(e[:, 0], torch.arange(1000.0).sin(), atol=1e-4, rtol=0)
    apart = torch.cdist(e, e) + 10 * torch.eye(1000)
    assert apart.min() > 0.5


@pytest.mark.thorough
def test_segments_the_larger_of_two_discs():
    """Which disc is larger needs the whole picture; its outline needs every pixel."""
    torch.manual_seed(2)
    rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")

    def batch(count):
        radius = torch.tensor([1.5, 3.0])[torch.rand(count, 2).argsort(1)]
        y = 4 + 8 * torch.rand(count, 2)
        x = torch.tensor([3.5, 11.5]) + torch.rand(count, 2) - 0.5
        apart = (rows - y[..., None, None]).square() + (columns - x[..., None, None]).square()
        discs = (apart < radius[..., None, None].square()).float()
        picture = discs.amax(1, keepdim=True)
        larger = discs[torch.arange(count), radius.argmax(1)][:, None]
        return picture + 0.1 * torch.randn_like(picture), larger

    block = UNet(1, 1, channels=(8, 16, 16))
    optimizer = torch.optim.Adam(block.parameters(), lr=5e-3)
    for _ in range(120):
        x, y = batch(32)
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(block(x), y).backward()
        optimizer.step()
    x, y = batch(200)
    with torch.no_grad():
        found = block(x) > 0
    overlap = (found & (y > 0)).sum() / (found | (y > 0)).sum()
    assert overlap > 0.9  # all discs at once would give 0.8
