"""Uploads: kept once, inside their own folder, whatever names and archives they bring."""

import io
import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sandbox.data import archives, uploads
from sandbox.data.uploads import File, forget_unused, keep
from sandbox.errors import UserError
from sandbox.runs import list_broken_runs, list_runs


def archive(members, compression=zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as file:
        for name, text in members:
            file.writestr(name, text)
    return content.getvalue()


def kept_files(runs_root) -> list[str]:
    """Everything below the uploads, seen from each upload's own folder of files."""
    home = runs_root / uploads.FOLDER
    paths = [path for path in home.rglob("*") if path.is_file() and path.name != "skipped.txt"]
    return sorted("/".join(path.relative_to(home).parts[2:]) for path in paths)


def test_one_file_is_itself_and_kept_once(runs_root):
    first, again = (keep([File("table.csv", b"a,b\n1,2\n")]) for _ in range(2))
    assert first == again and first.path.read_bytes() == b"a,b\n1,2\n"
    assert first.path.name == "table.csv" and kept_files(runs_root) == ["table.csv"]
    assert keep([File("table.csv", b"a,b\n1,3\n")]).path != first.path
    assert uploads.is_kept(first.path) and not uploads.is_kept(runs_root)


def test_files_of_classes_lie_in_folders_of_their_classes():
    found = keep([File("1.png", b"a", "cats"), File("1.png", b"b", "cats"), File("1.png", b"c", "dogs")])
    held = {
        folder.name: sorted(file.read_bytes() for file in folder.iterdir()) for folder in found.path.iterdir()
    }
    assert held == {"cats": [b"a", b"b"], "dogs": [b"c"]}


def test_a_zip_is_unpacked_down_to_its_classes():
    found = keep(
        [
            File(
                "pets.zip",
                archive(
                    [
                        ("pets/cats/1.png", "a"),
                        ("pets/dogs/1.png", "b"),
                        ("__MACOSX/pets/._1.png", "x"),
                        (".DS_Store", "x"),
                    ]
                ),
            )
        ]
    )
    assert found.path.name == "pets" and sorted(path.name for path in found.path.iterdir()) == [
        "cats",
        "dogs",
    ]
    assert found.skipped == ()


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "..\\evil.txt", "\\evil.txt"]
)
def test_nothing_is_written_outside(runs_root, name):
    found = keep([File("a.zip", archive([(name, "x"), ("good/1.txt", "y"), ("good/2.txt", "y")]))])
    assert [sentence.split()[-5:] for sentence in found.skipped] == [
        ["archive", "and", "was", "left", "out."]
    ]
    assert kept_files(runs_root) == ["good/1.txt", "good/2.txt"]
    again = keep([File("a.zip", archive([(name, "x"), ("good/1.txt", "y"), ("good/2.txt", "y")]))])
    assert again.skipped == found.skipped  # what was left out is remembered


def test_a_link_in_an_archive_is_left_out(runs_root):
    link = zipfile.ZipInfo("good/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = keep([File("a.zip", archive([(link, "/etc/passwd"), ("good/1.txt", "y")]))])
    assert len(found.skipped) == 1 and kept_files(runs_root) == ["good/1.txt"]


@pytest.mark.parametrize(
    "name",
    ["../../x.png", "a/b.png", "C:\\x.png", "x\0.png", "...", "", "x" * 500, "\u202egnp.png", "a\nb.png"],
)
def test_names_of_files_and_classes_never_lead_elsewhere(runs_root, name):
    found = keep([File(name, b"1", "one"), File(name, b"2", name), File("other", b"3", "two")])
    home = (runs_root / uploads.FOLDER).resolve()
    files = [path for path in found.path.rglob("*") if path.is_file()]
    assert len(files) == 3 and all(home in path.resolve().parents for path in files)
    assert all(len(path.name) <= archives.MAX_NAME + 10 and path.name.isprintable() for path in files)


def test_a_bomb_is_not_unpacked(runs_root):
    bomb = archive([("zeros.png", bytes(40 * 10**6))])
    assert len(bomb) < 100_000
    with pytest.raises(UserError, match="unpacks to far more than its size"):
        keep([File("bomb.zip", bomb)])
    assert kept_files(runs_root) == [] and list((runs_root / uploads.FOLDER).iterdir()) == []


def test_sizes_that_an_archive_claims_do_not_count(monkeypatch, runs_root):
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    content = archive([("a.txt", "x" * 600), ("b.txt", "y" * 600)], zipfile.ZIP_STORED)
    with pytest.raises(UserError, match="it was not read"):
        keep([File("a.zip", content)])
    with pytest.raises(UserError, match="larger than"):
        keep([File("a", b"x" * 600), File("b", b"y" * 600)])
    assert kept_files(runs_root) == []


def test_too_many_files(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    with pytest.raises(UserError, match="3 files; at most 2"):
        keep([File("a.zip", archive([(f"{i}.txt", "") for i in range(3)]))])
    with pytest.raises(UserError, match="3 files were uploaded; at most 2"):
        keep([File(str(i), b"") for i in range(3)])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", r"a\.zip is no zip archive"),
        (archive([("a.txt", "x" * 1000)])[:60], r"a\.zip is no zip archive"),
        (archive([]), r"a\.zip holds no files"),
        (archive([(".hidden", "x")]), r"a\.zip holds no files"),
    ],
    ids=["text", "cut off", "empty", "hidden files only"],  # bytes of an archive hold the time
)
def test_a_damaged_or_empty_archive_is_one_sentence(content, words):
    with pytest.raises(UserError, match=words):
        keep([File("a.zip", content)])


def test_nothing_uploaded():
    with pytest.raises(UserError, match="Nothing was uploaded"):
        keep([])


def test_damage_inside_an_archive_is_one_sentence():
    content = bytearray(archive([("a.txt", os.urandom(2000))], zipfile.ZIP_STORED))
    content[500] ^= 255
    with pytest.raises(UserError, match=r"a\.zip cannot be unpacked"):
        keep([File("a.zip", bytes(content))])


def test_uploads_are_no_runs_and_go_when_no_run_learns_from_them(runs_root):
    used, unused = (keep([File("1.txt", text)]).path for text in (b"used", b"unused"))
    assert list_runs() == [] and list_broken_runs() == []
    assert forget_unused([used]) == 0  # somebody may be about to train on it
    assert forget_unused([Path("/elsewhere"), used], age=0.0) == 1
    assert used.exists() and not unused.exists()


@pytest.mark.thorough
def test_an_archive_of_arrays_stays_one_file():
    content = io.BytesIO()
    np.savez_compressed(content, one=np.zeros(3))
    kept = keep([File("set.NPZ", content.getvalue())])
    assert kept.path.name == "set.NPZ" and kept.path.read_bytes() == content.getvalue()
