"""Text files as people have them."""

import pytest

from sandbox.data.formats import texts
from sandbox.errors import UserError

TEXT = "Grüße aus Köln – 100 €\nzweite Zeile\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_usual_encoding(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    found = texts.read(tmp_path / "a.txt")
    if encoding in ("utf-16-le", "utf-16-be"):  # the euro sign and the dash have no zero byte: still found
        assert found == TEXT
    assert found == TEXT


def test_line_ends_and_accents_are_made_alike(tmp_path):
    (tmp_path / "a.txt").write_bytes("a\r\nb\rc\ne\u0301".encode())
    assert texts.read(tmp_path / "a.txt") == "a\nb\nc\n\u00e9"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
        b"\x00\x01 none",
        b"\xff\xfe\x00",
        bytes(4096),
        b"PK\x03\x04\x00\x00",
    ],
)
def test_binary_is_one_sentence(tmp_path, content):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(UserError, match="is not a text file") as refusal:
        texts.read(tmp_path / "a.txt")
    assert "\n" not in str(refusal.value)


def test_size_is_limited_and_missing_is_told(tmp_path):
    (tmp_path / "a.txt").write_text("x" * 2_000)
    with pytest.raises(UserError, match="larger than 1,000 bytes"):
        texts.read(tmp_path / "a.txt", 1_000)
    with pytest.raises(UserError, match="There is no file"):
        texts.read(tmp_path / "b.txt")


def test_a_folder_says_what_it_leaves_out(tmp_path):
    (tmp_path / "a.TXT").write_text("one")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text("two")
    (tmp_path / "._a.txt").write_text("a helper's")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "broken.txt").write_bytes(b"\x00\x01\x02")
    found, report = texts.documents(tmp_path)
    assert found == {"a.TXT": "one", "deep/b.md": "two"}
    (said,) = report.sentences()
    assert said.startswith("2 of 5 files were read") and "empty.txt" in said and "broken.txt" in said


def test_a_folder_without_texts_is_one_sentence(tmp_path):
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match="There is no text in"):
        texts.documents(tmp_path)
