"""A few numbers that stand for an input: a code, or a place on a map."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.tasks.outputs.numbers import Numbers


@dataclass(frozen=True)
class Codes(Numbers):
    """An answer is an array (K,), a place in the space of codes.

    Attributes:
        names: of the axes: `code 1`, `code 2`; or `row`, `column`.
    """

    kind: ClassVar[str] = "codes"


def numbered(count: int, name: str = "code") -> Codes:
    """Codes of so many numbers, counted from 1.

    Args:
        count: numbers in a code, K.
        name: of each.
    """
    return Codes([f"{name} {i + 1}" for i in range(count)])
