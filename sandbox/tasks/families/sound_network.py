"""A network that listens: a log-mel spectrogram, normalised, that a network for pictures reads."""

from jaxtyping import Float
from torch import Tensor, nn

from sandbox.data.augment_sound import OtherVoices
from sandbox.data.log_mel import LogMel, normalised
from sandbox.tasks.families.picture_network import Network


class Listener(nn.Module):
    """Spectrograms in decibels (B, M, L) to scores (B, classes); while training, as other people say them.

    Args:
        network: reads pictures (B, 1, M, L).
        voices: changes spectrograms while training.
    """

    def __init__(self, network: Network, voices: OtherVoices) -> None:
        super().__init__()
        self.network, self.voices = network, voices

    def forward(self, decibels: Float[Tensor, "B M L"]) -> Float[Tensor, "B C"]:
        """Scores of the classes."""
        heard = normalised(self.voices.in_noise(decibels))[:, None]
        return self.network(self.voices(heard))


class Recogniser(nn.Module):
    """Waveforms (B, T) to scores (B, classes).

    Only `listener` learns and is kept in checkpoints; training gives it the spectrograms, computed once.
    """

    def __init__(self, front: LogMel, listener: Listener) -> None:
        super().__init__()
        self.front, self.listener = front, listener

    @property
    def network(self) -> Network:
        """What reads the spectrograms."""
        return self.listener.network

    def spectrograms(self, sounds: Float[Tensor, "B T"]) -> Float[Tensor, "B 1 M L"]:
        """What the network sees of sounds."""
        return normalised(self.front(sounds))[:, None]

    def forward(self, sounds: Float[Tensor, "B T"]) -> Float[Tensor, "B C"]:
        """Scores of the classes."""
        return self.listener(self.front(sounds))


def in_shape(front: LogMel, samples: int) -> tuple[int, int, int]:
    """`(1, M, L)` of the spectrogram of so many samples."""
    return 1, front.bins, front.frames(samples)


def recogniser(network: Network, *, rate: int, bins: int, voices: float) -> Recogniser:
    """A network behind its spectrogram.

    Args:
        network: for pictures of `in_shape`.
        rate: samples a second.
        bins: mel regions.
        voices: how strongly training changes what is heard, see `OtherVoices`.
    """
    front = LogMel(rate, bins)
    return Recogniser(front, Listener(network, OtherVoices(front.edges, voices)))
