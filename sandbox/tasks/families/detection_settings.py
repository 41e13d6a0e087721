"""What can be chosen about a training that finds objects."""

from dataclasses import dataclass

from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting


@dataclass(frozen=True, kw_only=True)
class DetectionSettings:
    """What can be chosen about a training."""

    pictures: int = setting(240, "made pictures to learn from; own data keep theirs", low=4, high=5_000)
    size: int = setting(
        256,
        "longer side to which pictures are scaled, in pixels; small objects need a larger one",
        low=32,
        high=1024,
    )
    split_seed: int = setting(
        0, "decides which pictures are unseen, where no list says so", low=0, high=LARGEST_SEED
    )
    steps: int = setting(500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(8, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "largest step size of AdamW", low=0, high=10)
    weight_decay: float = setting(0.02, "pull of the weights towards zero", low=0, high=10)
    channels: tuple[int, ...] = setting(
        (32, 64, 96, 128),
        "filters of each stage; cells of the first have 4 pixels, of each further one twice that",
        low=1,
        high=1024,
        count=(1, 6),
    )
    depth: int = setting(1, "residual blocks in each stage", low=1, high=DEEPEST)
    mosaic: float = setting(0.3, "share of training pictures put together from parts of four", low=0, high=1)
    zoom: float = setting(0.3, "largest share by which training pictures grow or shrink", low=0, high=3)
    mirror: bool = setting(True, "mirror half of the training pictures left to right")
    flip: bool = setting(True, "turn half of the training pictures upside down")
    colour: float = setting(
        0.2, "how far brightness, contrast and colours of training pictures change", low=0, high=2
    )
    threshold: float = setting(0.4, "score from which an object is told and counted", low=0, high=1)
    overlap: float = setting(
        0.5,
        "two boxes of a class that overlap more are one object: intersection over union, for non-maximum "
        "suppression",
        low=0,
        high=1,
    )
