"""What can go wrong with an environment, each as one sentence for the person who wrote or chose it."""

# ruff: noqa: N818 - each name says what is wrong, not that it is an error

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Protocol

import gymnasium.error
from gymnasium.error import InvalidAction


class Source(Protocol):
    """What finds a line of an environment's code: an `Environment`, which itself imports this file."""

    @property
    def file(self) -> str:
        """Path of its file."""
        ...

    def line_naming(self, name: str) -> int | None:
        """The line that mentions a name."""
        ...

    def function_at(self, line: int | None) -> str | None:
        """The function that a line belongs to."""
        ...


class EnvironmentProblem(Exception):
    """Base of every error here. `user_error` tells a command line to print the sentence, not a traceback."""

    user_error = True


class BrokenEnvironment(EnvironmentProblem):
    """An environment file does not do what its contract says.

    Attributes:
        file: path of the file to mend.
        line: line number, or None if no single line is at fault.
        function: `reset`, `step`, `observe`, `draw`, `mask`, or None outside of any function.
        reason: what is wrong, without the place.
    """

    def __init__(
        self, file: str | os.PathLike[str], line: int | None, function: str | None, reason: str
    ) -> None:
        self.file = str(file)
        self.line = line
        self.function = function
        self.reason = reason.strip().rstrip(".")
        place = shown_path(self.file)
        if line is not None:
            place += f", line {line}"
        if function:
            place += f", in {function}"
        super().__init__(f"{place}: {self.reason}.")

    @classmethod
    def from_error(cls, environment: Source, error: Exception | SystemExit) -> BrokenEnvironment:
        """The sentence for an exception that came out of an environment's own code, compiled or not."""
        if isinstance(error, BrokenEnvironment):
            return error
        engine = str(Path(__file__).parent)
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f.filename == environment.file]
        own = own or [
            f for f in frames if f.filename.startswith(str(Path(engine).parent)) and engine not in f.filename
        ]
        reason = f"{type(error).__name__}: {error}"
        unknown = re.search(r"'record' object has no attribute '(\w+)'", reason)
        if unknown:
            reason = f"there is no field named {unknown[1]!r} in the state or the parameters"
        if own:
            return cls(own[-1].filename, own[-1].lineno, own[-1].name, reason)
        # numba's own errors are pages long; the place is written in them, in one of two ways, innermost last.
        text = str(error)
        places = re.findall(r'(?:File "|at )([^"\n]+?)(?:", line | \()(\d+)', text)
        name = Path(environment.file).name
        line = next((int(n) for file, n in reversed(places) if Path(file).name == name), None)
        why = next((part.strip() for part in text.splitlines() if _says_why(part)), reason.splitlines()[0])
        unknown = re.search(r"name '(\w+)' is not defined|^'(\w+)'$", why)
        if unknown and unknown[2]:
            why = f"there is no field named {why} in the state or the parameters"
        if unknown and line is None:
            line = environment.line_naming(unknown[1] or unknown[2])
        return cls(environment.file, line, environment.function_at(line), why)

    def __reduce__(self) -> tuple[type, tuple[str, int | None, str | None, str]]:
        return type(self), (self.file, self.line, self.function, self.reason)


class CheckFailed(EnvironmentProblem):
    """Raised by a check of `envs.engine.checks.check` with a sentence that says what is wrong."""


class UnknownEnvironment(EnvironmentProblem):
    """No environment file has this name."""


# The next ones are also what Gymnasium's own environments raise in the same place, so that code written for
# those catches them.
class BadParameter(EnvironmentProblem, ValueError):
    """A parameter that does not exist, or a value outside its range."""


class UnknownParameter(BadParameter, TypeError):
    """A parameter that does not exist: to Python, an unexpected keyword argument."""

    def __init__(self, sentence: str) -> None:
        # `gymnasium.make` catches a TypeError and raises it anew with words of its own behind the sentence.
        super().__init__(sentence.partition(" was raised from the environment creator for ")[0])


class BadAction(EnvironmentProblem, InvalidAction, AssertionError, ValueError):
    """An action outside the action space."""


class ResetNeeded(EnvironmentProblem, gymnasium.error.ResetNeeded):
    """A step before the first reset, or after the end of an episode. No environment was stepped."""


class BadArray(EnvironmentProblem, ValueError, TypeError):
    """An array given to a batch has the wrong shape, dtype or memory layout."""


class BadAttribute(EnvironmentProblem, AttributeError, ValueError):
    """An attribute of an environment that cannot be read or set, or not like this."""


class NoCuda(EnvironmentProblem):
    """Environments were to play on a GPU, which is not there or cannot be used."""


class BadSnapshot(EnvironmentProblem):
    """Bytes that are not a snapshot of this environment."""


def shown_path(path: str) -> str:
    """`path` relative to the working directory if it lies inside, else as it is."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return path


def _says_why(line: str) -> bool:
    """Whether a line of a numba error says what is wrong, rather than where or during what."""
    line = line.strip()
    noise = (
        "Failed in",
        "During:",
        "File ",
        "There are",
        "The signature",
        "This error",
        "- ",
        "[",
        "^",
        "<source",
    )
    return bool(line) and not line.startswith(noise)
