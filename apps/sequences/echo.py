"""Say at every step the bit that came a while before.

The bits are synthetic and endless; those held out are other draws.
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

    length: int = 30
    delay: int = setting(10, "steps between a bit and its echo", low=1, high=learning.LONGEST)

    def check_together(self) -> None:
        """Refuse a delay that leaves nothing to answer."""
        super().check_together()
        if self.delay >= self.length:
            raise UserError(f"delay must be from 1 to {self.length - 1}, below the length, not {self.delay}.")


class Echo(SequenceTask[Settings]):
    """The echo problem."""

    title = "Can a network say what it heard ten steps ago?"
    answers: ClassVar[Answers] = Answers(kind="bit")
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.02, "attention": 0.003}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "long": Settings(length=60, delay=30)}

    def draw(
        self,
        settings: Settings,
        data: str | None,
        count: int,
        generator: torch.Generator,
        *,
        held_out: bool,
    ) -> Drawn:
        """New sequences; see `sandbox.data.sequences.echo`."""
        refuse_data("echo", data)
        return Drawn(*sequences.echo(count, settings.length, generator, delay=settings.delay))


TASK = Echo()
