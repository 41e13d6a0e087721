"""Learn how digits look, without labels, and complete half of one. Smolensky 1986; Hinton 2002.

The machine learns from two thirds of scikit-learn's 1,797 digits; the other third is held out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from apps.energy import pictures
from apps.energy.completion import by_machine, by_neighbours, explained, given
from apps.energy.learners import Cooled
from sandbox.blocks.rbm import RBM
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.training.contrastive_divergence import ContrastiveDivergence

LIVE = 120
"""Held-out pictures that are completed for the curve; the final figures use all of them, up to `MOST`."""
MOST = 2_000
DREAMS = 4
"""Chains for each picture of the final figures; their mean is the answer."""


@dataclass(frozen=True, kw_only=True)
class Settings:
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
    split_seed: int = setting(0, "decides which third of the pictures is held out", low=0, high=LARGEST_SEED)


class Machine:
    """A trained machine with what it needs to read a drawing.

    Attributes:
        rbm: the machine.
        shape: rows and columns of its pictures.
    """

    def __init__(self, rbm: RBM, shape: tuple[int, int]) -> None:
        self.rbm, self.shape = rbm, shape

    def predict_file(self, file: Any) -> dict[str, float]:
        """Refuses: a machine without labels names nothing.

        Raises:
            UserError: always.
        """
        raise UserError(
            f"{file} cannot be named: the machine learned no labels; its page completes pictures."
        )


class Energies(Task[Settings]):
    """How likely is a picture?"""

    title = "Can a machine dream up the half that is missing?"
    metric = "test_completion"
    data_sets: ClassVar[Collection[str]] = ("digits",)
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "cd": Settings(chains=0),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the pictures and build the machine; see `Task.prepare`."""
        found = pictures.load(data, settings.split_seed)
        machine = RBM(found.train.shape[1], settings.hidden)
        machine.initialise(found.train)
        machine.to(device)
        optimizer = torch.optim.SGD(
            machine.parameters(), lr=settings.learning_rate, momentum=0.5, weight_decay=settings.weight_decay
        )
        learner = ContrastiveDivergence(machine, optimizer, steps=settings.gibbs, chains=settings.chains)
        train, test = found.train.to(device), found.test[:MOST].to(device)
        mean, some = train.mean(0), test[:: -(-len(test) // LIVE)]
        batches = ShuffledBatches(train, batch_size=settings.batch_size, seed=seed)
        return Training(
            learner=Cooled(learner, lambda step: min(1.0, max(0.02, 2 * (1 - step / settings.steps)))),
            # Grey is a chance of ink: the machine's units are on or off, and so is what it learns from.
            batches=lambda step: (torch.bernoulli(batches(step)[0]),),
            total=settings.steps,
            evaluate=lambda: figures(machine, some, mean, found.shape),
            test=lambda: final_figures(machine, test, mean, found.shape),
            threads=1 if device.type == "cpu" else None,
            notes=found.notes,
            meta={"hidden": settings.hidden, **pictures.meta(found)},
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """The mean of the five training pictures whose given half is most similar."""
        found = pictures.load(data, settings.split_seed)
        test, keep = found.test[:MOST], given(found.shape, "lower")
        guess = by_neighbours(found.train, test, keep)
        values = explained(test, guess, found.train.mean(0), keep)
        return Baseline(name="5 nearest neighbours", metrics=with_interval("test_completion", values))

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Machine:
        """A `Machine` from a checkpoint."""
        rows, columns = meta["shape"]
        machine = RBM(rows * columns, meta["hidden"])
        machine.load_state_dict(dict(tensors))
        return Machine(machine.eval(), (rows, columns))


def figures(machine: RBM, test: Tensor, mean: Tensor, shape: tuple[int, int]) -> dict[str, float]:
    """How well lower halves are completed, and the pseudo-likelihood of the pictures in black and white."""
    completion, likelihood = outcome(machine, test, mean, shape)
    return {
        "test_completion": completion.mean().item(),
        "test_pseudo_likelihood": likelihood.mean().item(),
    }


def final_figures(machine: RBM, test: Tensor, mean: Tensor, shape: tuple[int, int]) -> dict[str, float]:
    """The same with 95 % intervals over the pictures."""
    completion, likelihood = outcome(machine, test, mean, shape)
    return {
        **with_interval("test_completion", completion),
        **with_interval("test_pseudo_likelihood", likelihood),
    }


def outcome(machine: RBM, test: Tensor, mean: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """For each picture how well several chains complete its lower half, and its pseudo-likelihood."""
    keep = given(shape, "lower").to(test.device)
    guess = torch.stack([by_machine(machine, test, keep, seed=seed) for seed in range(DREAMS)]).mean(0)
    return explained(test, guess, mean, keep), machine.pseudo_log_likelihood((test > 0.5).float())


def with_interval(name: str, values: Tensor) -> dict[str, float]:
    """Mean of values with its 95 % interval, as metrics."""
    interval = bootstrap_interval(values.double().cpu().numpy())
    return interval.metrics(name)


TASK = Energies()
