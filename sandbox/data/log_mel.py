"""The log-mel spectrogram: how strong each pitch region of a sound is, over time, as ears hear it.

    P_t(f)  = |FFT(w x_t)|²                      x_t: the samples around time t; w: a Hann window
    M_t(m)  = log(sum_f B_m(f) P_t(f) + e)       B_m: triangles, equally wide in mel = 2595 log10(1 + f / 700)

Davis & Mermelstein 1980. Each sound is normalised by itself, so that loudness and microphone gain do not
matter: what is 60 dB below its loudest region counts as silence, then mean 0 and standard deviation 1.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

HOP = 0.01
"""Seconds from one column to the next."""
WINDOW = 0.025
"""Seconds that a column looks at."""
LOWEST = 60.0
"""Hertz at which the first mel region begins."""
FAINTEST = 1e-10
"""Power that is added, so that silence has a logarithm."""
DEPTH = 60.0
"""Decibels below its loudest region at which a sound counts as silent."""


class LogMel(nn.Module):
    """Waveforms (B, T) to log-mel spectrograms (B, bins, frames) in decibels; it learns nothing.

    Args:
        rate: samples a second.
        bins: mel regions.

    Attributes:
        edges: frequencies in hertz at which the mel regions begin, peak and end, (bins + 2,).
    """

    filters: Tensor
    waves: Tensor

    def __init__(self, rate: int, bins: int = 40) -> None:
        super().__init__()
        self.rate, self.bins = rate, bins
        self.hop, self.width = round(HOP * rate), round(WINDOW * rate)
        size = 2 ** math.ceil(math.log2(self.width))
        self.edges = hertz(torch.linspace(mel(LOWEST), mel(0.5 * rate), bins + 2))
        frequencies = torch.arange(size // 2 + 1) * (rate / size)
        rising = (frequencies - self.edges[:-2, None]) / (self.edges[1:-1] - self.edges[:-2])[:, None]
        falling = (self.edges[2:, None] - frequencies) / (self.edges[2:] - self.edges[1:-1])[:, None]
        filters = torch.minimum(rising, falling).clamp_min(0)
        turns = torch.outer(torch.arange(self.width), torch.arange(len(frequencies))) * (2 * math.pi / size)
        window = torch.hann_window(self.width)[:, None]
        # Made again from the settings, so no checkpoint has to hold them. The Fourier transform is a product
        # with waves, as any other runtime computes it, too.
        self.register_buffer("filters", filters / filters.sum(1, keepdim=True).clamp_min(1e-3), False)
        self.register_buffer("waves", torch.cat((turns.cos() * window, turns.sin() * window), 1), False)

    def frames(self, samples: int) -> int:
        """Columns of the spectrogram of so many samples."""
        return 1 + samples // self.hop

    def forward(self, sounds: Float[Tensor, "B T"]) -> Float[Tensor, "B M L"]:
        """The strength of each region in decibels, not yet normalised."""
        edge = self.width // 2
        frames = F.pad(sounds, (edge, self.width - edge)).unfold(1, self.width, self.hop)
        real, imaginary = (frames @ self.waves).chunk(2, 2)
        power = real.square() + imaginary.square()
        return 10 * (power @ self.filters.T + FAINTEST).log10().mT


def normalised(decibels: Float[Tensor, "B M L"]) -> Float[Tensor, "B M L"]:
    """Each spectrogram with its silence cut off at `DEPTH` below its peak, mean 0 and deviation 1."""
    peak = decibels.amax((1, 2), keepdim=True)
    kept = decibels.maximum(peak - DEPTH)
    centred = kept - kept.mean((1, 2), keepdim=True)
    return centred / centred.square().mean((1, 2), keepdim=True).sqrt().clamp_min(1e-2)


def mel(frequency: float) -> float:
    """A frequency in hertz on the mel scale. O'Shaughnessy 1987."""
    return 2595.0 * math.log10(1.0 + frequency / 700.0)


def hertz(mels: Tensor) -> Tensor:
    """Places on the mel scale as frequencies in hertz."""
    return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)


def mfcc(spectrograms: Float[Tensor, "B M L"], count: int = 13) -> Float[Tensor, "B K L"]:
    """Mel-frequency cepstral coefficients: the first `count` numbers of a cosine transform over the regions.

    They keep the shape of the vocal tract and drop the pitch of the voice. Davis & Mermelstein 1980.
    """
    bins = spectrograms.shape[1]
    places = (torch.arange(bins) + 0.5) * math.pi / bins
    basis = (torch.arange(count)[:, None] * places).cos() * math.sqrt(2 / bins)
    return basis.to(spectrograms) @ spectrograms
