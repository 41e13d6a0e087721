"""Denoising diffusion: learn to undo noise, then start from nothing but noise. Ho, Jain & Abbeel 2020.

    forward   x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) noise          a_t falls from 1 (data) to 0 (noise)
    loss      |noise - network(x_t, t)|^2                        at a random t for each example
    sampling  x_0 ~ (x_t - sqrt(1 - a_t) e) / sqrt(a_t) with e = network(x_t, t); then to a smaller t:
              x_s = sqrt(a_s) x_0 + sqrt(1 - a_s - c^2) e + c noise

With c = eta sqrt((1 - a_s) / (1 - a_t)) sqrt(1 - a_t / a_s), eta = 1 is the original sampler, which draws
fresh noise at each step, and eta = 0 goes straight, in few steps (DDIM, Song, Meng & Ermon 2021).
The noise level follows half a cosine (Nichol & Dhariwal 2021).
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from sandbox.blocks.mlp import MLP
from sandbox.blocks.unet import UNet, time_embedding


class PointDenoiser(nn.Module):
    """A perceptron that names the noise in points, given the time.

    Args:
        dim: numbers per point, D.
        hidden: sizes of the hidden layers.
        time_dim: size of the embedding of the time.
    """

    def __init__(self, dim: int, hidden: Sequence[int] = (128, 128, 128), time_dim: int = 32) -> None:
        super().__init__()
        self.time_dim = time_dim
        self.network = MLP(dim + time_dim, hidden, dim, "silu")

    def forward(self, x: Float[Tensor, "B D"], t: Float[Tensor, " B"]) -> Float[Tensor, "B D"]:
        """The noise in each point."""
        return self.network(torch.cat([x, time_embedding(t, self.time_dim).to(x.dtype)], 1))


class Diffusion(nn.Module):
    """A network that names the noise, and the noise levels. Ho et al. 2020.

    `forward` is the loss of each example, in which every parameter has a gradient.

    Args:
        network: maps noisy data and times (B,) to the noise in them.
        shape: of one example: `(D,)` or `(C, H, W)`. Data should have about mean 0 and variance 1.
        steps: noise levels, T.

    Attributes:
        level: a_t for t = 0 to T - 1, the share of the data's variance that is left.
    """

    level: Tensor

    def __init__(self, network: nn.Module, shape: tuple[int, ...], *, steps: int = 1000) -> None:
        super().__init__()
        self.network, self.shape = network, shape
        t = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
        level = torch.cos((t + 0.008) / 1.008 * torch.pi / 2).square()
        fall = (level[1:] / level[:-1]).clamp_min(1e-3)  # never all in one step
        self.register_buffer("level", torch.cumprod(fall, 0).float())

    @classmethod
    def of_points(cls, dim: int, *, hidden: Sequence[int] = (128, 128, 128), steps: int = 200) -> "Diffusion":
        """A perceptron for points of `dim` numbers."""
        return cls(PointDenoiser(dim, hidden), (dim,), steps=steps)

    @classmethod
    def of_images(
        cls, shape: tuple[int, int, int], *, channels: Sequence[int] = (32, 64), steps: int = 1000
    ) -> "Diffusion":
        """A U-Net for pictures of `(C, H, W)` with pixels in [-1, 1]."""
        return cls(UNet(shape[0], shape[0], channels=channels, time_dim=4 * channels[0]), shape, steps=steps)

    def add_noise(
        self, x: Float[Tensor, "B *S"], t: Int[Tensor, " B"], noise: Float[Tensor, "B *S"]
    ) -> Float[Tensor, "B *S"]:
        """x_t = sqrt(a_t) x + sqrt(1 - a_t) noise."""
        a = self.level[t].view(-1, *[1] * (x.dim() - 1)).to(x.dtype)
        return a.sqrt() * x + (1 - a).sqrt() * noise

    def forward(self, x: Float[Tensor, "B *S"]) -> Float[Tensor, " B"]:
        """Mean squared error of the named noise, at a random time for each example; 1 before learning."""
        t = torch.randint(len(self.level), (len(x),), device=x.device)
        noise = torch.randn_like(x)
        named = self.network(self.add_noise(x, t, noise), t.to(x.dtype))
        return (named - noise).square().flatten(1).mean(1)

    @torch.no_grad()
    def sample(
        self, count: int, *, steps: int | None = None, eta: float = 1.0, clip: float | None = None
    ) -> Float[Tensor, "B *S"]:
        """Made-up data, from noise.

        Args:
            count: how many.
            steps: calls of the network, spread evenly over the times; all T if None.
            eta: 1 draws fresh noise on the way, 0 none.
            clip: the data's largest size, if it has one; holds the estimate of x_0 within.
        """
        x = torch.randn(count, *self.shape, device=self.level.device)
        for _, _, clean in self.denoise(x, steps=steps, eta=eta, clip=clip):
            x = clean
        return x

    @torch.no_grad()
    def denoise(
        self,
        x: Float[Tensor, "B *S"],
        *,
        steps: int | None = None,
        eta: float = 1.0,
        clip: float | None = None,
    ) -> Iterator[tuple[int, Float[Tensor, "B *S"], Float[Tensor, "B *S"]]]:
        """From noise to data, a call of the network at a time.

        Args:
            x: noise.
            steps: as in `sample`.
            eta: as in `sample`; with 0 the noise alone decides what comes of it.
            clip: as in `sample`.

        Yields:
            The time t, x_t, and the estimate of x_0 there; the last one is the result.
        """
        total = len(self.level)
        times = torch.linspace(total - 1, 0, min(steps or total, total)).round().long().tolist()
        for t, then in zip(times, [*times[1:], None], strict=True):
            a = self.level[t]
            named = self.network(x, torch.full((len(x),), float(t), device=x.device))
            clean = (x - (1 - a).sqrt() * named) / a.sqrt()
            if clip is not None:
                clean = clean.clamp(-clip, clip)
                named = (x - a.sqrt() * clean) / (1 - a).sqrt()
            yield t, x, clean
            if then is None:
                return
            b = self.level[then]
            fresh = eta * ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
            x = b.sqrt() * clean + (1 - b - fresh**2).clamp_min(0).sqrt() * named
            if eta:
                x = x + fresh * torch.randn_like(x)


def example() -> tuple[Diffusion, tuple[Tensor, ...]]:
    """Pictures of 8 by 8 pixels."""
    return Diffusion.of_images((1, 8, 8), channels=(4, 8), steps=50), (torch.randn(3, 1, 8, 8),)
