"""Settings say everything once: default, type, range and help in one line of a dataclass. No torch.

    @dataclass(frozen=True, kw_only=True)
    class Settings:
        learning_rate: float = setting(1e-3, "step size of Adam", above=0, high=10)
        hidden: tuple[int, ...] = setting((64,), "sizes of the hidden layers", low=1, high=512, count=(1, 8))

From that line come `check`, the text of `--help`, what a widget needs (`specs`) and the words of the
command that gives the same settings (`as_words`). The type is the attribute's annotation: int, float, bool,
str, Path, a `Literal`, a tuple or list of these, a dict of numbers, or one of them or None. A subclass may
give another default alone (`learning_rate: float = 0.01`); range and help are inherited.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sandbox.errors import UserError, did_you_mean

T = TypeVar("T")

LARGEST_SEED = 2**32 - 1
"""What Python's, numpy's and torch's generators and the environments all take."""
MOST_THREADS = 256
"""Threads of one process; many more than a machine can start end it without a word."""
MOST_STEPS = 10**12
"""Steps of the longest training."""
WIDEST, DEEPEST = 4096, 16
"""Numbers in the widest layer, and layers of the deepest network."""
MOST_EPISODES = 100_000
"""Episodes of an evaluation, all of which are played at the same time."""
MOST_EXAMPLES = 10**7
"""Examples in the largest minibatch."""

_RANGE = "range"
_UNREACHED = 10**9
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
        """The bounds as words behind `must be`: `from 1 to 8`; empty if there are none.

        Args:
            largest: an upper bound from here on is left out.
        """
        high = None if self.high is None or self.high >= largest else self.high
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
            return f"one of {', '.join(map(str, self.range.choices))}"
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
        bounds = self.range.words(_UNREACHED if number and value < _UNREACHED else math.inf)
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


def setting(
    default: T,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: Sequence[Any] = (),
    count: tuple[int, int] | None = None,
    unit: str = "",
) -> T:
    """Declare a setting: the right side of an attribute of a dataclass.

    Args:
        default: its value if nobody says another.
        help: what it does, in a few words; without the range, which is added.
        low: least value allowed, for each element if there are several.
        high: greatest value allowed.
        above: the value must be greater than this.
        below: the value must be less than this.
        choices: the values allowed, where the annotation is no `Literal`.
        count: fewest and most elements of a tuple.
        unit: for display.

    Returns:
        For a type checker the default; in truth a `dataclasses.Field`.
    """
    allowed = Range(low=low, high=high, above=above, below=below, choices=tuple(choices), count=count)
    # tyro shows what stands under `help`.
    several = isinstance(default, tuple | list)
    shown = _with_range(help, allowed, unit, several)
    metadata = {"help": shown, "about": help, "unit": unit, _RANGE: allowed}
    if isinstance(default, dict | list):
        field: Any = dataclasses.field(default_factory=lambda: type(default)(default), metadata=metadata)
    else:
        field = dataclasses.field(default=default, metadata=metadata)
    return field


@lru_cache(maxsize=256)
def specs(settings_class: type) -> Mapping[str, Spec]:
    """Every setting of a dataclass by its name, in order; nested dataclasses are left out."""
    hints = typing.get_type_hints(settings_class)
    found = {}
    for field in inherit(settings_class):
        if (parsed := _parsed(hints[field.name])) is None:
            continue
        kind, many, optional, choices = parsed
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        allowed = field.metadata.get(_RANGE, Range())
        found[field.name] = Spec(
            name=field.name,
            kind=kind,
            many=many,
            optional=optional,
            default=default,
            help=field.metadata.get("about", ""),
            unit=field.metadata.get("unit", ""),
            range=dataclasses.replace(allowed, choices=choices) if choices else allowed,
        )
    return types.MappingProxyType(found)


def inherit(settings_class: type) -> tuple[dataclasses.Field[Any], ...]:
    """The fields of a dataclass; where only a default was stated anew, with the base's range and help."""
    fields = dataclasses.fields(settings_class)
    for field in fields:
        if _RANGE in field.metadata:
            continue
        for base in settings_class.__mro__[1:]:
            known = getattr(base, "__dataclass_fields__", {}).get(field.name)
            if known is not None and _RANGE in known.metadata:
                field.metadata = known.metadata  # where tyro reads the help, too
                break
    return fields


