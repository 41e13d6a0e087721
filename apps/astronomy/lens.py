"""Weigh a gravitational lens: from a picture of its arcs to the Einstein radius, and so to its mass.

The lenses are simulated (singular isothermal spheres), endless, and synthetic: the network never sees one
twice, and unseen ones are other draws. The rival is a fit of the very model that made the pictures, so
it is hard to beat; but it takes a thousand times longer for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.lens_fit import LensFit, LightRadius
from sandbox.blocks.cnn import CNN
from sandbox.data import lenses
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.predictor import batched
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

SHAPE = (1, lenses.SIDE, lenses.SIDE)
ERROR = Metric(
    "relative_error",
    "error of the radius",
    "%",
    higher_is_better=False,
    help="By how much the Einstein radius is wrong, on average, as a share of the true one. The mass goes "
    "with its square, so it is wrong by twice that.",
    log=True,
)
TEST_SEED, SAMPLE = 2**32, 200
"""Of the unseen lenses, which no training can have; and of learned ones that are shown."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    noise: float = setting(
        0.1, "mean standard deviation of the noise, as a share of the brightest pixel", low=0.0, high=1.0
    )
    unseen: int = setting(80, "lenses to test on", low=2, high=10_000)
    steps: int = setting(1_500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(48, "lenses in a minibatch", low=2, high=MOST_EXAMPLES)
    channels: int = setting(
        24, "filters of the first convolution; each further one has more", low=1, high=512
    )
    hidden: int = setting(128, "numbers in the dense layer", low=1, high=WIDEST)
    learning_rate: float = setting(
        0.002, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    split_seed: int = setting(0, "of the unseen lenses", low=0, high=LARGEST_SEED)


@dataclass(frozen=True)
class Radius(Numbers):
    """The Einstein radius, with the mass that it means."""

    def text(self, answer: Any) -> str:
        """Such as `Einstein radius 1.02 arcseconds, mass 3.1e+11 suns`, for common redshifts."""
        radius = float(np.ravel(answer)[0])
        return (
            f"{super().text(answer)}: {lenses.mass(radius):.2g} suns within it, if the lens has redshift "
            f"{lenses.LENS:g} and the source {lenses.SOURCE:g}"
        )


OUTPUT = Radius(("Einstein radius",), "arcseconds")


class Weigher:
    """A trained network.

    Attributes:
        model: maps pictures (N, 1, 48, 48) to logarithms of Einstein radii (N, 1).
        input: a picture of a lens.
        output: its Einstein radius.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model, self.input, self.output = model, Image(SHAPE), OUTPUT

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Einstein radii (N, 1) in arcseconds."""
        return batched(self.model, torch.as_tensor(self.input.encoded(inputs))).exp().numpy()


class Simulated:
    """Minibatches of lenses that nobody has seen before; a function of the step alone.

    Args:
        settings: noise and size.
        seed: of the draws.
        device: for the network.
    """

    def __init__(self, settings: Settings, seed: int, device: torch.device) -> None:
        self.settings, self.seed, self.device = settings, seed, device

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Pictures (B, 1, 48, 48) and logarithms of their radii (B, 1)."""
        found = some(self.settings.batch_size, self.settings.noise, (self.seed, step))
        return found.inputs.to(self.device), found.targets.log().to(self.device)


class Lens(Task[Settings, Tensor, NDArray[np.float32]]):
    """Pictures of arcs into Einstein radii."""

    title = "Can a network weigh a galaxy by the light that it bends?"
    metric: ClassVar[Metric] = ERROR
    method = "weigh a lens"
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "longer": Settings(steps=4_000)}
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "short"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("lenses", "simulated lenses", "Singular isothermal spheres, drawn anew.", synthetic=True),
    )
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 60, "channels": 8, "hidden": 32, "unseen": 8, "batch_size": 16,
    }  # fmt: skip
    split_settings = ("noise", "unseen", "split_seed")
    spoilt: ClassVar[int] = 8  # a fit takes long
    says: ClassVar[str] = "the Einstein radius of {count} unseen {things} is wrong by **{value}**"
    says_other: ClassVar[str] = "{name} is wrong by **{value}**"
    code: ClassVar[Sequence[Any]] = (CNN, lenses.light, LensFit)

    def load(self, settings: Settings, source: str | None) -> Split[Tensor, Tensor]:
        """Lenses for testing, and a sample of those to learn from.

        Raises:
            UserError: other data are asked for.
        """
        if named(self.sources, source) is None:
            raise unknown(self.sources, str(source))
        return Split(
            train=some(SAMPLE, settings.noise, (0, 0)),
            test=some(settings.unseen, settings.noise, (TEST_SEED, settings.split_seed)),
            about=About("simulated lenses", "lenses", synthetic=True),
        )

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Learn the logarithm of the radius, so that errors are relative ones."""
        meta = {"channels": settings.channels, "hidden": settings.hidden}
        model = network(meta).to(device)
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(), lr=settings.learning_rate, fused=device.type in ("cpu", "cuda")
                ),
                lambda answers, wanted: F.smooth_l1_loss(answers, wanted, beta=0.02),
                schedule=warmup_cosine(settings.steps),
                metrics=lambda answers, wanted: {
                    ERROR.name: ((answers - wanted).float().exp() - 1).abs().mean()
                },
            ),
            predictor=Weigher(model),
            batches=Simulated(settings, seed, device),
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Weigher:
        """The network of a checkpoint."""
        model = network(meta)
        model.load_state_dict(dict(tensors))
        return Weigher(model.eval())

    def measure(self, predictor: Any, examples: Examples[Tensor, Any]) -> Mapping[str, Scores]:
        """The relative error of each radius."""
        answers = np.asarray(predictor.predict(examples.inputs), np.float64)
        return {ERROR.name: PerExample(np.abs(answers / np.asarray(examples.targets) - 1)[:, 0])}

    def baselines(self, settings: Settings, split: Split[Tensor, Any]) -> Mapping[str, Any]:
        """A fit of the model that made the pictures; and how far the light is from the middle."""
        return {
            "template fit": LensFit(Image(SHAPE), OUTPUT),
            "mean distance of the light": LightRadius(Image(SHAPE), OUTPUT),
        }


def network(meta: Mapping[str, Any]) -> CNN:
    """The network of a training or of a checkpoint."""
    width = int(meta["channels"])
    return CNN(
        SHAPE,
        (width, 2 * width, 3 * width, 3 * width),
        pool=2,
        norm="batch",
        hidden=(int(meta["hidden"]),),
        out_dim=1,
    )


def some(count: int, noise: float, seed: Sequence[int]) -> Examples[Tensor, Tensor]:
    """Pictures (N, 1, 48, 48) with their radii (N, 1)."""
    generator = np.random.default_rng(tuple(seed))
    drawn = lenses.draw(count, generator, noise)
    radii: Float[np.ndarray, "N 1"] = drawn.radius[:, None].astype(np.float32)
    return Examples(torch.from_numpy(lenses.pictures(drawn, generator)), torch.from_numpy(radii))


TASK = Lens()
