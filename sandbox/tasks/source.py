"""Where a task's data may come from: a set by name, or a file or folder of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.data import sets
from sandbox.errors import UserError, did_you_mean
from sandbox.files import typed_path


@dataclass(frozen=True)
class Source:
    """A set of data that has a name.

    Attributes:
        name: as `--data` takes it: `digits`.
        title: as a menu shows it: `handwritten digits`.
        about: one sentence: how many of what, from whom.
        synthetic: whether it is made, not measured.
        public: whether it is a set of `sandbox.data.sets`, which is fetched on first use.
    """

    name: str
    title: str
    about: str = ""
    synthetic: bool = False
    public: bool = False


@dataclass(frozen=True)
class OwnData:
    """A form in which people bring data of their own.

    Attributes:
        title: as a menu shows it: `my own pictures`.
        help: what the file or folder must look like, one sentence.
        files: endings of the file that may be uploaded whole: `.zip`, `.csv`.
        classes: endings of files that may be uploaded class by class; empty where there are no classes.
        things: what one file is, in the plural: `pictures`.
        microphone: what to say into a microphone, for each class; empty where nothing can be recorded.
        pad: what to draw on a pad, whose ink is a distribution of points; empty where nothing is drawn.
    """

    title: str
    help: str
    files: Sequence[str] = ()
    classes: Sequence[str] = ()
    things: str = "files"
    microphone: str = ""
    pad: str = ""


def public(*names: str) -> tuple[Source, ...]:
    """Sources that are public sets, by the names of these."""
    found = (sets.find(name) for name in names)
    return tuple(Source(each.name, each.title, each.about, public=True) for each in found)


def named(sources: Sequence[Source | OwnData], name: str | None) -> Source | None:
    """The source of that name, the first one for None; None if it is none of theirs (and so a path)."""
    known = [source for source in sources if isinstance(source, Source)]
    if name is None:
        return known[0] if known else None
    return next((source for source in known if source.name == name), None)


def located(sources: Sequence[Source | OwnData], name: str | None) -> Source | Path:
    """The task's own source of that name, the first one for None; else where the data lie.

    That is the folder of a public set, or a path, which may not exist.

    Raises:
        UserError: the public set is not on this machine yet; says how to fetch it.
    """
    found = named(sources, name)
    if found is None:
        return typed_path(str(name))
    return sets.here(found.name) if found.public else found


def unknown(sources: Sequence[Source | OwnData], name: str) -> UserError:
    """What to say of data that is neither a set by name nor a path that exists."""
    names = [source.name for source in sources if isinstance(source, Source)]
    own = next((source for source in sources if isinstance(source, OwnData)), None)
    takes = f" It also takes {own.help[0].lower()}{own.help[1:].rstrip('.')}." if own else ""
    if own and typed_path(name).is_file():
        return UserError(f"{name} is a file that cannot be learned from here. {own.help}")
    hint = did_you_mean(name, names) or (f" There is {', '.join(names)}." if names else "")
    return UserError(f"There is no data set, file or folder {name!r}.{hint}{takes}")
