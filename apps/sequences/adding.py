"""Remember two marked numbers and say their sum at the end. Hochreiter & Schmidhuber 1997.

The sequences are synthetic and endless; those held out are other draws.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch

from apps.sequences.answers import Answers
from apps.sequences.learning import Drawn, SequenceTask, Settings
from sandbox.data import sequences
from sandbox.errors import UserError


class Adding(SequenceTask[Settings]):
    """The adding problem."""

    title = "Can a network remember two numbers and add them?"
    answers: ClassVar[Answers] = Answers(kind="number")
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.01, "lstm": 0.02, "attention": 0.003}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(), "long": Settings(length=100)}

    def draw(
        self,
        settings: Settings,
        data: str | None,
        count: int,
        generator: torch.Generator,
        *,
        held_out: bool,
    ) -> Drawn:
        """New sequences; see `sandbox.data.sequences.adding`."""
        refuse_data("adding", data)
        return Drawn(*sequences.adding(count, settings.length, generator))


def refuse_data(name: str, data: str | None) -> None:
    """Say that a task makes its own sequences.

    Raises:
        UserError: there is data of the user's own; names the task that takes it.
    """
    if data is not None:
        raise UserError(f"sequences/{name} makes its own sequences; sequences/forecast takes a file.")


TASK = Adding()
