"""What can be chosen about a training on sounds."""

from dataclasses import dataclass
from typing import Literal

from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting


@dataclass(frozen=True, kw_only=True)
class SoundSettings:
    """What can be chosen about a training on sounds."""

    rate: Literal[8000, 16000] = setting(8000, "samples a second that the network hears", unit="Hz")
    seconds: float = setting(1.0, "length of a clip; a longer word loses its ends", low=0.2, high=5.0)
    held_out: str = setting(
        "0.2", "who is unseen: a speaker's name, or a share of the speakers (of the files if none is named)"
    )
    split_seed: int = setting(0, "draws the unseen speakers or files of a share", low=0, high=LARGEST_SEED)
    bins: int = setting(40, "pitch regions of the spectrogram", low=16, high=128)
    voices: float = setting(
        1.0,
        "how far training changes voice, tempo and microphone of what it hears; 0 is not at all",
        low=0,
        high=3,
    )
    block: Literal["cnn", "residual"] = setting("cnn", "the network: plain convolutions or residual blocks")
    channels: tuple[int, ...] = setting(
        (24, 48, 64), "filters of each convolution, or of each stage", low=1, high=1024, count=(1, DEEPEST)
    )
    hidden: tuple[int, ...] = setting(
        (96,), "sizes of the dense layers", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    dropout: float = setting(0.4, "chance of zeroing a number that enters the dense layers", low=0, below=1)
    steps: int = setting(900, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "recordings in a minibatch", low=2, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.004, "largest step size of AdamW", low=0, high=10)
    weight_decay: float = setting(0.05, "pull of the weights towards zero", low=0, high=10)
    label_smoothing: float = setting(
        0.1, "how far below 1 the probability of the right answer is asked to be", low=0, below=1
    )
