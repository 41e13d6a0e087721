"""Examples to learn from and unseen ones, split once and for all, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True)
class Examples(Generic[X, Y]):
    """Inputs with their targets.

    Attributes:
        inputs: of the type `X`, N of them: a tensor or array (N, ...), or a list.
        targets: likewise of the type `Y`; None where there is nothing to say about an input but itself.
    """

    inputs: Any
    targets: Any = None

    def __len__(self) -> int:
        return len(self.inputs)

    def some(self, most: int) -> Examples[X, Y]:
        """At most so many, evenly spread over all."""
        return self if len(self) <= most else self.part(slice(None, None, -(-len(self) // most)))

    def part(self, rows: slice) -> Examples[X, Y]:
        """The examples of a slice."""
        targets = None if self.targets is None else self.targets[rows]
        return replace(self, inputs=self.inputs[rows], targets=targets)

    def with_inputs(self, inputs: Any) -> Examples[X, Y]:
        """The same examples with other inputs, such as spoilt ones."""
        return replace(self, inputs=inputs)


@dataclass(frozen=True)
class About:
    """Where examples come from.

    Attributes:
        name: what the set is called on a page: `handwritten digits`.
        things: what one example is called, in the plural: `digits`.
        licence: and citation; empty for own data.
        synthetic: whether the examples are made, not measured; said next to every figure of them.
        notes: what was left out or changed while reading, one sentence each.
    """

    name: str
    things: str = "examples"
    licence: str = ""
    synthetic: bool = False
    notes: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Split(Generic[X, Y]):
    """What is learned from, and what is tested on.

    Attributes:
        train: to learn from; of endless synthetic data a sample.
        test: unseen: never learned from, and nothing is chosen by them.
        about: where they come from.
    """

    train: Examples[X, Y]
    test: Examples[X, Y]
    about: About
