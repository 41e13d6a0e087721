"""Learn how pictures look, without labels, and complete half of one. Smolensky 1986; Hinton 2002.

The machine learns from two thirds of scikit-learn's 1,797 digits; the other third is unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.blocks.rbm import RBM
from sandbox.data.batches import ShuffledBatches
from sandbox.metrics.scores import PerExample, Scores
from sandbox.settings import MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.completer import Completer
from sandbox.tasks.families.grey_pictures import GreyPictures, PictureSettings, input_of, mean_of
from sandbox.tasks.families.image_classification import ImageSplit
from sandbox.tasks.families.image_completion import ImageCompletion
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples, Split
from sandbox.tasks.task import Training
from sandbox.training.contrastive_divergence import ContrastiveDivergence
from sandbox.training.pretraining import Cooled

STEPS, BURN = 60, 20
"""Gibbs steps of a completion, and those of them that are left out of the mean."""
CHAINS = 4
"""For each picture; their mean is the answer."""


@dataclass(frozen=True, kw_only=True)
class Settings(PictureSettings):
    """What can be chosen about a training."""

    hidden: int = setting(128, "hidden units", low=1, high=WIDEST)
    steps: int = setting(6000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pictures in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.2, "step size of the first half of the steps; it then falls along a line", low=0, high=10
    )
    gibbs: int = setting(1, "draws of each layer for an update, k", low=1, high=10_000)
    chains: int = setting(
        128,
        "persistent chains (PCD); 0 starts a fresh chain at each picture (CD-k)",
        low=0,
        high=MOST_EXAMPLES,
    )
    weight_decay: float = setting(1e-4, "pull of the weights towards zero", low=0, high=10)


class Machine(Completer):
    """A restricted Boltzmann machine that completes pictures by its Gibbs chains.

    Args:
        model: the machine.
        input: how a picture is read.
        mean: the mean training picture; None where nobody knows it.
    """

    def __init__(self, model: RBM, input: Image, mean: Tensor | None) -> None:
        super().__init__(input, mean)
        self.model = model

    def complete(self, pictures: Tensor, keep: Tensor) -> Tensor:
        """The mean of what several chains show once they have settled; see `Completer.complete`."""
        device = self.model.weight.device
        pictures, keep = pictures.to(device), keep.to(device)
        chains = [self.model.chain(pictures, keep, STEPS, seed=seed, alike=True) for seed in range(CHAINS)]
        return torch.stack([chain[BURN:].mean(0) for chain in chains]).mean(0).cpu()


class Energies(GreyPictures[Settings], ImageCompletion[Settings]):
    """How likely is a picture?"""

    title = "Can a machine complete the half that is missing?"
    method = "one layer (RBM)"
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 200}
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "cd": Settings(chains=0),
        "cd5": Settings(chains=0, gibbs=5),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "PCD", "cd": "CD-1", "cd5": "CD-5"}

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the machine and what teaches it."""
        assert isinstance(split, ImageSplit)
        train = split.train.inputs.flatten(1)
        machine = RBM(train.shape[1], settings.hidden)
        machine.initialise(train)
        machine.to(device)
        optimizer = torch.optim.SGD(
            machine.parameters(), lr=settings.learning_rate, momentum=0.5, weight_decay=settings.weight_decay
        )
        learner = ContrastiveDivergence(machine, optimizer, steps=settings.gibbs, chains=settings.chains)
        batches = ShuffledBatches(train.to(device), batch_size=settings.batch_size, seed=seed)
        meta = {"hidden": settings.hidden, **self.meta(split)}
        return Training(
            learner=Cooled(learner, lambda step: min(1.0, max(0.02, 2 * (1 - step / settings.steps)))),
            predictor=Machine(machine, input_of(meta), train.mean(0)),
            # Grey is a chance of ink: the machine's units are on or off, and so is what it learns from.
            batches=lambda step: (torch.bernoulli(batches(step)[0]),),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Machine:
        """The machine of a checkpoint."""
        rows, columns = meta["shape"][-2:]
        machine = RBM(rows * columns, meta["hidden"])
        machine.load_state_dict(dict(tensors))
        return Machine(machine.eval(), input_of(meta), mean_of(meta))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """`completion`; of a machine also the `pseudo_likelihood` of pictures in black and white, in nats."""
        found = dict(super().measure(predictor, examples))
        if isinstance(predictor, Machine):
            machine = predictor.model
            pixels = (torch.as_tensor(examples.inputs).flatten(1) > 0.5).float().to(machine.weight.device)
            likelihood = machine.pseudo_log_likelihood(pixels)
            found["pseudo_likelihood"] = PerExample(likelihood.double().cpu().numpy())
        return found


TASK = Energies()
