"""Random changes of spectrograms that leave the word as it is: another voice, another speed, another room."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.data.log_mel import mel

QUIETEST, LOUDEST = 65.0, 20.0
"""Decibels below a word's peak of the noise that training adds."""
Spectrograms = Float[Tensor, "B 1 M L"]


class OtherVoices(nn.Module):
    """Each normalised spectrogram as if another person said it elsewhere; only while training.

    - vocal tract length: all frequencies times a random factor (Jaitly & Hinton 2013), and a smooth bend of
      the frequency axis besides, because throat and mouth do not grow alike;
    - tempo: stretched, shifted, and locally faster and slower;
    - microphone: a smooth random curve over the frequencies is added, and the contrast changes;
    - noise of a room (`in_noise`);
    - masks over bands and spans of time (SpecAugment, Park et al. 2019).

    Args:
        edges: of the mel regions in hertz, see `LogMel.edges`.
        amount: 1 for the usual strength, 0 for none.
    """

    centres: Tensor

    def __init__(self, edges: Float[Tensor, " E"], amount: float = 1.0) -> None:
        super().__init__()
        self.amount = amount
        self.low, self.high = mel(float(edges[0])), mel(float(edges[-1]))
        self.register_buffer("centres", edges[1:-1].clone(), persistent=False)

    def forward(self, spectrograms: Spectrograms) -> Spectrograms:
        """As they are in evaluation mode."""
        if not self.training or self.amount == 0:
            return spectrograms
        return self.masked(self.coloured(self.moved(spectrograms)))

    def in_noise(self, decibels: Float[Tensor, "B M L"]) -> Float[Tensor, "B M L"]:
        """Spectrograms in decibels with the steady noise of a room, of a random level; before normalising."""
        if not self.training or self.amount == 0:
            return decibels
        peak = decibels.amax((1, 2), keepdim=True)
        level = peak - QUIETEST + (QUIETEST - LOUDEST) * torch.rand_like(peak)
        return 10 * (10 ** (decibels / 10) + 10 ** (level / 10)).log10()

    def moved(self, spectrograms: Spectrograms) -> Spectrograms:
        """Along both axes."""
        count, _, bins, frames = spectrograms.shape
        a, device = self.amount, spectrograms.device
        draw = torch.rand(8, count, 1, device=device) * 2 - 1
        # Where each region of the result comes from, in regions of the source.
        length = torch.exp(0.18 * a * draw[0])
        source = 2595.0 * (1.0 + self.centres * length / 700.0).log10()
        rows = (source - self.low) / (self.high - self.low) * (bins + 1) - 1
        at = torch.linspace(0, 1, bins, device=device)
        rows = rows + a * 1.2 * draw[1] * (math.pi * at).sin() + a * 0.8 * draw[2] * (2 * math.pi * at).sin()
        when = torch.linspace(-0.5, 0.5, frames, device=device)
        columns = when * torch.exp(0.3 * a * draw[3]) + 0.08 * a * draw[4]
        bend = 0.03 * a * draw[5] * (2 * math.pi * when + math.pi * draw[6]).sin()
        columns = (columns + bend) * 2
        grid = torch.stack(
            (
                columns[:, None, :].expand(count, bins, frames),
                ((rows + 0.5) * 2 / bins - 1)[:, :, None].expand(count, bins, frames),
            ),
            3,
        )
        return F.grid_sample(spectrograms, grid, padding_mode="border", align_corners=False)

    def coloured(self, spectrograms: Spectrograms) -> Spectrograms:
        """Through another microphone, in another room."""
        count, _, bins, _ = spectrograms.shape
        a, device = self.amount, spectrograms.device
        at = torch.linspace(0, math.pi, bins, device=device)
        waves = torch.stack([(k * at).cos() for k in (1, 2, 3)])
        curve = torch.randn(count, 3, device=device) * torch.tensor([0.35, 0.2, 0.12], device=device) @ waves
        contrast = torch.exp(0.15 * a * torch.randn(count, 1, 1, 1, device=device))
        noise = 0.1 * a * torch.randn_like(spectrograms)
        return spectrograms * contrast + a * curve[:, None, :, None] + noise

    def masked(self, spectrograms: Spectrograms) -> Spectrograms:
        """With bands and spans of time at the mean, which is 0."""
        count, _, bins, frames = spectrograms.shape
        device = spectrograms.device
        keep = torch.ones(count, bins, frames, device=device, dtype=torch.bool)
        for axis, size, share in ((1, bins, 0.2), (1, bins, 0.2), (2, frames, 0.15)):
            width = torch.rand(count, 1, device=device) * share * self.amount * size
            start = torch.rand(count, 1, device=device) * (size - width)
            places = torch.arange(size, device=device)
            inside = (places >= start) & (places < start + width)
            keep &= ~(inside[:, :, None] if axis == 1 else inside[:, None, :])
        return spectrograms * keep[:, None]
