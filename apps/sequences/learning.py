"""What the tasks of this folder share: settings, networks side by side, figures, the constant baseline."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

import torch
from torch import Tensor

from apps.sequences.answers import Answers, constant
from apps.sequences.networks import BLOCKS, SequenceNetwork, SideBySide, part_of
from sandbox.errors import UserError
from sandbox.options import Optional
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

HELD_OUT, LIVE = 1_000, 300
"""Held-out sequences for the final figures, and those of them that are looked at for the curve."""
HELD_OUT_SEED = 2**40
"""Of the held-out sequences: no training draws with it."""
LONGEST = 1_000
HEADS = 4


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    block: Literal["rnn", "lstm", "attention", "all"] = setting(
        "lstm", "what reads the sequence; `all` trains the three side by side on the same batches"
    )
    length: int = setting(40, "time steps of a sequence", low=2, high=LONGEST)
    hidden: int = setting(32, "numbers in the state, or in attention's features", low=1, high=WIDEST)
    depth: int = setting(1, "stacked layers", low=1, high=DEEPEST)
    steps: int = setting(1500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "sequences in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: Optional[float] = setting(
        None,
        "largest step size of Adam; by default what suits the block best; it falls along a cosine",
        above=0,
        high=10,
    )
    clip: float = setting(
        1.0, "largest norm of the gradient, against explosions through time", above=0, high=1e6
    )

    def check_together(self) -> None:
        """Refuse a width that attention's heads cannot share.

        Raises:
            UserError: says of what it must be a multiple.
        """
        if self.block in ("attention", "all") and self.hidden % HEADS:
            raise UserError(
                f"hidden must be a multiple of {HEADS} for attention's four heads, not {self.hidden}."
            )


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Drawn:
    """Sequences with their answers."""

    inputs: Tensor
    """(N, T, D)."""
    targets: Tensor
    """(N, A, 1) numbers or bits, (N, A) symbols."""


class Networks:
    """The trained networks of a run.

    Attributes:
        by_name: networks by block.
        answers: how their outputs are read.
    """

    def __init__(self, by_name: Mapping[str, SequenceNetwork], answers: Answers) -> None:
        self.by_name = dict(by_name)
        self.answers = answers

    def say(self, name: str, inputs: Tensor) -> Tensor:
        """Outputs (N, A, O) of one network for inputs (N, T, D)."""
        with torch.inference_mode():
            return self.by_name[name](inputs)

    def predict_file(self, file: Any) -> dict[str, float]:
        """Refuses: sequences are typed in on the page.

        Raises:
            UserError: always.
        """
        raise UserError(f"{file} cannot be asked about: sequences are given on the page Sequence lab.")


class SequenceTask(Task[S]):
    """A task whose answers stand in the last time steps of a sequence."""

    metric = "test_accuracy"
    answers: ClassVar[Answers]
    rates: ClassVar[Mapping[str, float]]
    """The learning rate that suits each block best, found by a search."""

    @abstractmethod
    def draw(
        self,
        settings: S,
        data: str | None,
        count: int,
        generator: torch.Generator,
        *,
        held_out: bool,
    ) -> Drawn:
        """Sequences to learn from, or some that are held out."""

    def held_out(self, settings: S, data: str | None, count: int = HELD_OUT) -> Drawn:
        """The sequences that nobody learns from."""
        generator = torch.Generator().manual_seed(HELD_OUT_SEED)
        return self.draw(settings, data, count, generator, held_out=True)

    def prepare(self, settings: S, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Draw the held-out sequences and build the networks; see `Task.prepare`."""
        test = self.held_out(settings, data)
        shape = shape_of(test)
        names = BLOCKS if settings.block == "all" else (settings.block,)
        networks: dict[str, SequenceNetwork] = {}
        learners = {}
        for name in names:
            # Each block begins with the weights that it would have alone.
            torch.manual_seed(seed)
            network = SequenceNetwork(
                name, **shape, hidden=settings.hidden, length=settings.length, depth=settings.depth
            ).to(device)
            rate = self.rates[name] if settings.learning_rate is None else settings.learning_rate
            optimizer = torch.optim.Adam(network.parameters(), lr=rate)
            schedule = warmup_cosine(settings.steps)
            networks[name] = network
            learners[name] = Supervised(
                network, optimizer, self.answers.loss, schedule=schedule, clip=settings.clip
            )
        inputs, targets = test.inputs.to(device), test.targets.to(device)

        def batches(step: int) -> tuple[Tensor, Tensor]:
            generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
            drawn = self.draw(settings, data, settings.batch_size, generator, held_out=False)
            return drawn.inputs.to(device), drawn.targets.to(device)

        return Training(
            learner=SideBySide(learners),
            batches=batches,
            total=settings.steps,
            evaluate=lambda: live_figures(self.answers, networks, inputs[:LIVE], targets[:LIVE]),
            test=lambda: final_figures(self.answers, networks, inputs, targets),
            threads=1 if device.type == "cpu" else None,
            meta={
                "blocks": names,
                "shape": shape,
                "hidden": settings.hidden,
                "length": settings.length,
                "depth": settings.depth,
                "answers": self.answers.to_json(),
            },
        )

    def baseline(self, settings: S, data: str | None = None) -> Baseline:
        """Who always says the same thing, whatever the sequence was."""
        targets = self.held_out(settings, data).targets
        outputs = constant(self.answers, targets)
        return Baseline(name="always the same", metrics=judged(self.answers, outputs, targets, ""))

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Networks:
        """`Networks` from a checkpoint."""
        found = {}
        for name in meta["blocks"]:
            network = SequenceNetwork(
                name, **meta["shape"], hidden=meta["hidden"], length=meta["length"], depth=meta["depth"]
            )
            network.load_state_dict(part_of(tensors, name))
            found[name] = network.eval()
        return Networks(found, Answers(**meta["answers"]))


