"""The words of a command line, before its options are parsed."""

import itertools
from collections.abc import Sequence


def peeked(arguments: Sequence[str], option: str) -> str | None:
    """The value of an option that decides which other options there are; it stays where it is."""
    for argument, following in itertools.zip_longest(arguments, arguments[1:]):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option:
            return following
    return None


def taken(arguments: list[str], option: str) -> str | None:
    """The value of a hidden option, which is removed."""
    value = peeked(arguments, option)
    if value is not None:
        i = arguments.index(option)
        del arguments[i : i + 2]
    return value


def without(arguments: Sequence[str], option: str) -> list[str]:
    """The words without an option and its value."""
    pairs = zip([None, *arguments], arguments, strict=False)
    return [
        word for before, word in pairs if option not in (before, word) and not word.startswith(f"{option}=")
    ]
