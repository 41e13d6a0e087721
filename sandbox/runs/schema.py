"""What config.json and status.json of a run may hold: one schema, checked whenever one of them is read.

A run folder may come from anybody, so nothing of it is used before it is known to have the right type and
size. What is checked stays a dictionary; fields that this version does not know are kept.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from sandbox import trust
from sandbox.errors import UserError

Settings = TypeVar("Settings")

State = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
STATES: tuple[str, ...] = get_args(State)
"""`interrupted` is never written: it is a run whose process died before it could say how it ended."""

NAME = re.compile(r"[\w][\w .,()+=@-]{0,199}")
"""What a run may be called: nothing that Markdown, a terminal or a path would take for more than a name."""
_TARGET = r"^[^\x00-\x1f\x7f`\[\]<>*|\"]+$"
"""It is written into scripts and shown on every page."""

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Seconds = Annotated[float, Meta(ge=0.0, le=1e12)]
ProcessNumber = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Word = Annotated[str, Meta(pattern=r"^[\w.:-]+$", max_length=64)]
Name = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=4096)]
LongText = Annotated[str, Meta(max_length=65536)]
Version = Annotated[str, Meta(pattern=r"^[\w.+~!() -]*$", max_length=64)]
"""It is written into scripts."""
Scalar = bool | Int64 | float | Text | None
Row = Annotated[list[Scalar], Meta(max_length=1024)]
Value = Scalar | Annotated[list[Scalar | Row], Meta(max_length=1024)] | dict[Text, Scalar | Row]


_PARAMS = dict[Name, float | bool]


class Expert(Struct):
    """Whom an imitator imitates."""

    name: Text
    episodes: Count
    low: float
    high: float
    mean: float = msgspec.field(name="return")
    step: Count | None = None


class Fingerprint(Struct):
    """What the data looked like: see `sandbox.data.fingerprint`."""

    files: Count
    bytes: Count
    digest: Word


class Config(Struct):
    """config.json: what was asked for."""

    target: Annotated[str, Meta(pattern=_TARGET, max_length=4096)]
    created: datetime
    name: Text = ""
    kind: Literal["agent", "task"] = "agent"
    agent: Word | None = None
    preset: Text | None = None
    data: Text | None = None
    data_fingerprint: Fingerprint | None = None
    notes: Annotated[list[LongText], Meta(max_length=1024)] | None = None
    seed: Annotated[int, Meta(ge=0)] | None = None
    device: Word | None = None
    threads: Annotated[int, Meta(ge=1, le=1024)] | None = None
    processes: Annotated[int, Meta(ge=1, le=65536)] | None = None
    hardware: Any = None
    settings: Annotated[dict[Name, Value], Meta(max_length=256)] | None = None
    versions: dict[Name, Version] | None = None
    argv: Annotated[list[Text], Meta(max_length=1024)] | None = None
    expert: Expert | None = None


class Status(Struct):
    """status.json: how it stands."""

    state: State
    step: Count = 0
    total: Count = 0
    unit: Annotated[str, Meta(pattern=r"^\w[\w ]*$", max_length=32)] = "step"
    message: LongText = ""
    seconds: Seconds = 0.0
    updated: Annotated[float, Meta(ge=0.0, le=1e12)] = 0.0
    launching: ProcessNumber | None = None
    pid: ProcessNumber | None = None
    job: bool = False
    handed_on: bool = False
    gives_way: bool = False
    resume: bool = False
    queued: Seconds | None = None


_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_BOUND = re.compile(r"Expected `(?P<expected>\w+)` (?:of length )?(?P<side>[<>]=) (?P<bound>\S+)")
_WHERE = re.compile(r" - at `\$\.?(?P<where>.*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`")
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def check_config(values: Mapping[str, Any], path: Path) -> None:
    """Refuse a config.json that has a field of a wrong type or size, or that would import a stranger's file.

    Args:
        values: of the file.
        path: of the file.

    Raises:
        UserError: names the file and the field.
    """
    try:
        config = _convert(values, Config, path)
    except UserError:
        settings = values.get("settings")
        for name, value in settings.items() if isinstance(settings, dict) else ():
            _convert(value, Value, path, f"settings.{name}")  # msgspec does not say which it was
        raise
    if config.seed is not None and config.seed >= 2**64:
        raise UserError(f"{path} is corrupt: seed should be less than 2**64.")
    settings = config.settings or {}
    # All at once: a look at each of them would take as long as all the rest of the check.
    if settings and not "".join(settings).isidentifier():
        raise UserError(f"{path} is corrupt: the names of its settings should be single words.")
    if config.kind == "agent" and settings.get("params") is not None:
        _check_params(settings["params"], path)
    try:
        trust.check(config.target)
    except UserError as error:
        raise UserError(f"{path} names as its target what may not be imported: {error}") from None


def _check_params(params: Any, path: Path) -> None:
    """Parameters of an environment are numbers; a text among them could name a file to import."""
    try:
        names = msgspec.convert(params, _PARAMS)
    except msgspec.ValidationError:
        for name, value in params.items() if isinstance(params, dict) else ():
            _convert(value, float | bool, path, f"settings.params.{name}")
        names = _convert(params, _PARAMS, path, "settings.params")
    if not all(map(str.isidentifier, names)):
        raise UserError(f"{path} is corrupt: the names in settings.params should be single words.")


def check_status(values: Mapping[str, Any], path: Path) -> None:
    """Refuse a status.json that has a field of a wrong type or size.

    Raises:
        UserError: names the file and the field.
    """
    if values.get("state") not in STATES:
        raise UserError(f"{path} is corrupt: it has no known state.")
    _convert(values, Status, path)


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a run; a name may come from a link or from a stranger's folder.

    Raises:
        UserError: says what a name consists of.
    """
    if not NAME.fullmatch(name):
        shown = name if len(name) <= 60 else f"{name[:60]}..."
        raise UserError(
            f"{shown!r} cannot be the name of a run: it takes letters, digits, spaces and . , ( ) + = @ - _, "
            "at most 200."
        )


def complaint(error: Exception, within: str = "") -> str:
    """Put a complaint of msgspec into plain words, such as `seed should be a whole number, not text`.

    Args:
        error: a `msgspec.ValidationError`, or that something is nested too deeply.
        within: what was looked at, in front of the field's name.
    """
    if isinstance(error, RecursionError):
        return f"{within or 'it'} is nested too deeply"
    text = str(error)
    found = _WHERE.search(text)
    where, text = (found["where"], text[: found.start()]) if found else ("", text)
    field = ".".join(part for part in (within, where) if part).replace(".[", "[") or "it"
    if missing := _MISSING.match(text):
        return f"{field} has no {missing['field']}"
    if types := _EXPECTED.match(text):
        expected = " or ".join(_TYPES.get(kind, kind) for kind in types["expected"].split(" | "))
        fraction = types["got"] == "float" and "float" not in types["expected"]
        got = "one with a fraction" if fraction else _TYPES.get(types["got"], types["got"])
        return f"{field} should be {expected}, not {got}"
    if bound := _BOUND.match(text):
        side = "at most" if bound["side"] == "<=" else "at least"
        of = {"str": " letters", "array": " entries", "object": " fields"}.get(bound["expected"], "")
        return f"{field} should be {_TYPES[bound['expected']]}, {side} {bound['bound']}{of}"
    return f"{field} cannot be used ({text[:1].lower()}{text[1:]})"


def _convert(values: Any, kind: Any, path: Path, within: str = "") -> Any:
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise UserError(f"{path} is corrupt: {complaint(error, within)}.") from None
