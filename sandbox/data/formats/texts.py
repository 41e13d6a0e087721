"""Text files as people have them: any common encoding, any line ending, one file or a folder of them."""

import codecs
import re
import unicodedata
from pathlib import Path

from sandbox.data.formats.folders import paths_in
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text

ENDINGS = (".txt", ".md", ".rst", ".text")
"""Of the files in a folder that are read."""
MOST_BYTES = 20_000_000
"""Of one file, and of all files of a folder."""
MOST_FILES = 5_000
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What files begin with that say their encoding."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
LOOKED_AT = 4_096
"""Bytes from which UTF-16 without a mark is found out."""
MOST_CONTROL = 0.01
"""Share of control characters above which bytes are no text."""


def read(path: Path, most_bytes: int = MOST_BYTES) -> str:
    r"""The text of a file, with `\\n` at the ends of lines and composed accents (NFC).

    The encoding is what a mark at its beginning says, else UTF-8, else UTF-16 if every other byte is zero,
    else Windows-1252, in which any bytes are some text.

    Raises:
        UserError: it is missing, too large, or no text; says so in one sentence.
    """
    name = path_text(path)
    try:
        with path.open("rb") as file:  # never more than the limit, whatever the file system says of its size
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise UserError(f"There is no file {name}.") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read because {because(error)}.") from None
    if len(content) > most_bytes:
        raise UserError(f"{name} is larger than {_size(most_bytes)}; use a part of it.")
    return decoded(content, name)


def decoded(content: bytes, name: str) -> str:
    """The text of a file's bytes; see `read`."""
    text = _decoded(content)
    if text is None or len(_CONTROL.findall(text)) > MOST_CONTROL * len(text):
        raise UserError(f"{name} is not a text file.")
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text)


def documents(path: Path, most_bytes: int = MOST_BYTES) -> tuple[dict[str, str], ReadReport]:
    """The texts of a file or of a folder's text files by name, and what was left out.

    Raises:
        UserError: there is no text in it, or more than the limit.
    """
    report = ReadReport()
    if path.is_file():
        report.read = 1
        return {path.name: read(path, most_bytes)}, report
    found: dict[str, str] = {}
    left = most_bytes
    for file in map(Path, paths_in(path)):
        name = path_text(file.relative_to(path))
        if file.suffix.lower() not in ENDINGS:
            report.skip(f"no {', '.join(ENDINGS)}", name)
            continue
        if len(found) == MOST_FILES:
            raise UserError(f"{path_text(path)} holds more than {MOST_FILES:,} texts; use a part of them.")
        try:
            text = read(file, most_bytes)
        except UserError as error:
            report.skip(str(error).removeprefix(f"{path_text(file)} ").rstrip("."), name)
            continue
        if not text.strip():
            report.skip("empty", name)
            continue
        left -= len(text)
        if left < 0:
            raise UserError(
                f"The texts in {path_text(path)} are larger than {_size(most_bytes)}; use some of them."
            )
        found[name] = text
        report.read += 1
    if not found:
        raise UserError(f"There is no text in {path_text(path)}: it takes {', '.join(ENDINGS)} files.")
    return found, report


def _decoded(content: bytes) -> str | None:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                return None
    if b"\0" in content:
        return _without_mark(content)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _without_mark(content: bytes) -> str | None:
    """UTF-16 without a mark: in most languages every other byte is zero. None for any other bytes."""
    head = content[:LOOKED_AT]
    first, second = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 4
    if len(content) % 2 or not (first > half > second or second > half > first):
        return None
    try:
        return content.decode("utf-16-be" if first > second else "utf-16-le")
    except UnicodeDecodeError:
        return None


def _size(count: int) -> str:
    return f"{count // 10**6} MB" if count >= 10**6 else f"{count:,} bytes"
