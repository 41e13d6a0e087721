"""Remember two marked numbers and answer with their sum. Hochreiter & Schmidhuber 1997.

The sequences are synthetic and endless; the unseen ones are other draws.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.data import sequences
from sandbox.metrics.answers import SQUARED_ERROR
from sandbox.tasks.families.sequence_answering import GeneratedSequences, SequenceSettings
from sandbox.tasks.inputs.sequence import Channel, SequenceInput
from sandbox.tasks.outputs.answers import Answers


class Adding(GeneratedSequences[SequenceSettings]):
    """The adding problem."""

    title = "Can a network remember two numbers and add them?"
    method = "add two of many"
    curve = SQUARED_ERROR
    answers: ClassVar[Answers] = Answers(what="number", title="the sum")
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.01, "lstm": 0.02, "attention": 0.003}
    code = (*GeneratedSequences.code, sequences.adding)
    presets: ClassVar[Mapping[str, SequenceSettings]] = {
        "fast": SequenceSettings(),
        "long": SequenceSettings(length=100),
    }

    def make(
        self, settings: SequenceSettings, count: int, generator: torch.Generator, *, unseen: bool
    ) -> tuple[Tensor, Tensor]:
        """See `sandbox.data.sequences.adding`."""
        return sequences.adding(count, settings.length, generator)

    def truth(self, settings: SequenceSettings, inputs: Tensor) -> Tensor:
        """The sums of what is marked."""
        return (inputs[..., 0] * inputs[..., 1]).sum(1)[:, None, None]

    def input(self, meta: Mapping[str, Any]) -> SequenceInput:
        """Numbers, and which of them are marked."""
        return SequenceInput(
            length=meta["length"],
            channels=(
                Channel(name="number", what="number", bounded=True),
                Channel(name="marked", what="mark"),
            ),
            prompt="Two numbers are marked. The answer is their sum.",
            example="0.2 0.7* 0.1 …, a star marks",
            endless=True,
        )


TASK = Adding()
