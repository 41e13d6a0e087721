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
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sandbox.errors import UserError
from sandbox.setting_spec import UNREACHED, Range, Spec

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
        given[name] = _of_kind(known[name], value)
        if wrong := known[name].problem(given[name]):
            raise UserError(f"{spelled(name)} {wrong}{'' if wrong.endswith('?') else '.'}")
    settings: Any = default
    settings = dataclasses.replace(settings, **given)
    check(settings, spelled)
    return settings


def _of_kind(spec: Spec, value: Any) -> Any:
    """A value as JSON has it: a list stands for a tuple, a whole number for one with a fraction."""
    if spec.many is not None and isinstance(value, list | tuple):
        return spec.many(_of_kind(dataclasses.replace(spec, many=None), element) for element in value)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    if spec.kind is dict and isinstance(value, dict):
        number = dataclasses.replace(spec, kind=float)
        return {name: _of_kind(number, one) for name, one in value.items()}
    return float(value) if spec.kind is float and spec.many is None and whole else value


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


def _with_range(help: str, allowed: Range, unit: str, several: bool) -> str:
    words = allowed.words(UNREACHED)
    if not words:
        return help
    words = f"{'each ' * several}{words}{' ' * bool(unit)}{unit}"
    return f"{help} {words[0].upper()}{words[1:]}." if help.endswith(".") else f"{help}; {words}"
