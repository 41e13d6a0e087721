"""What can be chosen about a training of `vision/classify`."""

from dataclasses import dataclass
from typing import Literal

from sandbox.data.augment import Flips
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.picture_network import Block
from sandbox.training import schedules

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    size: int = setting(
        32,
        "side to which pictures from a folder are scaled, in pixels; digits and MNIST keep theirs",
        low=1,
        high=1024,
    )
    split_seed: int = setting(
        0,
        "decides which third of the data is held out, unless its makers have split it",
        low=0,
        high=LARGEST_SEED,
    )
    steps: int = setting(1000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.005, "largest step size of AdamW; --find-lr suggests one", low=0, high=10
    )
    schedule: schedules.Name = setting(
        "cosine",
        "how the step size changes: cosine rises over the first tenth of the steps, then falls to 0",
    )
    weight_decay: float = setting(0.01, "pull of the weights towards zero", low=0, high=10)
    label_smoothing: float = setting(
        0.05,
        "how far below 1 the probability of the right class is asked to be; keeps it less sure",
        low=0,
        below=1,
    )
    block: Block = setting("cnn", "the network: plain convolutions, residual blocks, or Inception modules")
    channels: tuple[int, ...] = setting(
        (16, 32),
        "filters of each convolution; of the first one and each module, or of each stage of residual blocks",
        low=1,
        high=4096,
        count=(1, DEEPEST),
    )
    hidden: tuple[int, ...] = setting(
        (64,), "sizes of the dense layers", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    dropout: float = setting(0.0, "chance of zeroing a number that enters the dense layers", low=0, below=1)
    jitter: float = setting(
        0.7,
        "how far pictures are turned, stretched, shifted and slanted while training; 0 is not at all",
        low=0,
        high=10,
    )
    flips: Flips = setting(
        "none",
        "mirrored pictures while training: sideways where left and right are alike, as in photos; all eight "
        "ways to lay a square where nothing says which side is up, as in satellite pictures",
    )
    aside: float = setting(
        0.0,
        "share of the training pictures that is kept aside, so that temperature scaling under "
        "Compare can make "
        "the probabilities honest; 0 learns from all",
        low=0,
        high=0.5,
    )
    patience: int = setting(
        0,
        "keep a tenth of the training pictures aside, test on them fifty times, and stop after so many tests "
        "in a row without a better result; the best weights count; 0 does all steps with all pictures",
        low=0,
        high=1_000_000,
    )
    clip: float = setting(
        0.0, "largest norm of the gradient, longer ones are shortened to it; 0 leaves them", low=0, high=1e6
    )
    accumulate: int = setting(
        1,
        "parts in which a minibatch is computed one after the other, to need less memory",
        low=1,
        high=MOST_EXAMPLES,
    )
    precision: Precision = setting(
        "auto",
        "numbers to compute with; auto takes bfloat16 where it is faster: on a GPU or a processor "
        "that multiplies such numbers, for pictures of 16 pixels or more, and float32 elsewhere",
    )
