"""Sequences that must be remembered: what is read is answered at the last time steps.

Several networks may learn side by side from the same batches (`block="all"`); each has figures of its own.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines.constant import ConstantGuess
from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import lstm_cell
from sandbox.blocks.rnn import rnn_cell
from sandbox.errors import UserError
from sandbox.metrics.answers import CROSS_ENTROPY, answer_scores, losses
from sandbox.metrics.classification import ACCURACY
from sandbox.metrics.scores import Metric, Scores
from sandbox.options import Optional
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.sequence_network import BLOCKS, HEADS, TITLES, SequenceNetwork
from sandbox.tasks.inputs.sequence import SequenceInput
from sandbox.tasks.outputs.answers import Answers
from sandbox.tasks.predictor import BATCH, Predictor, evaluating
from sandbox.tasks.source import OwnData, Source, named
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.side_by_side import SideBySide, part_of
from sandbox.training.supervised import Supervised

TESTED, SAMPLED = 1_000, 2_000
"""Unseen sequences, and how many of those to learn from `Split.train` shows where there is no end of them."""
TEST_SEED = 2**40
"""Of the unseen sequences: no training draws with it."""
LONGEST = 1_000
GENERATED = Source("generated", "generated sequences", "Made by a rule, without end.", synthetic=True)


@dataclass(frozen=True, kw_only=True)
class SequenceSettings:
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


class SequencePredictor:
    """One trained network, or several side by side.

    Attributes:
        networks: by name.
        model: all of them as one module.
        input: how a sequence is typed and encoded.
        output: what is answered, and by whom.
    """

    def __init__(
        self, networks: Mapping[str, SequenceNetwork], input: SequenceInput, output: Answers
    ) -> None:
        self.networks, self.model = dict(networks), nn.ModuleDict(networks)
        self.input, self.output = input, output

    @property
    def members(self) -> dict[str, Predictor[Tensor, Any]]:
        """Each network alone, by name."""
        alone = replace(self.output, names=())
        return {
            name: SequencePredictor({name: one}, self.input, alone) for name, one in self.networks.items()
        }

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Outputs (N, M, A, O) of M networks for sequences (N, T, D).

        Raises:
            UserError: attention has learned no vectors for so many places.
        """
        x = torch.as_tensor(np.asarray(inputs))
        length = x.shape[1]
        for network in self.networks.values():
            if network.block == "attention" and length > network.length:
                raise UserError(
                    f"Attention has learned {network.length} places and cannot read {length} steps."
                )
        return torch.stack([self._outputs(one, x) for one in self.networks.values()], 1).numpy()

    def _outputs(self, network: SequenceNetwork, x: Tensor) -> Tensor:
        device = network.head.weight.device
        answers = self.output.answered(x.shape[1])
        with evaluating(network):
            return torch.cat([network(part.to(device), answers).float().cpu() for part in x.split(BATCH)])


S = TypeVar("S", bound=SequenceSettings)


