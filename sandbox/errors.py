"""A user's mistake is one sentence: what is wrong, and what to do or the nearest valid choice."""

import difflib
import errno
import re
from collections.abc import Iterable


class UserError(Exception):
    """A mistake of the user, told in one sentence.

    The command line prints the sentence and exits with status 2; the studio shows it where the mistake was
    made. Any other exception class may set `user_error = True` to be treated the same way.
    """

    user_error = True


class TrainingDivergedError(UserError, FloatingPointError):
    """The loss is no longer a finite number, so training on would be pointless."""


def is_user_error(error: BaseException) -> bool:
    """Whether the exception's own text is a sentence made for the user."""
    return bool(getattr(type(error), "user_error", False))


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """A text for the terminal; control characters, which could overwrite what is there, are spelled out."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def nearest(name: str, choices: Iterable[str], count: int = 3) -> list[str]:
    """The choices that look most like `name`, best first; empty when nothing is close.

    Case and everything before the last slash are ignored, so that `Classify` finds `vision/classify`.
    """
    by_key: dict[str, str] = {}
    for choice in choices:
        by_key.setdefault(choice.lower(), choice)
        by_key.setdefault(choice.lower().rsplit("/", 1)[-1], choice)
    keys = difflib.get_close_matches(name.lower(), by_key, n=2 * count, cutoff=0.5)
    keys += [key for key in sorted(by_key) if len(name) > 2 and name.lower() in key]
    return list(dict.fromkeys(by_key[key] for key in keys))[:count]


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """` Did you mean a or b?`, or nothing; to be put behind a sentence that says that `name` is unknown."""
    close = nearest(name, choices)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def check_choice(what: str, name: object, choices: Iterable[str]) -> None:
    """Refuse a name that is none of a few: what is not checked is silently taken for the last of them.

    Args:
        what: what the name is of, in the singular: `norm`.
        name: what was given.
        choices: all names there are.

    Raises:
        ValueError: the name is not among them; says which ones there are.
    """
    choices = tuple(choices)
    if name not in choices:
        hint = did_you_mean(str(name), choices)
        raise ValueError(f"no {what} {name!r}; there are {', '.join(choices)}.{hint}")


def because(error: OSError) -> str:
    """Why the operating system refused, in words that follow `because`."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EACCES | errno.EPERM:
            return "you may not write there"
        case errno.ENAMETOOLONG:
            return "that name is too long for a file"
        case errno.EROFS:
            return "that disk is read-only"
        case _:
            return error.strerror or type(error).__name__
