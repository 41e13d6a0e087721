"""Text of others as plain text: what a file, a link, a run or an error says is never read as Markdown.

Streamlit draws most texts as Markdown, in which a picture makes the browser ask another computer for it.
Every text that this project did not write itself goes through `escape` on its way to a page.
"""

import re

_SPECIAL = re.compile(r"[\\`*\[\]<>&$~]|:(?=\S)|(?<!\w)_|_(?!\w)")
"""What begins or ends anything inside a line: in Markdown, in formulas or in Streamlit's own additions."""
_LINE = re.compile(r"^(\d*)([-+=#.)])")
"""What makes a line a heading, a rule or an entry of a list."""
_JOINER = "\u2060"
"""A character of no width: addresses and icons are looked for even in what is plain text already."""
_LOOKED_FOR = re.compile(r"(?<=:)(?=//|[\w+-]+(?:/\w+)?:)|(?<=\bwww)(?=\.)|(?<=\w)(?=@\w)", re.IGNORECASE)
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def escape(text: object) -> str:
    """Markdown that shows a text as it is, on one line.

    Args:
        text: anything; what it is as a string is shown.
    """
    return _LINE.sub(r"\1\\\2", _inside(" ".join(str(text).split())))


def sentence(text: object) -> str:
    """The same for a sentence made for people: its `commands` stay code, and nothing else is Markdown."""
    line = " ".join(str(text).split())
    parts, last = [], 0
    for found in _CODE.finditer(line):
        parts += [_inside(line[last : found.start()]), found[0]]
        last = found.end()
    return _LINE.sub(r"\1\\\2", "".join([*parts, _inside(line[last:])]))


def _inside(line: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", _LOOKED_FOR.sub(_JOINER, line))
