"""Command-line options from dataclasses with tyro, and its complaints turned into one sentence each."""

import contextlib
import dataclasses
import io
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar, get_origin

import tyro

from sandbox.errors import UserError, nearest
from sandbox.settings import as_option, check, inherit

Value = TypeVar("Value")

# A switch that is off unless it is given; tyro would also offer --no-json.
Flag = Annotated[bool, tyro.conf.FlagCreatePairsOff]
# An option that may be left out; its help says what happens then. tyro would add "(default: None)".
Optional = Annotated[Value | None, tyro.conf.DisallowNone, tyro.conf.arg(help_behavior_hint="")]
# Options that stand directly in the command's own list: `--learning-rate`, not `--settings.learning-rate`.
Flat = tyro.conf.arg(name="", help="how it learns")

_REGISTRY = tyro.constructors.ConstructorRegistry()


@_REGISTRY.primitive_rule
def _numbers_by_name(
    info: tyro.constructors.PrimitiveTypeInfo,
) -> tyro.constructors.PrimitiveConstructorSpec | None:
    """Take `--params side 12` whatever the default holds; tyro makes options of the names that are in it."""
    if get_origin(info.type) is not dict:
        return None
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar="[STR FLOAT [STR FLOAT ...]]",
        instance_from_str=_pairs,
        is_instance=lambda value: isinstance(value, dict),
        str_from_instance=lambda value: [str(part) for pair in value.items() for part in pair],
    )


def _pairs(words: list[str]) -> dict[str, float]:
    if len(words) % 2:
        raise ValueError(f"{words[-1]} needs a number")
    return dict(zip(words[::2], map(float, words[1::2]), strict=True))


_RULE = re.compile(r"[-─+╰╯ ]*")
_REWORDED = (
    (
        r"Error parsing (\S+): no type matching INT could be instantiated from \[(.*)\]\.",
        r"\1 takes a whole number, not \2",
    ),
    (
        r"Error parsing (\S+): no type matching FLOAT could be instantiated from \[(.*)\]\.",
        r"\1 takes a number, not \2",
    ),
    (
        r"Error parsing (\S+): invalid literal for int\(\) with base 10: (.*)",
        r"\1 takes a whole number, not \2",
    ),
    (r"Error parsing (\S+): could not convert string to float: (.*)", r"\1 takes a number, not \2"),
    (r"Error parsing (\S+): Could not find valid parse for arguments: \[(.*)\]\.?", r"\1 cannot be \2"),
    (r"Error parsing (\S+): (.*?)\.?", r"\1: \2"),
    (
        r"invalid choice (\S+) for argument '(\S+)'\. Expected one of \((.*?),?\)\.",
        r"\2 takes one of \3, not \1",
    ),
    (r"Missing value for argument '(\S+)'\..*", r"\1 needs a value"),
    (r"Unrecognized options: (.*)", r"Unexpected argument: \1"),
)
"""tyro's complaints, and what to say instead."""


def parse(options: Any, arguments: Sequence[str], command: str, about: str, default: Any = None) -> Any:
    """Parses what follows a command's name.

    Args:
        options: a dataclass; `sandbox.settings.setting` gives defaults, ranges and help texts. Attributes
            without a default have their docstring as help.
        arguments: what follows the command's name.
        command: how the command is called, for the help: `sandbox watch`.
        about: the description in the help.
        default: an instance that replaces the defaults of the dataclass.

    Returns:
        An instance of `options`.

    Raises:
        UserError: an unknown option (names the nearest), a value outside its range or of another kind,
            something missing.
        SystemExit: with status 0, after the help was printed.
    """
    keywords: dict[str, Any] = {
        "args": list(arguments),
        "prog": command,
        "description": about,
        "registry": _REGISTRY,
    }
    if default is not None:
        keywords["default"] = default
    names = option_names(options, default)
    if "-h" in arguments or "--help" in arguments:
        return tyro.cli(options, **keywords)
    _refuse_unknown(arguments, names, command)
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint), _unwrapped():
            found = tyro.cli(options, **keywords)
    except SystemExit:
        raise UserError(f"{_sentence(complaint.getvalue(), command)}; see `{command} --help`.") from None
    check(found, as_option)
    return found


def option_names(options: Any, default: Any = None, prefix: str = "") -> list[str]:
    """Every option of a dataclass as it is typed: `--learning-rate`, `--no-normalize`.

    Args:
        options: the dataclass, or a generic alias of it.
        default: an instance; its nested dataclasses are followed.
        prefix: what stands before each name.
    """
    names = []
    for field in inherit(getattr(options, "__origin__", options)):
        name = prefix + field.name.replace("_", "-")
        value = getattr(default, field.name, field.default)
        markers = getattr(field.type, "__metadata__", ())
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            flat = Flat in markers
            names += option_names(type(value), value, prefix if flat else f"{name}.")
        elif tyro.conf.Positional not in markers:
            pair = isinstance(value, bool) and tyro.conf.FlagCreatePairsOff not in markers
            names += [f"--{name}", f"--no-{name}"] if pair else [f"--{name}"]
    return names


def _refuse_unknown(arguments: Sequence[str], known: list[str], command: str) -> None:
    for argument in arguments:
        option = argument.partition("=")[0].replace("_", "-")
        if option == "--":
            return
        if option.startswith("--") and option not in known:
            # Without the dashes, which make every option look a little like every other.
            close = nearest(option.lstrip("-"), [name.lstrip("-") for name in known])
            hint = f"Did you mean --{' or --'.join(close)}?" if close else f"`{command} --help` lists them."
            raise UserError(f"There is no option {option}. {hint}")


@contextlib.contextmanager
def _unwrapped() -> Iterator[None]:
    """Lets tyro write its message on one line, however narrow the terminal is."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "10000"
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def _sentence(panel: str, command: str) -> str:
    """The first paragraph of tyro's boxed message, in plain words."""
    lines = [line.strip("│| ") for line in panel.splitlines()[1:]]
    # Terminals without UTF-8 get a rule below the title, too.
    body = itertools.dropwhile(_RULE.fullmatch, lines)
    lines = list(itertools.takewhile(lambda line: not _RULE.fullmatch(line), body))
    if lines and lines[0].startswith("Missing from"):
        return f"{command} needs {lines[1]}" + (
            f" ({lines[2].removesuffix(' (required)')})" if len(lines) > 2 else ""
        )
    first = " ".join(lines)
    for pattern, wording in _REWORDED:
        if match := re.fullmatch(pattern, first):
            return match.expand(wording)
    return first or f"the arguments do not fit {command}"