class SequenceAnswering(Task[S, Tensor, NDArray[np.float32]], Generic[S]):
    """A task whose answers stand in the last time steps of a sequence.

    Attributes:
        answers: what is answered; `output` fills in the rest.
        rates: the learning rate that suits each block best, found by a search.
    """

    metric: ClassVar[Metric] = ACCURACY
    curve: ClassVar[Metric | None] = CROSS_ENTROPY
    networks: ClassVar[Mapping[str, str]] = TITLES
    code: ClassVar[Sequence[Any]] = (rnn_cell, lstm_cell, attend, SequenceNetwork)
    live: ClassVar[int] = 250
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "length": 16, "hidden": 16}
    answers: ClassVar[Answers]
    rates: ClassVar[Mapping[str, float]]

    @abstractmethod
    def input(self, meta: Mapping[str, Any]) -> SequenceInput:
        """How a sequence is typed, for networks with such meta data."""

    def output(self, meta: Mapping[str, Any], names: Sequence[str] = ()) -> Answers:
        """What networks with such meta data answer."""
        shape = meta["shape"]
        return replace(self.answers, names=tuple(names), count=shape["answers"], length=meta["length"])

    def draw(
        self, settings: S, split: Split[Tensor, Any], count: int, generator: torch.Generator
    ) -> Examples[Tensor, Tensor]:
        """Sequences to learn from; by default some of `split.train`."""
        rows = torch.randint(0, len(split.train), (count,), generator=generator)
        return Examples(split.train.inputs[rows], split.train.targets[rows])

    def prepare(self, settings: S, split: Split[Tensor, Any], *, seed: int, device: torch.device) -> Training:
        """Build the networks, each with a learner of its own; see `Task.prepare`."""
        meta = self.meta(settings, split)
        networks: dict[str, SequenceNetwork] = {}
        learners = {}
        for name in meta["blocks"]:
            # Each block begins with the weights that it would have alone.
            torch.manual_seed(seed)
            network = networks[name] = _network(name, meta).to(device)
            rate = self.rates[name] if settings.learning_rate is None else settings.learning_rate
            learners[name] = Supervised(
                network,
                torch.optim.Adam(network.parameters(), lr=rate),
                lambda outputs, targets: losses(self.answers.what, outputs, targets).mean(),
                schedule=warmup_cosine(settings.steps),
                clip=settings.clip,
            )

        def batches(step: int) -> tuple[Tensor, Tensor]:
            generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
            drawn = self.draw(settings, split, settings.batch_size, generator)
            return drawn.inputs.to(device), drawn.targets.to(device)

        return Training(
            learner=SideBySide(learners),
            predictor=SequencePredictor(networks, self.input(meta), self.output(meta, meta["blocks"])),
            batches=batches,
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def meta(self, settings: S, split: Split[Tensor, Any]) -> dict[str, Any]:
        """What a checkpoint must say so that networks, input and output can be made again."""
        targets = split.test.targets
        shape = {
            "in_dim": split.test.inputs.shape[2],
            "out_dim": len(self.answers.symbols) or 1,
            "answers": targets.shape[1],
        }
        return {
            "blocks": BLOCKS if settings.block == "all" else (settings.block,),
            "shape": shape,
            "hidden": settings.hidden,
            "length": settings.length,
            "depth": settings.depth,
        }

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> SequencePredictor:
        """The networks of a checkpoint."""
        found = {}
        for name in meta["blocks"]:
            found[name] = _network(name, meta)
            found[name].load_state_dict(part_of(tensors, name))
            found[name].eval()
        return SequencePredictor(found, self.input(meta), self.output(meta, tuple(found)))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """Accuracy and loss of each network, and their means; see `answer_scores`."""
        outputs = torch.as_tensor(np.asarray(predictor.predict(examples.inputs)))
        output: Any = predictor.output
        targets = torch.as_tensor(examples.targets)
        return answer_scores(output.what, outputs, targets, names=output.names, tolerance=output.tolerance)

    def baselines(self, settings: S, split: Split[Tensor, Any]) -> Mapping[str, Predictor[Tensor, Any]]:
        """Answering the same to every sequence."""
        meta = self.meta(settings, split)
        return {"constant guess": ConstantGuess(split.train.targets, self.input(meta), self.output(meta))}


class GeneratedSequences(SequenceAnswering[S], Generic[S]):
    """A task whose sequences are made by a rule, without end."""

    sources: ClassVar[Sequence[Source | OwnData]] = (GENERATED,)

    @abstractmethod
    def make(
        self, settings: S, count: int, generator: torch.Generator, *, unseen: bool
    ) -> tuple[Tensor, Tensor]:
        """Inputs (N, T, D) and targets to learn from, or unseen ones, which no training can draw."""

    def load(self, settings: S, source: str | None) -> Split[Tensor, Tensor]:
        """Unseen sequences, and a sample of those to learn from.

        Raises:
            UserError: data of the user's own; there is nothing to do with it.
        """
        if named(self.sources, source) is None:
            raise UserError(
                f"This task makes its own sequences and takes no {source!r}; sequences/forecast takes a file."
            )
        test, train = (
            Examples(*self.make(settings, count, torch.Generator().manual_seed(seed), unseen=unseen))
            for count, seed, unseen in ((TESTED, TEST_SEED, True), (SAMPLED, TEST_SEED + 1, False))
        )
        return Split(train=train, test=test, about=About("generated sequences", "sequences", synthetic=True))

    def draw(
        self, settings: S, split: Split[Tensor, Any], count: int, generator: torch.Generator
    ) -> Examples[Tensor, Tensor]:
        """New sequences."""
        return Examples(*self.make(settings, count, generator, unseen=False))


def _network(name: str, meta: Mapping[str, Any]) -> SequenceNetwork:
    return SequenceNetwork(
        name, **meta["shape"], hidden=meta["hidden"], length=meta["length"], depth=meta["depth"]
    )
