"""Public data sets by name: a file here declares one or several, `SETS`; they are fetched when asked for.

    folder("mnist")          # where its files lie; fetches it first if it is not here
    here("mnist")            # the same, but never fetches: a sentence says how to
    find("mnist").licence

They are kept in `$SANDBOX_DATA`, by default in the state folder, each in a folder of its name that appears
when everything is in it. A set of which nobody publishes a checksum is taken only from a person who says so;
the checksum of what came first is remembered then.
"""

import importlib
import json
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from sandbox.data import archives
from sandbox.data.download import MIRROR, drain, fetching
from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import PATIENCE, Arrived, Patience, RemoteFile, checksum_of
from sandbox.errors import UserError, did_you_mean
from sandbox.files import TEMPORARY, refused, replace_bytes
from sandbox.state_folder import read_record, state_folder, write_record

HOME = "SANDBOX_DATA"
NOTE = ".checksums.json"
"""Beside the files of a set: checksums of what was fetched."""
UNIT = "megabyte"
"""What the progress of a run counts while its data are fetched."""
PINS = "data-pins"
"""Records of checksums that nobody publishes."""


@lru_cache(maxsize=1)
def known() -> Mapping[str, NamedSet]:
    """All sets by name, as the files of this folder declare them."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    ]
    found = [each for module in modules for each in getattr(module, "SETS", ())]
    return {each.name: each for each in sorted(found, key=lambda each: (each.kind, each.name))}


def find(name: str) -> NamedSet:
    """A set by its name.

    Raises:
        UserError: there is none; names the nearest.
    """
    if name not in known():
        hint = did_you_mean(name, known()) or f" There are {', '.join(known())}."
        raise UserError(f"There is no data set {name!r}.{hint}")
    return known()[name]


def home() -> Path:
    """The folder of all sets."""
    chosen = os.environ.get(HOME)
    return Path(chosen).absolute() if chosen else state_folder() / "data"


def is_here(name: str) -> bool:
    """Whether a set was fetched, as it is published today."""
    found = find(name)
    try:
        note = json.loads((home() / name / NOTE).read_bytes())
    except (OSError, ValueError):
        return False
    wanted = {file.name: file.checksum for file in found.files}
    return isinstance(note, dict) and all(
        file in note and checksum in ("", note[file]) for file, checksum in wanted.items()
    )


def here(name: str) -> Path:
    """The folder of a set that was fetched before.

    Raises:
        UserError: no such set, or it is not here; says how to fetch it.
    """
    found = find(name)
    if not is_here(name):
        trust = "" if found.is_pinned else " --trust-first"
        raise UserError(
            f"{found.title} is not on this machine yet; `sandbox data fetch {name}{trust}` fetches it"
            f"{f' ({megabytes(found.size)})' if found.size else ''}."
        )
    return home() / name / found.inside


def folder(
    name: str, progress: Callable[[Arrived], None] | None = None, *, trust_first: bool = False
) -> Path:
    """The folder of a set; fetches it if it is not here. See `fetching_set`."""
    return drain(fetching_set(name, trust_first=trust_first), progress)


def fetching_set(
    name: str, *, trust_first: bool = False, patience: Patience = PATIENCE
) -> Generator[Arrived, None, Path]:
    """Fetch and unpack a set unless it is here; closing the generator keeps what has arrived.

    Args:
        name: of the set.
        trust_first: take files of which nobody publishes a checksum, and remember theirs.
        patience: see there.

    Yields:
        What has arrived of all its files together.

    Returns:
        The folder that holds it.

    Raises:
        UserError: no such set, it cannot be had, or has no checksum and is not trusted; says why.
    """
    found = find(name)
    if is_here(name):
        return here(name)
    files = [_pinned(found, file, trust_first) for file in found.files]
    store = home() / f"{TEMPORARY}{name}"
    try:
        store.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home() / f"{TEMPORARY}{name}.lock")
        while True:
            try:
                lock.acquire(timeout=0.2)
                break
            except Timeout:  # another process fetches it
                yield Arrived(found.title, _arrived(store), found.size)
        with lock:
            if not is_here(name):
                store.mkdir(parents=True, exist_ok=True)
                yield from _fetched(found, files, store, patience)
                yield from _put_together(found, files, store)
    except OSError as error:
        raise refused(
            "write", Path(error.filename or home()), error, f"{HOME} names another folder"
        ) from error
    return here(name)


def forget(name: str) -> None:
    """Delete a set from this machine, with what has arrived of it."""
    find(name)
    for path in (home() / name, home() / f"{TEMPORARY}{name}"):
        shutil.rmtree(path, ignore_errors=True)


def as_in(found: NamedSet, mirror: Path) -> NamedSet:
    """The set as the files of a mirror are, whatever is published: for small ones in the same form, in tests.

    Args:
        found: a set.
        mirror: the folder in which its files lie under their names.
    """
    files = [
        replace(file, checksum=checksum_of(mirror / file.name), size=(mirror / file.name).stat().st_size)
        for file in found.files
    ]
    return replace(found, files=files)


def megabytes(size: int) -> str:
    """Bytes as people say them: `11 MB`, `2.4 GB`."""
    if size >= 10**9:
        return f"{size / 10**9:.1f} GB"
    return f"{size / 10**6:.0f} MB" if size >= 10**7 else f"{max(0.1, size / 10**6):.1f} MB"


def _pinned(found: NamedSet, file: RemoteFile, trust_first: bool) -> RemoteFile:
    """The file with its checksum: the published one, or that of what came first."""
    if file.checksum:
        return file
    kept = read_record(PINS, f"{found.name}/{file.name}") or {}
    if isinstance(kept.get("checksum"), str):
        return replace(file, checksum=kept["checksum"])
    if not trust_first:
        raise UserError(
            f"Nobody publishes a checksum of {found.title}; `sandbox data fetch {found.name} --trust-first` "
            "takes what comes over https and remembers its checksum."
        )
    return file


def _fetched(
    found: NamedSet, files: Sequence[RemoteFile], store: Path, patience: Patience
) -> Generator[Arrived, None, None]:
    places = [Path(part) for part in os.environ.get(MIRROR, "").split(os.pathsep) if part]
    before = 0
    for file in files:
        mirror = [path for place in places for path in (place / found.name / file.name, place / file.name)]
        last = Arrived(file.name, 0, file.size)
        events = fetching(file, store, mirror=mirror, patience=patience)
        while True:
            try:
                last = next(events)
            except StopIteration as end:
                path: Path = end.value
                break
            yield Arrived(found.title, before + last.done, found.size or (before + last.total))
        before += path.stat().st_size
        if not file.checksum:
            write_record(PINS, f"{found.name}/{file.name}", {"checksum": checksum_of(path)})


def _put_together(
    found: NamedSet, files: Sequence[RemoteFile], store: Path
) -> Generator[Arrived, None, None]:
    """Unpack archives beside the place of the set, then let it appear there."""
    place = home() / found.name
    with tempfile.TemporaryDirectory(dir=home(), prefix=f"{TEMPORARY}{found.name}-") as temporary:
        inside = Path(temporary) / "files"
        inside.mkdir()
        for file in files:
            path = store / file.name
            if found.unpacked and path.name.endswith(archives.ENDINGS):
                limits = archives.Limits(files=found.most_files, bytes=found.unpacked, ratio=1000)
                yield Arrived(f"{found.title}: unpacking", 0, found.unpacked)
                left_out = archives.unpack(path, inside, file.name, limits)
                if left_out:
                    raise UserError(f"{found.title} is not unpacked: {left_out[0]}")
            else:
                shutil.copyfile(path, inside / file.name)
        if found.inside and not (inside / found.inside).is_dir():
            raise UserError(f"{found.title} holds no folder {found.inside}; it is not what was published.")
        note = {file.name: checksum_of(store / file.name, _kind(file)) for file in files}
        replace_bytes(inside / NOTE, json.dumps(note).encode())
        shutil.rmtree(place, ignore_errors=True)
        inside.rename(place)
    shutil.rmtree(store, ignore_errors=True)


def _kind(file: RemoteFile) -> str:
    return file.checksum.partition(":")[0] or "sha256"


def _arrived(store: Path) -> int:
    try:
        return sum(path.stat().st_size for path in store.iterdir() if path.suffix != ".json")
    except OSError:
        return 0
