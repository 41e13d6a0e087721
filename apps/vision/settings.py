"""What can be chosen about a training of `vision/classify`."""

from dataclasses import dataclass
from typing import Literal

from sandbox.errors import UserError
from sandbox.training import schedules

Block = Literal["cnn", "residual", "inception"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    size: int = 32
    """side to which pictures from a folder are scaled, in pixels; digits and MNIST keep theirs"""
    split_seed: int = 0
    """decides which third of the data is held out; MNIST's own split is kept"""
    steps: int = 1000
    """minibatches to learn from"""
    batch_size: int = 64
    """pictures in a minibatch"""
    learning_rate: float = 0.005
    """largest step size of AdamW; --find-lr suggests one"""
    schedule: schedules.Name = "cosine"
    """how the step size changes: cosine rises over the first tenth of the steps, then falls to 0"""
    weight_decay: float = 0.01
    """pull of the weights towards zero"""
    label_smoothing: float = 0.05
    """share of certainty that the right answer is not asked for, from 0 to 1; keeps probabilities modest"""
    block: Block = "cnn"
    """the network: plain convolutions, residual blocks, or Inception modules"""
    channels: tuple[int, ...] = (16, 32)
    """filters of each convolution; of the first one and each module, or of each stage of residual blocks"""
    hidden: tuple[int, ...] = (64,)
    """sizes of the dense layers"""
    dropout: float = 0.0
    """chance of zeroing a number that enters the dense layers, from 0 to 1"""
    jitter: float = 0.7
    """how far pictures are turned, stretched, shifted and slanted while training; 0 is not at all"""
    patience: int = 0
    """stop early after so many looks, of fifty, at a tenth of the training pictures that is then kept aside \
without reading them better, and take the best weights; 0 does all steps with all pictures"""
    clip: float = 0.0
    """largest norm of the gradient, longer ones are shortened to it; 0 leaves them"""
    accumulate: int = 1
    """parts in which a minibatch is computed one after the other, to need less memory"""
    precision: Precision = "auto"
    """numbers to compute with; auto takes bfloat16 where it is faster: on a GPU or a processor \
that multiplies such numbers, for pictures of 16 pixels or more, and float32 elsewhere"""


def check(settings: Settings) -> None:
    """Refuse settings that make no sense.

    Raises:
        UserError: says which and what is allowed.
    """
    for name in ("steps", "batch_size", "size", "accumulate"):
        if getattr(settings, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(settings, name)}.")
    for name in ("learning_rate", "weight_decay", "jitter", "clip", "patience"):
        if not 0 <= getattr(settings, name) < float("inf"):
            raise UserError(f"{name} must not be negative, and it is {getattr(settings, name)}.")
    for name in ("label_smoothing", "dropout"):
        if not 0 <= getattr(settings, name) < 1:
            raise UserError(f"{name} must be at least 0 and below 1, not {getattr(settings, name)}.")
    if not settings.channels or min((*settings.channels, *settings.hidden)) < 1:
        raise UserError("channels and hidden take numbers of at least 1, and there must be one convolution.")
