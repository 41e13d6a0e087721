"""Answer at every step with the bit that came a while before.

The bits are synthetic and endless; the unseen ones are other draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.data import sequences
from sandbox.errors import UserError
from sandbox.settings import setting
from sandbox.tasks.families.sequence_answering import LONGEST, GeneratedSequences, SequenceSettings
from sandbox.tasks.inputs.sequence import Channel, SequenceInput
from sandbox.tasks.outputs.answers import Answers


@dataclass(frozen=True, kw_only=True)
class Settings(SequenceSettings):
    """What can be chosen about a training."""

    length: int = 30
    delay: int = setting(10, "steps between a bit and its echo", low=1, high=LONGEST)

    def check_together(self) -> None:
        """Refuse a delay that leaves nothing to answer."""
        super().check_together()
        if self.delay >= self.length:
            raise UserError(f"delay must be from 1 to {self.length - 1}, below the length, not {self.delay}.")


class Echo(GeneratedSequences[Settings]):
    """The echo problem."""

    title = "Can a network repeat each bit ten steps later?"
    method = "echo bits"
    answers: ClassVar[Answers] = Answers(what="bit", grows=True)
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.02, "attention": 0.003}
    code = (*GeneratedSequences.code, sequences.echo)
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "long": Settings(length=60, delay=30)}

    def make(
        self, settings: Settings, count: int, generator: torch.Generator, *, unseen: bool
    ) -> tuple[Tensor, Tensor]:
        """See `sandbox.data.sequences.echo`."""
        return sequences.echo(count, settings.length, generator, delay=settings.delay)

    def truth(self, settings: Settings, inputs: Tensor) -> Tensor:
        """The bits that came `delay` steps before."""
        return inputs[:, : inputs.shape[1] - settings.delay]

    def input(self, meta: Mapping[str, Any]) -> SequenceInput:
        """Bits."""
        delay = meta["length"] - meta["shape"]["answers"]
        return SequenceInput(
            length=meta["length"],
            channels=(Channel(name="reads", what="bit"),),
            prompt=f"The answer at each step is the bit of {delay} steps before.",
            example="0 and 1",
            endless=True,
        )


TASK = Echo()
