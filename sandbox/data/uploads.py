"""Files that people upload: checked, and kept beside the runs that learn from them.

An upload is kept once, in a folder named after its content: `runs/.uploads/<hash>/`. Names inside an upload
never decide where something is written outside that folder.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sandbox.data import archives
from sandbox.errors import UserError
from sandbox.runs import runs_dir

MAX_FILES = 20_000
MAX_BYTES = 500 * 10**6
"""Of all files of an upload, unpacked."""
FOLDER = ".uploads"
DAY = 24 * 3600.0


@dataclass(frozen=True)
class File:
    """A file as it was uploaded.

    Attributes:
        name: as the browser says; may be anything.
        content: its bytes.
        folder: the folder it is put into, such as the name of its class; empty for none.
    """

    name: str
    content: bytes
    folder: str = ""


@dataclass(frozen=True)
class Upload:
    """An upload that was kept.

    Attributes:
        path: the folder that holds it; of a single file that is no archive, the file.
        skipped: what was left out and why, one sentence each.
    """

    path: Path
    skipped: tuple[str, ...] = field(default_factory=tuple)


def keep(files: Sequence[File]) -> Upload:
    """Check files, unpack a zip, and keep what is in them.

    Args:
        files: at least one; a single zip is unpacked.

    Raises:
        UserError: nothing in it, too large, a damaged archive, or one that unpacks to far more than its size.
    """
    if not files:
        raise UserError("Nothing was uploaded.")
    digest = hashlib.sha256()
    for file in files:
        for part in (file.folder.encode(), file.name.encode("utf-8", "surrogateescape"), file.content):
            digest.update(len(part).to_bytes(8, "big") + part)
    home = runs_dir() / FOLDER
    folder = home / digest.hexdigest()[:24]
    skipped: list[str] = []
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix="tmp-") as temporary:
            inside = Path(temporary) / "files"
            inside.mkdir()
            skipped = _write(files, inside)
            (Path(temporary) / "skipped.txt").write_text("\n".join(skipped), encoding="utf-8")
            try:
                Path(temporary).rename(folder)
            except OSError:
                if not folder.is_dir():  # another session kept the same one in the meantime
                    raise
            else:
                Path(temporary).mkdir()  # for TemporaryDirectory to remove
    else:
        skipped = (folder / "skipped.txt").read_text(encoding="utf-8").splitlines()
    return Upload(_only(folder / "files", files), tuple(skipped))


def is_kept(path: Path) -> bool:
    """Whether a path lies in what was uploaded before."""
    return (runs_dir() / FOLDER).resolve() in path.resolve().parents


def forget_unused(used: Sequence[Path], age: float = DAY) -> int:
    """Delete uploads that no run learns from; returns how many.

    Args:
        used: what runs learn from.
        age: seconds for which an upload is kept in any case: somebody may be about to train on it.
    """
    home = runs_dir() / FOLDER
    kept = {path.resolve() for path in used}
    gone = 0
    for folder in home.iterdir() if home.is_dir() else ():
        young = time.time() - folder.stat().st_mtime < age
        if not young and not any(folder.resolve() in (path, *path.parents) for path in kept):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _only(folder: Path, files: Sequence[File]) -> Path:
    """The file itself if a single one was uploaded that is no archive; else the innermost folder of all."""
    if len(files) == 1 and not files[0].folder and not _is_zip(files[0]):
        return next(folder.iterdir())
    while len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir():
        folder = inside[0]
    return folder


def _is_zip(file: File) -> bool:
    """Whether a file is an archive, by its content.

    Raises:
        UserError: it is called one and is none.
    """
    if file.name.lower().endswith(".npz"):
        return False  # an archive of arrays, which is read as it is
    if archives.is_zip(file.content):
        return True
    if file.name.lower().endswith(".zip"):
        raise UserError(f"{file.name[:60]} is no zip archive, or it is damaged.")
    return False


def _write(files: Sequence[File], folder: Path) -> list[str]:
    if len(files) == 1 and _is_zip(files[0]):
        limits = archives.Limits(files=MAX_FILES, bytes=MAX_BYTES)
        return archives.unpack(files[0].content, folder, files[0].name, limits)
    if len(files) > MAX_FILES:
        raise UserError(f"{len(files):,} files were uploaded; at most {MAX_FILES:,} can be.")
    if sum(len(file.content) for file in files) > MAX_BYTES:
        raise UserError(f"The files are larger than {MAX_BYTES // 10**6} MB together.")
    for number, file in enumerate(files):
        inside = folder / archives.safe_name(file.folder) if file.folder else folder
        inside.mkdir(exist_ok=True)
        path = inside / archives.safe_name(PurePosixPath(file.name.replace("\\", "/")).name)
        if path.exists():
            path = inside / f"{number}-{path.name}"
        path.write_bytes(file.content)
    return []
