"""Archives that lead elsewhere, hold links and devices, or unfold to gigabytes; zips: `test_uploads.py`."""

import gzip
import io
import os
import stat
import tarfile
import zipfile
from typing import Any

import pytest

from sandbox.data.archives import Limits, unpack
from sandbox.errors import UserError


def tar_of(*members, mode: Any = "w:gz") -> bytes:
    """A tar archive of names with contents, or of members as they are."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, inside in members:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(inside)
            archive.addfile(member, io.BytesIO(inside))
    return content.getvalue()


def special(name, kind, target="") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_unpacked(tmp_path, mode):
    told = []
    content = tar_of(("set/a/1.txt", b"one"), ("set/b/2.txt", b"two"), ("set/._x", b"x"), mode=mode)
    assert unpack(content, tmp_path, "a.tar", wrote=told.append) == []
    assert files(tmp_path) == ["set/a/1.txt", "set/b/2.txt"] and told == [3, 6]
    assert (tmp_path / "set" / "b" / "2.txt").read_bytes() == b"two"


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_nothing_is_written_outside(tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    (left_out,) = unpack(tar_of((name, b"x"), ("good", b"y")), home)
    assert "points outside of the archive" in left_out and files(tmp_path) == ["home/good"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
        archive.writestr("good", "y")
    assert len(unpack(content.getvalue(), home)) == 1 and files(tmp_path) == ["home/good"]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (special("link", tarfile.SYMTYPE, "/etc"), "points outside"),
        (special("link", tarfile.LNKTYPE, "good"), "points outside"),
        (special("null", tarfile.CHRTYPE), "no ordinary file"),
        (special("disk", tarfile.BLKTYPE), "no ordinary file"),
        (special("pipe", tarfile.FIFOTYPE), "no ordinary file"),
    ],
    ids=["symbolic link", "hard link", "device", "disk", "pipe"],
)
def test_links_and_devices_are_left_out(tmp_path, member, words):
    # What follows a link of the same name does not go through it.
    (left_out,) = unpack(tar_of(("good", b"y"), member, (f"{member[0].name}/passwd", b"z")), tmp_path)
    assert words in left_out
    paths = list(tmp_path.rglob("*"))
    assert all(stat.S_ISREG(os.lstat(path).st_mode) or path.is_dir() for path in paths)
    assert not any(path.is_symlink() for path in paths)


def test_a_bomb_is_not_unpacked(tmp_path):
    bomb = tar_of(("zeros", bytes(40 * 10**6)))
    assert len(bomb) < 100_000
    with pytest.raises(UserError, match=r"a\.tgz unpacks to far more than its size"):
        unpack(bomb, tmp_path, "a.tgz", Limits(files=10))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 30 * 10**6
    # Names can be bombs, too.
    member = tarfile.TarInfo("x" * 30_000_000)
    with pytest.raises(UserError, match="unpacks to far more than its size"):
        unpack(tar_of((member, b"")), tmp_path / "..", "a.tgz", Limits(files=10))


def test_limits_of_bytes_and_files(tmp_path):
    content = tar_of(("a", b"x" * 600), ("b", b"y" * 600), mode="w")
    with pytest.raises(UserError, match="it was not read"):
        unpack(content, tmp_path, "a.tar", Limits(bytes=1000))
    with pytest.raises(UserError, match="more than 1 files"):
        unpack(content, tmp_path, "a.tar", Limits(files=1))
    assert unpack(content, tmp_path, "a.tar", Limits(files=2, bytes=1200)) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "no zip or tar archive"),
        (b"", "no files|no zip or tar"),
        (gzip.compress(b"no archive"), "no zip or tar archive"),
        (tar_of(("a", b"x" * 10_000))[:-30], "cannot be unpacked"),
        (tar_of(("a", os.urandom(10_000)))[:600], "cannot be unpacked"),
        (tar_of(), "holds no files"),
    ],
    ids=["text", "nothing", "packed text", "cut off", "cut in a file", "empty"],
)
def test_a_damaged_or_empty_archive_is_one_sentence(tmp_path, content, words):
    with pytest.raises(UserError, match=words) as refusal:
        unpack(content, tmp_path, "a.tar.gz")
    assert "\n" not in str(refusal.value)


def test_a_file_in_the_place_of_a_folder(tmp_path):
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack(tar_of(("a", b"x"), ("a/b", b"y")), tmp_path, "a.tar")
