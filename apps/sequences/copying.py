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
from sandbox.settings import setting


@dataclass(frozen=True, kw_only=True)
class Settings(learning.Settings):
    """What can be chosen about a training."""

    length: int = setting(
        20,
        "time steps of a sequence: the symbols, the wait, and the symbols again",
        low=2,
        high=learning.LONGEST,
    )
    symbols: int = setting(
        5, "symbols to remember, of eight different ones", low=2, high=learning.LONGEST // 2
    )

    def check_together(self) -> None:
        """Refuse sequences that are too short for their symbols."""
        super().check_together()
        if self.length < 2 * self.symbols:
            raise UserError(
                f"length must be at least {2 * self.symbols}, to read and to repeat "
                f"{self.symbols} symbols, not {self.length}."
            )


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


TASK = Copying()
