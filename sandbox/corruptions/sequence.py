"""Ways to spoil sequences: noise, longer ones, larger numbers."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.inputs.sequence import SequenceInput
from sandbox.tasks.split import Examples


def corruptions(input: SequenceInput) -> Mapping[str, Corruption]:
    """What such sequences can be spoilt by: marks stay, and only a rule makes longer ones."""
    widths = [channel.width for channel in input.channels]
    kept = [
        channel.what != "mark"
        for channel, width in zip(input.channels, widths, strict=True)
        for _ in range(width)
    ]
    columns = torch.tensor(kept).float()
    found = {
        "noise": Corruption(
            "Noise",
            partial(noise, columns),
            "standard deviation",
            0.5,
            "Every step adds its noise, also those that do not matter. A network that has learned to ignore "
            "them loses little.",
        )
    }
    if not input.endless:
        return found
    found["longer"] = Corruption(
        "Longer sequences",
        lambda inputs, amount, seed: inputs,
        "extra length, in times the learned one",
        3.0,
        "A recurrent network has the same weights at every step and may go on. Attention has learned a "
        "vector for each place and has none for later ones, so its line ends where the training did.",
        examples=longer,
    )
    if input.channels[0].what == "number":
        found["stretch"] = Corruption(
            "Larger numbers",
            partial(stretch, columns),
            "how much larger, in times",
            3.0,
            "The network has learned numbers from 0 to 1 only. It goes on adding for a while, until its "
            "units saturate.",
            examples=partial(stretched, columns),
        )
    return found


def noise(columns: Tensor, inputs: Tensor, amount: float, seed: int) -> Tensor:
    """Add normal noise of standard deviation `amount` to some columns (D,) of inputs (N, T, D)."""
    which = columns.bool()
    spoilt = inputs.clone()
    drawn = torch.randn(spoilt[..., which].shape, generator=torch.Generator().manual_seed(seed))
    spoilt[..., which] += amount * drawn
    return spoilt


def longer(
    task: Any, settings: Any, examples: Examples[Tensor, Any], amount: float, seed: int
) -> Examples[Tensor, Any]:
    """Unseen sequences of `1 + amount` times the length; those that are given for an amount of 0."""
    length = round(settings.length * (1 + amount))
    if length == settings.length:
        return examples
    return task.load(replace(settings, length=length), None).test.part(slice(len(examples)))


def stretch(columns: Tensor, inputs: Tensor, amount: float, seed: int) -> Tensor:
    """Make some columns (D,) of inputs (N, T, D) `1 + amount` times as large."""
    return inputs * (1 + amount * columns)


def stretched(
    columns: Tensor, task: Any, settings: Any, examples: Examples[Tensor, Any], amount: float, seed: int
) -> Examples[Tensor, Any]:
    """The same with the right answers for the larger numbers."""
    inputs = stretch(columns, examples.inputs, amount, seed)
    return Examples(inputs, task.truth(settings, inputs))
