"""What a fingerprint sees, and what it does not look at."""

import os
import shutil

import pytest

from sandbox.data import fingerprint as module
from sandbox.data.fingerprint import OtherDataError, Source, described, fingerprint, located, source_of
from sandbox.errors import UserError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pics"
    for name in ("a/1.png", "a/2.png", "b/3.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode() * 100)
    return root


def test_a_copy_elsewhere_has_the_same_fingerprint(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    assert fingerprint(folder) == fingerprint(tmp_path / "copy")
    assert fingerprint(folder)["files"] == 3 and fingerprint(folder)["bytes"] == 2100


def test_names_sizes_and_content_all_count(folder):
    before = fingerprint(folder)["digest"]
    seen = {before}
    (folder / "a" / "1.png").write_bytes(b"x" + b"a/1.png" * 99 + b"/1.png")  # same size
    seen.add(fingerprint(folder)["digest"])
    (folder / "a" / "1.png").write_bytes(b"a/1.png" * 101)
    seen.add(fingerprint(folder)["digest"])
    (folder / "a" / "1.png").write_bytes(b"a/1.png" * 100)
    assert fingerprint(folder)["digest"] == before
    (folder / "a" / "1.png").rename(folder / "a" / "0.png")
    seen.add(fingerprint(folder)["digest"])
    (folder / "a" / "0.png").rename(folder / "b" / "1.png")
    seen.add(fingerprint(folder)["digest"])
    assert len(seen) == 5


def test_what_programs_leave_behind_does_not_count(folder):
    before = fingerprint(folder)
    for name in ("a/.DS_Store", "a/Thumbs.db", ".ipynb_checkpoints/1.png", "@eaDir/1.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "a" / "gone.png").symlink_to("nowhere")
    assert fingerprint(folder) == before


def test_a_file_may_be_renamed_and_any_change_at_its_end_or_beginning_is_seen(tmp_path):
    file = tmp_path / "series.csv"
    content = bytes(range(256)) * 40_000  # larger than what is looked at
    file.write_bytes(content)
    before = fingerprint(file)
    file.rename(tmp_path / "other.csv")
    assert fingerprint(tmp_path / "other.csv") == before
    for changed in (b"x" + content[1:], content[:-1] + b"x", content + b"x"):
        file.write_bytes(changed)
        assert fingerprint(file) != before


def test_only_some_of_many_files_are_opened(tmp_path, monkeypatch):
    (tmp_path / "many").mkdir()
    for i in range(1_000):
        (tmp_path / "many" / f"{i}.png").touch()
    opened = []
    really = module._sample
    monkeypatch.setattr(module, "_sample", lambda file, *rest: opened.append(file) or really(file, *rest))
    assert fingerprint(tmp_path / "many")["files"] == 1_000
    assert len(opened) <= module.SAMPLED
    monkeypatch.setattr(module, "MOST_FILES", 999)
    with pytest.raises(UserError, match="more than 999 files"):
        fingerprint(tmp_path / "many")


def test_a_path_becomes_absolute_and_a_name_stays(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert located("a") == str(folder / "a")
    assert located("../pics/b/3.png") == str(folder / "b" / "3.png")
    assert located("a", {"a"}) == "a"  # a built-in set, whatever lies here
    assert located("no such") == "no such"
    assert located(None) is None
    assert described("a", ("a",)) == {"data": "a", "data_fingerprint": None}
    assert described(None) == {"data": None, "data_fingerprint": None}


def test_a_path_that_is_not_utf_8_is_one_sentence(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        path.mkdir()
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    with pytest.raises(UserError, match=r"caf\\xe9 is not UTF-8; rename"):
        located(str(path))


def test_a_source_says_what_has_changed(folder):
    source = source_of("my-run", described(str(folder)))
    assert source.checked() == str(folder)
    (folder / "a" / "1.png").write_bytes(b"b" * 700)
    with pytest.raises(OtherDataError, match="is not what my-run was trained on: files in it have changed"):
        source.checked()
    (folder / "a" / "1.png").unlink()
    with pytest.raises(OtherDataError, match="it held 3 files then and holds 2 now"):
        source.checked()
    shutil.rmtree(folder)
    with pytest.raises(OtherDataError, match="which my-run was trained on, is not there any more"):
        source.checked()


@pytest.mark.parametrize("kept", [None, "x", [], {}, {"digest": 3, "files": "x"}])
def test_a_run_that_kept_no_fingerprint_is_believed(kept):
    assert source_of("old", {"data": "/no/such", "data_fingerprint": kept}).checked() == "/no/such"
    assert source_of("old", {}) == Source("old", None)
    assert source_of("old", {"data": 3}).checked() is None
