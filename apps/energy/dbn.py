"""Learn digits from few labels: layer by layer without them first, or not. Hinton, Osindero & Teh 2006.

Both nets see the same few labels; one has first learned from all pictures what digits look like. A third of
scikit-learn's 1,797 digits is held out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from apps.energy import pictures
from apps.energy.completion import explained
from apps.energy.learners import PretrainThenTune, part_of
from apps.energy.rbm import with_interval
from sandbox.blocks.dbn import DBN
from sandbox.data.batches import ShuffledBatches
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.errors import UserError
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.task import Baseline, Task, Training
from sandbox.training.contrastive_divergence import GreedyPretraining
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

NETS = ("pretrained", "plain")


@dataclass(frozen=True, kw_only=True)
class Settings:
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
    split_seed: int = setting(
        0,
        "decides which third of the pictures is held out, and whose labels are known",
        low=0,
        high=LARGEST_SEED,
    )


class Stack:
    """Both nets, trained.

    Attributes:
        nets: by the names `pretrained` and `plain`.
        shape: rows and columns of their pictures.
        classes: names of the classes.
    """

    def __init__(self, nets: Mapping[str, DBN], shape: tuple[int, int], classes: tuple[str, ...]) -> None:
        self.nets, self.shape, self.classes = dict(nets), shape, classes

    def say(self, name: str, x: Tensor) -> np.ndarray:
        """Probabilities (N, classes) of one net for pictures (N, V)."""
        with torch.inference_mode():
            return self.nets[name](x).softmax(1).numpy()

    def predict_file(self, file: Any) -> dict[str, float]:
        """Refuses: pictures are drawn on the page.

        Raises:
            UserError: always.
        """
        raise UserError(f"{file} cannot be asked about: pictures are drawn on the page Energy lab.")


class Layers(Task[Settings]):
    """Does it help to look before one is taught?"""

    title = "Does it help to look at digits before anybody names them?"
    metric = "test_accuracy"
    data_sets: ClassVar[Collection[str]] = ("digits",)
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "more": Settings(labels=200)}

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build both nets; see `Task.prepare`."""
        found = pictures.load(data, settings.split_seed)
        known = known_rows(found, settings)
        train = found.train.to(device)
        test, labels, mean = found.test.to(device), found.test_labels.to(device), train.mean(0)
        nets: dict[str, DBN] = {}
        learners = {}
        for name in NETS:
            torch.manual_seed(seed)
            net = DBN(train.shape[1], settings.hidden, len(found.classes))
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
        before = settings.pretraining * len(settings.hidden)
        all_pictures = ShuffledBatches(train, batch_size=settings.batch_size, seed=seed)
        few = ShuffledBatches(
            train[known], found.train_labels[known].to(device), batch_size=settings.batch_size, seed=seed
        )
        return Training(
            learner=PretrainThenTune(
                GreedyPretraining(stack, optimizers, steps_per_layer=max(1, settings.pretraining)),
                learners,
                before=before,
            ),
            # Grey is a chance of ink, as for a single machine.
            batches=lambda step: (
                (torch.bernoulli(all_pictures(step)[0]),) if step < before else few(step - before)
            ),
            total=before + settings.tuning,
            evaluate=lambda: {
                **{
                    f"test_accuracy_{name}": right(net, test, labels).double().mean().item()
                    for name, net in nets.items()
                },
                **rebuilding(stack, test, mean),
            },
            test=lambda: final_figures(nets, test, labels) | rebuilding(stack, test, mean),
            threads=1 if device.type == "cpu" else None,
            notes=found.notes,
            meta={"hidden": settings.hidden, "before": before, **pictures.meta(found)},
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """The nearest of the few pictures with labels."""
        found = pictures.load(data, settings.split_seed)
        known = known_rows(found, settings)
        said = nearest_labels(found.train[known], found.train_labels[known], found.test)
        metrics = with_interval("test_accuracy", (said == found.test_labels).double())
        return Baseline(name="nearest neighbour", metrics=metrics)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Stack:
        """A `Stack` from a checkpoint."""
        rows, columns = meta["shape"]
        nets = {}
        for name in NETS:
            net = DBN(rows * columns, tuple(meta["hidden"]), len(meta["classes"]))
            net.load_state_dict(part_of(tensors, name))
            nets[name] = net.eval()
        return Stack(nets, (rows, columns), tuple(meta["classes"]))


def known_rows(found: pictures.Pictures, settings: Settings) -> Tensor:
    """Positions of the training pictures whose labels are known, as many of each class as possible.

    Raises:
        UserError: there are fewer pictures, or not one label for each class.
    """
    if not len(found.classes) <= settings.labels <= len(found.train):
        raise UserError(
            f"labels must be from {len(found.classes)}, one for each class, to {len(found.train)}, "
            f"not {settings.labels}."
        )
    generator = torch.Generator().manual_seed(settings.split_seed)
    order = torch.randperm(len(found.train), generator=generator)
    labels = found.train_labels[order]
    # How often the label has come before: sorted by that, the classes take turns.
    before = torch.stack([(labels[:i] == label).sum() for i, label in enumerate(labels)])
    return order[before.argsort(stable=True)[: settings.labels]]


def right(net: DBN, test: Tensor, labels: Tensor) -> Tensor:
    """Whether each picture is read right."""
    with torch.inference_mode():
        return net(test).argmax(1) == labels


def final_figures(nets: Mapping[str, DBN], test: Tensor, labels: Tensor) -> dict[str, float]:
    """Accuracy of both with 95 % intervals over pictures; `test_accuracy` is the pretrained one's."""
    found: dict[str, float] = {}
    for name, net in nets.items():
        found |= with_interval(f"test_accuracy_{name}", right(net, test, labels).double())
    ends = ("", "_low", "_high")
    return found | {f"test_accuracy{end}": found[f"test_accuracy_pretrained{end}"] for end in ends}


def rebuilt(stack: DBN, x: Tensor, depth: int) -> Tensor:
    """What is left of pictures (N, V) that go up through `depth` layers and down again, by means."""
    layers = stack.rbms[:depth]
    with torch.inference_mode():
        for layer in layers:
            x = layer.hidden_mean(x)
        for layer in reversed(layers):
            x = layer.visible_mean(x)
    return x


def rebuilding(stack: DBN, test: Tensor, mean: Tensor) -> dict[str, float]:
    """How well pictures are rebuilt through each number of layers: 1 is right, 0 the mean picture."""
    nothing = torch.zeros(test.shape[1], dtype=torch.bool, device=test.device)
    return {
        f"test_rebuilt_{depth}": explained(test, rebuilt(stack, test, depth), mean, nothing).mean().item()
        for depth in range(1, len(stack.rbms) + 1)
    }


TASK = Layers()
