"""Read symbols, wait, and repeat them in order. Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016.

The sequences are synthetic. The unseen ones are sequences of symbols that no training can draw.
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

LETTERS, OTHERS = "ABCDEFGH", "·?"
"""Eight symbols; nothing, and the question."""


@dataclass(frozen=True, kw_only=True)
class Settings(SequenceSettings):
    """What can be chosen about a training."""

    length: int = setting(
        20, "time steps of a sequence: the symbols, the wait, and the symbols again", low=2, high=LONGEST
    )
    symbols: int = setting(5, "symbols to remember, of eight different ones", low=2, high=LONGEST // 2)

    def check_together(self) -> None:
        """Refuse sequences that are too short for their symbols."""
        super().check_together()
        if self.length < 2 * self.symbols:
            raise UserError(
                f"length must be at least {2 * self.symbols}, to read and to repeat "
                f"{self.symbols} symbols, not {self.length}."
            )


class Copying(GeneratedSequences[Settings]):
    """The copying problem."""

    title = "Can a network repeat what it read a while ago?"
    method = "copy letters"
    answers: ClassVar[Answers] = Answers(what="symbol", symbols=LETTERS)
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.02, "attention": 0.003}
    code = (*GeneratedSequences.code, sequences.copying)
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "long": Settings(length=40)}

    def make(
        self, settings: Settings, count: int, generator: torch.Generator, *, unseen: bool
    ) -> tuple[Tensor, Tensor]:
        """See `sandbox.data.sequences.copying`."""
        return sequences.copying(count, settings.length, generator, symbols=settings.symbols, held_out=unseen)

    def truth(self, settings: Settings, inputs: Tensor) -> Tensor:
        """The symbols at the beginning."""
        return inputs[:, : settings.symbols].argmax(2)

    def input(self, meta: Mapping[str, Any]) -> SequenceInput:
        """The symbols; the wait and the question stand where they always do."""
        symbols, length = meta["shape"]["answers"], meta["length"]
        wait, ask = range(len(LETTERS), len(LETTERS + OTHERS))
        tail = (*[wait] * (length - 2 * symbols), ask, *[wait] * (symbols - 1))
        return SequenceInput(
            length=length,
            channels=(Channel(name="reads", what="symbol", symbols=LETTERS, others=OTHERS, tail=tail),),
            prompt="Letters, a wait, then a question mark. The answer is the letters again.",
            example="letters A to H",
            endless=True,
        )


TASK = Copying()
