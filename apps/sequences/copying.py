"""Read symbols, wait, and say them again in order. Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016.

The sequences are synthetic. Those held out are sequences of symbols that no training can draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch

from apps.sequences import learning
from apps.sequences.adding import refuse_data
from apps.sequences.answers import Answers
from apps.sequences.learning import Drawn, SequenceTask
from sandbox.data import sequences
from sandbox.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Settings(learning.Settings):
    """What can be chosen about a training."""

    length: int = 20
    """time steps of a sequence: the symbols, the wait, and the symbols again"""
    symbols: int = 5
    """symbols to remember, of eight different ones"""


class Copying(SequenceTask[Settings]):
    """The copying problem."""

    title = "Can a network repeat what it read a while ago?"
    answers: ClassVar[Answers] = Answers(kind="symbol")
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.02, "attention": 0.003}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "long": Settings(length=40)}

    def draw(
        self,
        settings: Settings,
        data: str | None,
        count: int,
        generator: torch.Generator,
        *,
        held_out: bool,
    ) -> Drawn:
        """New sequences; see `sandbox.data.sequences.copying`."""
        refuse_data("copying", data)
        found = sequences.copying(
            count, settings.length, generator, symbols=settings.symbols, held_out=held_out
        )
        return Drawn(*found)

    def check(self, settings: Settings) -> None:
        """Refuse fewer than two symbols, and sequences that are too short for them."""
        if settings.symbols < 2:
            raise UserError(f"symbols must be at least 2, not {settings.symbols}.")
        if settings.length < 2 * settings.symbols:
            raise UserError(
                f"length must be at least {2 * settings.symbols}, to read and to repeat "
                f"{settings.symbols} symbols, not {settings.length}."
            )


TASK = Copying()
