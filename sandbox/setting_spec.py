"""What one setting may be, and the words for it: of which checks, help and widgets are made."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import did_you_mean

UNREACHED = 10**9
"""A bound from here on only guards against typing mistakes; the help leaves it out."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """What a setting may be, besides its type.

    Attributes:
        low: least value allowed.
        high: greatest value allowed.
        above: the value must be greater than this.
        below: the value must be less than this.
        choices: the values allowed, if they are few.
        count: fewest and most elements of a tuple or list.
    """

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] = ()
    count: tuple[int, int] | None = None

    def holds(self, value: float) -> bool:
        """Whether a number lies within the bounds; NaN lies nowhere."""
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def words(self, largest: float = math.inf) -> str:
        """What is allowed, as words behind `must be`: `from 1 to 8`, `one of 2, 3`; empty if all is.

        Args:
            largest: an upper bound from here on is left out.
        """
        high = None if self.high is None or self.high >= largest else self.high
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        if self.low is not None and high is not None:
            return f"from {_number(self.low)} to {_number(high)}"
        bounds = ("at least", self.low), ("above", self.above), ("at most", high), ("below", self.below)
        return " and ".join(f"{word} {_number(bound)}" for word, bound in bounds if bound is not None)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One setting, for whoever makes a widget of it or checks a value.

    Attributes:
        name: of the attribute.
        kind: int, float, bool, str, Path or dict; of the elements if there are several.
        many: tuple or list if it has several elements, else None.
        optional: whether it may be None.
        default: of the class; `dataclasses.MISSING` if it must be given.
        help: what it does; empty if nobody said.
        unit: of the value, for display.
        range: what is allowed.
    """

    name: str
    kind: type
    many: type | None = None
    optional: bool = False
    default: Any = dataclasses.MISSING
    help: str = ""
    unit: str = ""
    range: Range = Range()

    def allowed(self) -> str:
        """What is allowed, in words behind `must be`: `a whole number from 1 to 8`."""
        unit = f" {self.unit}" if self.unit else ""
        bounds = self.range.words()
        if self.many is not None:
            kinds = {int: "whole numbers", float: "numbers"}
            return " ".join(filter(None, [_several(self.range.count), kinds.get(self.kind, "words"), bounds]))
        if self.range.choices:
            return bounds
        kinds = {int: "a whole number", float: "a number", bool: "True or False", dict: "names with numbers"}
        return " ".join(filter(None, [kinds.get(self.kind, "text"), bounds])) + unit

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value, in words behind the setting's name; None if nothing is."""
        if value is None and self.optional:
            return None
        if self.many is None:
            return self._of_one(value)
        if not isinstance(value, list | tuple):
            return f"must be {self.allowed()}, not {_shown(value)}"
        fewest, most = self.range.count or (0, math.inf)
        if not fewest <= len(value) <= most:
            return f"takes {_several(self.range.count)} values, not {len(value) or 'none'}"
        for element in value:
            if found := self._of_one(element):
                plural = found.replace("must be a whole number", "takes whole numbers")
                return plural.replace("must be a number", "takes numbers").replace("must be", "takes values")
        return None

    def _of_one(self, value: Any) -> str | None:
        # Who typed 0 need not read of a trillion.
        number = isinstance(value, int | float) and math.isfinite(value if isinstance(value, float) else 0)
        bounds = self.range.words(UNREACHED if number and value < UNREACHED else math.inf)
        unit = f" {self.unit}" if self.unit else ""
        wrong = f"must be {bounds + unit if bounds else self.allowed()}, not {_shown(value)}"
        if self.range.choices:
            hint = did_you_mean(value, map(str, self.range.choices)) if isinstance(value, str) else ""
            missing = value not in self.range.choices or isinstance(value, bool) is not (self.kind is bool)
            return f"must be {self.allowed()}, not {_shown(value)}.{hint}".rstrip(".") if missing else None
        match self.kind:
            case builtin if builtin is int:
                right = isinstance(value, int) and not isinstance(value, bool)
            case builtin if builtin is float:
                right = isinstance(value, int | float) and not isinstance(value, bool)
            case builtin if builtin is dict:
                return _of_numbers(value)
            case _:
                return None if isinstance(value, self.kind) else wrong
        if not right:
            return f"must be {dataclasses.replace(self, many=None).allowed()}, not {_shown(value)}"
        if not (math.isfinite(value) if isinstance(value, float) else abs(value) < 2**63):
            return wrong
        return None if self.range.holds(value) else wrong


def _of_numbers(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return f"must be names with numbers, not {_shown(value)}"
    for name, number in value.items():
        if isinstance(number, float) and not math.isfinite(number):
            return f"takes finite numbers, and {name!s:.60} cannot be {number}"
    return None


def _several(count: tuple[int, int] | None) -> str:
    if count is None:
        return ""
    fewest, most = count
    if fewest == most:
        return str(fewest)
    return f"up to {most}" if fewest == 0 else f"{fewest} to {most}"


def _number(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return f"{value:g}"


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return _number(value)
    # A number of thousands of digits has no decimal text in Python.
    if isinstance(value, int) and value.bit_length() > 1000:
        return "a number of hundreds of digits"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
