"""Pictures into codes and back, or onto a map of units: what every task of these kinds shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines.principal_components import PrincipalComponents
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.blocks.som import SOM
from sandbox.blocks.vae import VAE
from sandbox.data.batches import ShuffledBatches
from sandbox.data.handwriting import Style, style_of
from sandbox.devices import device_of
from sandbox.metrics.reconstruction import EXPLAINED, reconstruction_scores
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families import pictures
from sandbox.tasks.families.pictures import DIGITS, OWN_PICTURES, PictureSettings, PictureSplit
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.codes import Codes, numbered
from sandbox.tasks.outputs.image import Image as Picture
from sandbox.tasks.predictor import Predictor, evaluating
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

MOST_CODE = 16
Shape = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class CodeSettings(PictureSettings):
    """What can be chosen about a training of an autoencoder."""

    code: int = setting(
        2, "numbers in the code: all that the decoder knows of a picture", low=1, high=MOST_CODE
    )
    hidden: tuple[int, ...] = setting(
        (128, 64),
        "widths of the encoder's layers; the decoder has them the other way round",
        low=1,
        high=WIDEST,
        count=(0, DEEPEST),
    )
    steps: int = setting(2500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.004,
        "largest step size of Adam; it rises over the first tenth of the steps, then falls to 0",
        above=0,
        high=10,
    )


S = TypeVar("S", bound=CodeSettings)
Block = Autoencoder | VAE


class Coder:
    """Pictures to codes and back; its answer to a picture is the picture rebuilt from its code.

    Attributes:
        model: the network.
        shape: `(C, H, W)` of a picture.
        mean: (D,), the mean training picture; None if nobody knows it.
        input: how a picture is read.
        output: what is rebuilt.
        codes: what a code is.
    """

    def __init__(
        self, model: Block, shape: Shape, style: Style | None = None, mean: Tensor | None = None
    ) -> None:
        self.model, self.shape, self.mean = model, shape, mean
        self.input, self.output = Image(shape, style), Picture(ink=style is not None)
        self.codes = numbered(model.code_dim)

    @property
    def code_dim(self) -> int:
        """Numbers in a code, K."""
        return self.model.code_dim

    @property
    def squash(self) -> str:
        """What the decoder's last numbers go through: `sigmoid`, or `clamp` to [0, 1]."""
        return "sigmoid" if isinstance(self.model, VAE) else "clamp"

    @property
    def decoder(self) -> nn.Module:
        """Linear layers with ReLU between."""
        return self.model.decoder

    def encode(self, inputs: Any) -> Float[Tensor, "N K"]:
        """The code of each picture; of a VAE its mean."""
        device = device_of(self.model)
        with evaluating(self.model):
            found = self.model.encode(torch.as_tensor(inputs).flatten(1).to(device))
        return (found[0] if isinstance(found, tuple) else found).float().cpu()

    def decode(self, codes: Any) -> Float[Tensor, "N C H W"]:
        """The picture that each code stands for, in [0, 1]."""
        device = device_of(self.model)
        with evaluating(self.model):
            found = self.model.decode(torch.as_tensor(codes).to(device))
        return found.clamp(0, 1).float().cpu().unflatten(1, self.shape)

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Each picture (N, C, H, W) rebuilt from its own code."""
        return self.decode(self.encode(inputs)).numpy()


class Representation(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """Pictures through a narrow code and back."""

    metric: ClassVar[Metric] = EXPLAINED
    says: ClassVar[str] = "it explains **{value}** of the variation in {count} unseen {things}"
    says_other: ClassVar[str] = "{name} explain **{value}**"
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 100}
    sources: ClassVar[Sequence[Source | OwnData]] = (DIGITS, OWN_PICTURES)

    def build(self, settings: Any, shape: Shape) -> Block:
        """The untrained network."""
        raise NotImplementedError

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Of what the network gives for a batch of pictures."""
        raise NotImplementedError

    def load(self, settings: Any, source: str | None) -> PictureSplit:
        """Digits, or pictures of a folder; a picture is its own target."""
        images = pictures.load(self.sources, source, size=settings.size, split_seed=settings.split_seed)
        known = pictures.few(images, settings.examples, settings.split_seed)
        return PictureSplit(
            train=Examples(known, known),
            test=Examples(images.test_images, images.test_images),
            about=pictures.about(images),
            images=images,
            style=style_of(images),
        )

    def prepare(
        self, settings: Any, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the network, and Adam with a rising and falling rate."""
        assert isinstance(split, PictureSplit)
        rows = split.train.inputs.flatten(1).to(device)
        model = self.build(settings, split.shape).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
        return Training(
            learner=Supervised(
                model, optimizer, self.loss, schedule=warmup_cosine(settings.steps), clip=10.0
            ),
            predictor=Coder(model, split.shape, split.style, split.train.inputs.mean(0).flatten()),
            batches=ShuffledBatches(rows, rows, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta={"code": settings.code, "hidden": settings.hidden, **split.meta()},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Coder:
        """The network of a checkpoint."""
        shape: Any = tuple(meta["shape"])
        settings = replace(self.settings(), code=meta["code"], hidden=tuple(meta["hidden"]))
        model = self.build(settings, shape)
        model.load_state_dict(dict(tensors))
        return Coder(model.eval(), shape, pictures.style_from(meta), pictures.mean_from(meta))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `reconstruction_scores`."""
        answers = predictor.predict(examples.inputs)
        return reconstruction_scores(examples.targets, answers, getattr(predictor, "mean", None))

    def baselines(self, settings: Any, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """As many principal components of the same pictures as the code has numbers."""
        assert isinstance(split, PictureSplit)
        style = split.style
        found = PrincipalComponents(
            split.train.inputs, settings.code, Image(split.shape, style), Picture(ink=style is not None)
        )
        return {"principal components": found}


class TrainedMap:
    """A map of units; its answer is the place of the unit nearest to an input.

    Attributes:
        model: the map.
        shape: `(C, H, W)` of an input; a colour is a picture of one pixel.
        mean: (D,), of the training examples; None if nobody knows it.
        input: how a picture is read.
        output: row and column, counted from 1.
    """

    def __init__(
        self, model: SOM, shape: Shape, style: Style | None = None, mean: Tensor | None = None
    ) -> None:
        self.model, self.shape, self.mean = model, shape, mean
        self.input, self.output = Image(shape, style), Codes(("row", "column"))

    @property
    def centres(self) -> Tensor:
        """What each unit stands for, (U, D)."""
        return self.model.codebook.detach().cpu()

    @property
    def places(self) -> Tensor:
        """Where each unit is on the map, (U, 2)."""
        return self.model.places.detach().cpu()

    def winners(self, inputs: Any) -> Tensor:
        """The unit nearest to each input, counted row by row."""
        with torch.no_grad():
            return self.model.winners(torch.as_tensor(inputs).flatten(1).to(self.model.codebook.device)).cpu()

    def decode(self, answers: Any) -> Float[Tensor, "N C H W"]:
        """What the unit at each place (N, 2) stands for."""
        places = torch.as_tensor(np.asarray(answers)).round().long() - 1
        return self.centres[places[:, 0] * self.model.shape[1] + places[:, 1]].unflatten(1, self.shape)

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Row and column of the nearest unit, (N, 2)."""
        units, columns = self.winners(inputs), self.model.shape[1]
        return torch.stack([units // columns + 1, units % columns + 1], 1).float().numpy()


def map_scores(predictor: Any, examples: Examples[Tensor, Tensor]) -> dict[str, Scores]:
    """Figures of centres, on a map or in no order.

    Returns:
        `explained` and `error` as of what is rebuilt from the nearest centre; `quantisation`, the distance of
        an example to the centre nearest to its input; on a map `topographic`, the share of examples whose two
        nearest units are no neighbours.
    """
    centres, places = predictor.centres, predictor.places
    rows, wholes = (values.flatten(1) for values in (examples.inputs, examples.targets))
    apart, order = torch.cdist(rows, centres).topk(min(2, len(centres)), largest=False)
    nearest = centres[order[:, 0]]
    if rows is not wholes and not torch.equal(rows, wholes):
        apart = (wholes - nearest).norm(dim=1, keepdim=True)
    found = reconstruction_scores(wholes, nearest, predictor.mean)
    found["quantisation"] = PerExample(apart[:, 0].double().numpy())
    if places is not None:
        near = torch.cdist(places, places) < 1.5
        found["topographic"] = PerExample((~near[order[:, 0], order[:, -1]]).double().numpy())
    return found