def shape_of(drawn: Drawn) -> dict[str, int]:
    """The arguments of a `SequenceNetwork` that the sequences decide."""
    symbols = drawn.targets.dtype == torch.int64
    return {
        "in_dim": drawn.inputs.shape[2],
        "out_dim": int(drawn.targets.max()) + 1 if symbols else 1,
        "answers": drawn.targets.shape[1],
    }


def live_figures(
    answers: Answers, networks: Mapping[str, SequenceNetwork], inputs: Tensor, targets: Tensor
) -> dict[str, float]:
    """`test_loss_<block>` and `test_accuracy_<block>` of each network."""
    figures = {}
    for name, network in networks.items():
        with torch.inference_mode():
            outputs = network(inputs)
        figures[f"test_loss_{name}"] = answers.losses(outputs, targets).mean().item()
        figures[f"test_accuracy_{name}"] = answers.right(outputs, targets).double().mean().item()
    return figures


def final_figures(
    answers: Answers, networks: Mapping[str, SequenceNetwork], inputs: Tensor, targets: Tensor
) -> dict[str, float]:
    """The same with 95 % intervals over sequences; `test_accuracy` and `test_loss` are means over blocks."""
    figures: dict[str, float] = {}
    for name, network in networks.items():
        with torch.inference_mode():
            figures |= judged(answers, network(inputs), targets, f"_{name}")
    for figure in ("test_accuracy", "test_loss"):
        for end in ("", "_low", "_high"):
            values = [figures[f"{figure}_{name}{end}"] for name in networks]
            figures[figure + end] = sum(values) / len(values)
    return figures


def judged(answers: Answers, outputs: Tensor, targets: Tensor, suffix: str) -> dict[str, float]:
    """Loss and accuracy of outputs, each with its 95 % interval over the sequences."""
    figures = {}
    rows = {
        "test_accuracy": answers.right(outputs, targets).double().mean(1),
        "test_loss": answers.losses(outputs, targets).double().mean(1),
    }
    for name, values in rows.items():
        interval = bootstrap_interval(values.cpu().numpy())
        figures |= {
            f"{name}{suffix}": interval.mean,
            f"{name}{suffix}_low": interval.low,
            f"{name}{suffix}_high": interval.high,
        }
    return figures
