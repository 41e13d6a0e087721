"""Diffusion: noise levels, the sampler against the exact answer for a Gaussian, all modes of a mixture."""

import math

import pytest
import torch
from torch import nn

from sandbox.blocks.diffusion import Diffusion
from sandbox.blocks.unet import UNet


class GaussianDenoiser(nn.Module):
    """The best possible network for data N(mean, std^2), in closed form."""

    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = mean, std
        self.level = torch.empty(0)

    def forward(self, x, t):
        a = self.level[t.long()][:, None]
        variance = a * self.std**2 + 1 - a
        return (1 - a).sqrt() * (x - a.sqrt() * self.mean) / variance


def gaussian(mean=1.5, std=0.4, steps=400):
    network = GaussianDenoiser(mean, std)
    diffusion = Diffusion(network, (1,), steps=steps)
    network.level = diffusion.level
    return diffusion


def test_levels_fall_from_data_to_noise():
    level = Diffusion(nn.Identity(), (1,), steps=1000).level
    assert level[0] > 0.999
    assert level[-1] < 1e-4
    assert (level[1:] < level[:-1]).all()


def test_adding_noise_keeps_a_variance_of_one():
    torch.manual_seed(0)
    diffusion = Diffusion(nn.Identity(), (1,), steps=100)
    x = torch.randn(20000, 1)
    for t in (0, 30, 60, 99):
        noisy = diffusion.add_noise(x, torch.full((20000,), t), torch.randn_like(x))
        assert noisy.std().item() == pytest.approx(1, abs=0.02)
        shared = (noisy * x).mean().item()
        assert shared == pytest.approx(diffusion.level[t].sqrt().item(), abs=0.03)


@pytest.mark.parametrize("eta, steps", [(1.0, None), (0.0, None), (0.0, 50), (1.0, 100)])
def test_sampler_is_exact_with_the_exact_network(eta, steps):
    torch.manual_seed(1)
    x = gaussian().sample(20000, steps=steps, eta=eta)
    assert x.mean().item() == pytest.approx(1.5, abs=0.02)
    assert x.std().item() == pytest.approx(0.4, rel=0.08)


def test_without_fresh_noise_the_path_is_fixed_by_its_start():
    torch.manual_seed(2)
    diffusion = gaussian(steps=50)
    torch.manual_seed(3)
    one = diffusion.sample(5, eta=0.0)
    torch.manual_seed(3)
    torch.testing.assert_close(one, diffusion.sample(5, eta=0.0))
    torch.manual_seed(3)
    assert not torch.allclose(one, diffusion.sample(5, eta=1.0))


def test_clip_holds_samples_within():
    torch.manual_seed(4)
    assert gaussian(steps=50).sample(500, clip=1.2).max() <= 1.2


def test_loss_of_the_exact_network_is_its_known_floor():
    torch.manual_seed(5)
    diffusion = gaussian()
    loss = torch.stack([diffusion(1.5 + 0.4 * torch.randn(4000, 1)).mean() for _ in range(5)]).mean()
    a = diffusion.level
    floor = (a * 0.16 / (a * 0.16 + 1 - a)).mean()  # variance of the noise that x_t leaves open
    assert loss.item() == pytest.approx(floor.item(), rel=0.05)


@pytest.mark.thorough
def test_learns_all_modes_of_a_mixture():
    torch.manual_seed(6)
    angle = 2 * math.pi * torch.arange(8) / 8
    centres = 1.5 * torch.stack([angle.cos(), angle.sin()], 1)
    diffusion = Diffusion.of_points(2, hidden=(64, 64, 64), steps=50)
    optimizer = torch.optim.Adam(diffusion.parameters(), lr=1e-2)
    for step in range(1500):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / 1500)
        optimizer.zero_grad()
        x = centres[torch.randint(8, (256,))] + 0.05 * torch.randn(256, 2)
        diffusion(x).mean().backward()
        optimizer.step()
    gap, nearest = torch.cdist(diffusion.sample(2000), centres).min(1)
    assert torch.bincount(nearest[gap < 0.2], minlength=8).min() > 2000 / 16  # half of each mode's share
    assert (gap < 0.2).float().mean() > 0.6


def test_pictures_use_the_u_net():
    diffusion = Diffusion.of_images((2, 7, 10), channels=(4, 8), steps=10)
    assert isinstance(diffusion.network, UNet)
    assert diffusion(torch.randn(3, 2, 7, 10)).shape == (3,)
    assert diffusion.sample(2, steps=3, clip=1.0).shape == (2, 2, 7, 10)
