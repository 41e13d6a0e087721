"""Learn digits from few labels: layer by layer without them first, or not. Hinton, Osindero & Teh 2006.

Both nets see the same few labels; one has first learned from all pictures what digits look like. A third of
scikit-learn's 1,797 digits is unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.baselines.nearest_neighbour import NearestNeighbour
from sandbox.blocks.dbn import DBN
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.metrics.completion import explained
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.grey_pictures import GreyPictures, PictureSettings, input_of, mean_of
from sandbox.tasks.families.image_classification import ImageClassification, ImageClassifier, ImageSplit
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples, Split
from sandbox.tasks.task import Training
from sandbox.training.contrastive_divergence import GreedyPretraining
from sandbox.training.pretraining import PretrainThenTune, part_of
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

NETS = ("pretrained", "plain")
REBUILT = Metric(
    "rebuilt",
    "rebuilt share (no labels used yet)",
    "%",
    digits=0,
    help="How much of a picture comes back after going up through the layers and down again. 100 % is all of "
    "it; 0 % is no better than the mean training picture.",
)


@dataclass(frozen=True, kw_only=True)
class Settings(PictureSettings):
    """What can be chosen about a training."""

    labels: int = setting(
        50, "pictures whose labels are known; all others are learned from without", low=1, high=MOST_EXAMPLES
    )
    hidden: tuple[int, ...] = setting(
        (128, 128), "units of each layer, from below", low=1, high=WIDEST, count=(1, DEEPEST)
    )
    pretraining: int = setting(2000, "minibatches for each layer, without labels", low=0, high=MOST_STEPS)
    tuning: int = setting(800, "minibatches with labels", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    pretraining_rate: float = setting(0.1, "step size of contrastive divergence", low=0, high=10)
    learning_rate: float = setting(0.003, "largest step size of Adam while tuning", low=0, high=10)

    @property
    def before(self) -> int:
        """Steps of pretraining, of all layers."""
        return self.pretraining * len(self.hidden)


class TwoNets(ImageClassifier):
    """A pretrained net, which answers, and a plain one beside it.

    Args:
        nets: by the names `pretrained` and `plain`.
        input: how a picture is read.
        classes: their names.
        mean: the mean training picture; None where nobody knows it.
    """

    def __init__(
        self, nets: Mapping[str, DBN], input: Image, classes: tuple[str, ...], mean: Tensor | None
    ) -> None:
        whole = {name: nn.Sequential(nn.Flatten(), net) for name, net in nets.items()}
        super().__init__(whole[NETS[0]], input.shape, classes, input.style)
        self.nets, self.mean = dict(nets), mean
        self.members = {
            name: ImageClassifier(net, input.shape, classes, input.style) for name, net in whole.items()
        }


class Layers(GreyPictures[Settings], ImageClassification[Settings]):
    """Does it help to look before one is taught?"""

    title = "Does it help to look at pictures before learning their names?"
    method = "layer by layer (DBN)"
    networks: ClassVar[Mapping[str, str]] = {name: name for name in NETS}
    tiny: ClassVar[Mapping[str, Any]] = {"pretraining": 60, "tuning": 60}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "more": Settings(labels=200)}
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "50 labels", "more": "200 labels"}

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build both nets and what teaches them."""
        assert isinstance(split, ImageSplit)
        known = known_rows(split, settings)
        train, labels = split.train.inputs.flatten(1).to(device), split.train.targets.to(device)
        nets: dict[str, DBN] = {}
        learners = {}
        for name in NETS:
            torch.manual_seed(seed)
            net = DBN(train.shape[1], settings.hidden, len(split.classes))
            if name == "plain":
                net.randomise()
            nets[name] = net.to(device)
            optimizer = torch.optim.Adam(net.parameters(), lr=settings.learning_rate)
            schedule = warmup_cosine(settings.tuning)
            learners[name] = Supervised(net, optimizer, F.cross_entropy, schedule=schedule)
        stack = nets["pretrained"]
        stack.rbms[0].initialise(train)
        optimizers = [
            torch.optim.SGD(layer.parameters(), lr=settings.pretraining_rate, momentum=0.5)
            for layer in stack.rbms
        ]
        all_pictures = ShuffledBatches(train, batch_size=settings.batch_size, seed=seed)
        few = ShuffledBatches(train[known], labels[known], batch_size=settings.batch_size, seed=seed)
        before = settings.before
        meta = {"hidden": settings.hidden, "before": before, **self.meta(split)}
        return Training(
            learner=PretrainThenTune(
                GreedyPretraining(stack, optimizers, steps_per_layer=max(1, settings.pretraining)),
                learners,
                before=before,
            ),
            predictor=TwoNets(nets, input_of(meta), split.classes, train.mean(0).cpu()),
            # Grey is a chance of ink, as for a single machine.
            batches=lambda step: (
                (torch.bernoulli(all_pictures(step)[0]),) if step < before else few(step - before)
            ),
            total=before + settings.tuning,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> TwoNets:
        """Both nets of a checkpoint."""
        rows, columns = meta["shape"][-2:]
        nets = {}
        for name in NETS:
            net = DBN(rows * columns, tuple(meta["hidden"]), len(meta["classes"]))
            net.load_state_dict(part_of(tensors, name))
            nets[name] = net.eval()
        return TwoNets(nets, input_of(meta), tuple(meta["classes"]), mean_of(meta))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """As of every classifier; also `accuracy` of each net, and what the layers keep of a picture.

        `rebuilt_<depth>` is how well pictures are rebuilt through so many layers, `rebuilt` through all.
        """
        found = dict(super().measure(predictor, examples))
        if isinstance(predictor, TwoNets):
            for name, member in predictor.members.items():
                found[f"accuracy_{name}"] = super().measure(member, examples)["accuracy"]
            found |= rebuilding(predictor.nets["pretrained"], examples, predictor.mean)
        return found

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """The nearest of the few pictures with labels."""
        assert isinstance(split, ImageSplit)
        known = known_rows(split, settings)
        examples, labels = split.train.inputs[known], split.train.targets[known]
        reader = Image(split.shape, split.style)
        return {"nearest neighbour": NearestNeighbour(examples, labels, split.classes, reader)}

    def metric_at(self, settings: Settings, step: int) -> Metric:
        """Before the first label, what the layers keep of a picture."""
        return REBUILT if step <= settings.before else self.metric


def known_rows(split: ImageSplit, settings: Settings) -> Tensor:
    """Positions of the training pictures whose labels are known, as many of each class as possible.

    Raises:
        UserError: there are fewer pictures, or not one label for each class.
    """
    if not len(split.classes) <= settings.labels <= len(split.train):
        raise UserError(
            f"labels must be from {len(split.classes)}, one for each class, to {len(split.train)}, "
            f"not {settings.labels}."
        )
    generator = torch.Generator().manual_seed(settings.split_seed)
    order = torch.randperm(len(split.train), generator=generator)
    labels = split.train.targets[order]
    # How often the label has come before: sorted by that, the classes take turns.
    before = torch.stack([(labels[:i] == label).sum() for i, label in enumerate(labels)])
    return order[before.argsort(stable=True)[: settings.labels]]


def rebuilding(stack: DBN, examples: Examples[Tensor, Any], mean: Tensor | None) -> dict[str, Scores]:
    """How well pictures are rebuilt through each number of layers: 1 is right, 0 the mean picture."""
    rows = torch.as_tensor(examples.inputs).flatten(1)
    nothing = torch.zeros(rows.shape[1], dtype=torch.bool)
    plain = rows.mean(0) if mean is None else mean
    found: dict[str, Scores] = {}
    for depth in range(1, len(stack.rbms) + 1):
        again = stack.rebuilt(rows.to(stack.rbms[0].weight.device), depth).cpu()
        found[f"rebuilt_{depth}"] = PerExample(explained(rows, again, plain, nothing).double().numpy())
    return found | {"rebuilt": found[f"rebuilt_{len(stack.rbms)}"]}


TASK = Layers()