def as_option(name: str) -> str:
    """An attribute's name as it is typed: `--learning-rate`."""
    return f"--{name.replace('_', '-')}"


def in_config(name: str) -> str:
    """An attribute's name as a run's configuration has it."""
    return f"{name} in config.json"


def as_written(name: str) -> str:
    """An attribute's name as Python code has it."""
    return name


def check(settings: Any, spelled: Callable[[str], str] = as_written) -> None:
    """Refuse settings that make no sense.

    Args:
        settings: an instance of a dataclass; nested ones are checked, too. If it has a method
            `check_together()`, which raises `UserError`, that is called when each setting alone is right.
        spelled: how the user knows a setting's name; `as_option` on the command line.

    Raises:
        UserError: names the setting, its value and what is allowed. NaN and infinities never are.
    """
    known = specs(type(settings))
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            check(value, spelled)
        elif field.name in known and (wrong := known[field.name].problem(value)):
            end = "" if wrong.endswith("?") else "."
            raise UserError(f"{spelled(field.name)} {wrong}{end}")
    if together := getattr(settings, "check_together", None):
        together()


def from_json(default: T, values: Mapping[str, Any], spelled: Callable[[str], str] = in_config) -> T:
    """Settings with values that were read from a file.

    Args:
        default: an instance of a dataclass; what `values` leaves out.
        values: by name, each a setting of it; lists stand for tuples.
        spelled: how the user knows a setting's name.

    Raises:
        UserError: a value outside its range or of another kind.
    """
    known, given = specs(type(default)), {}
    for name, value in values.items():
        given[name] = tuple(value) if known[name].many is tuple and isinstance(value, list) else value
        if wrong := known[name].problem(given[name]):
            raise UserError(f"{spelled(name)} {wrong}{'' if wrong.endswith('?') else '.'}")
    settings: Any = default
    settings = dataclasses.replace(settings, **given)
    check(settings, spelled)
    return settings


def as_words(settings: Any, default: Any) -> list[str]:
    """The command-line words that turn `default` into `settings`: `["--steps", "500", "--no-absorbing"]`.

    Args:
        settings: an instance of a dataclass.
        default: another of the same class, such as a preset.
    """
    words = []
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value == getattr(default, field.name):
            continue
        option = as_option(field.name)
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        elif isinstance(value, tuple | list):
            words += [option, *map(str, value)]
        elif isinstance(value, dict):
            words += [option, *(str(part) for pair in value.items() for part in pair)]
        else:
            words += [option, str(value)]
    return words


def _parsed(annotation: Any) -> tuple[type, type | None, bool, tuple[Any, ...]] | None:
    """Kind, container, whether None is allowed, and choices; None for what is no setting."""
    optional = False
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        if len(rest) != 1:
            return None
        annotation, optional = rest[0], True
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        choices = typing.get_args(annotation)
        return type(choices[0]), None, optional, choices
    if origin in (tuple, list):
        inner = _parsed(typing.get_args(annotation)[0])
        return None if inner is None else (inner[0], origin, optional, inner[3])
    kind = origin or annotation
    return (kind, None, optional, ()) if isinstance(kind, type) else None


def _of_numbers(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return f"must be names with numbers, not {_shown(value)}"
    for name, number in value.items():
        if isinstance(number, float) and not math.isfinite(number):
            return f"takes finite numbers, and {name!s:.60} cannot be {number}"
    return None


def _with_range(help: str, allowed: Range, unit: str, several: bool) -> str:
    words = allowed.words(_UNREACHED)
    if allowed.choices:
        words = f"one of {', '.join(map(str, allowed.choices))}"
    if not words:
        return help
    words = f"{'each ' * several}{words}{' ' * bool(unit)}{unit}"
    return f"{help} {words[0].upper()}{words[1:]}." if help.endswith(".") else f"{help}; {words}"


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
