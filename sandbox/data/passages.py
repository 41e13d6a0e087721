"""Texts cut into passages, and divided into those to learn from and unseen ones."""

from collections.abc import Mapping

import numpy as np

WHOLE = 10
"""Texts from which on whole ones are held out."""


def divided(found: Mapping[str, str], share: float, seed: int) -> tuple[list[str], list[str]]:
    """Texts to learn from and unseen ones, of about this share of all characters.

    Whole texts are held out where there are `WHOLE` or more, none of them longer than the share; of fewer,
    the end of each.
    """
    whole = sum(map(len, found.values()))
    short = [name for name, text in found.items() if len(text) <= share * whole]
    if len(short) < WHOLE:
        cuts = {name: _line_end(text, int((1 - share) * len(text))) for name, text in found.items()}
        return (
            [text[: cuts[name]] for name, text in found.items()],
            [text[cuts[name] :] for name, text in found.items()],
        )
    aside: set[str] = set()
    left = share * whole
    for place in np.random.default_rng(seed).permutation(len(short)):
        name = short[place]
        if len(found[name]) <= left:
            aside.add(name)
            left -= len(found[name])
    kept = [text for name, text in found.items() if name not in aside]
    return kept, [text for name, text in found.items() if name in aside]


def passages(text: str, size: int) -> list[str]:
    """A text cut behind ends of lines into pieces of at most so many characters, and nothing left out."""
    found, begin = [], 0
    while begin < len(text):
        cut = len(text) if len(text) - begin <= size else _line_end(text, begin + size, begin + size // 2)
        found.append(text[begin:cut])
        begin = cut
    return found


def _line_end(text: str, most: int, least: int = 0) -> int:
    """The place behind the last end of a line before `most`, or `most` if there is none behind `least`."""
    cut = text.rfind("\n", least, most) + 1
    return cut if cut > least else most
