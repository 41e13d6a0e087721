"""Python's own reference text: the topics that `help("for")` shows, which come with every Python.

About 80 topics of the language reference, 460,000 characters; how many depends on the version. Sections of
the reference stand in several topics, so a paragraph is kept only where it is met first, in the longest one.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

NAME = "Python's reference text"
LICENCE = "PSF License; Python Software Foundation, The Python Language Reference"
SHORT = 60
"""Characters of a paragraph below which it may come again: `For example:`."""
LEAST = 500
"""Characters that a topic must have left to count."""


@lru_cache(maxsize=1)
def topics() -> Mapping[str, str]:
    """Text by topic, no longer paragraph twice; the longest topic first."""
    from pydoc_data.topics import topics as found

    seen: set[str] = set()
    kept: dict[str, str] = {}
    for name in sorted(found, key=lambda name: (-len(found[name]), name)):
        paragraphs = []
        for paragraph in re.split(r"\n[ \t]*\n", found[name]):
            words = " ".join(paragraph.split())
            if len(words) < SHORT or words not in seen:
                seen.add(words)
                paragraphs.append(paragraph)
        text = "\n\n".join(paragraphs).strip("\n") + "\n"
        if len(text) >= LEAST:
            kept[name] = text
    return kept
