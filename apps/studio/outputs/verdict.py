"""What a network says to one input, in words that show how sure it is."""

from collections.abc import Sequence

from apps.studio.plain_text import escape

DOUBT = 0.8
"""Below this probability of the first class it is unsure, and the second one is named, too."""
MOST = 60
"""Letters of a class' name."""


def verdict(
    classes: Sequence[str], probabilities: Sequence[float], truth: int | None = None, *, verb: str = "reads"
) -> str:
    """One heading.

    Args:
        classes: names.
        probabilities: one for each class.
        truth: number of the right class, if it is known.
        verb: what a network does with such an input.

    Returns:
        Markdown such as `It reads 4`, `It reads 4, but it is 9` or `Not sure: 4 (59 %) or 9 (30 %)`.
    """
    first, *rest = sorted(range(len(classes)), key=lambda i: -probabilities[i])
    names = [escape(str(name)[:MOST]) for name in classes]
    right = "" if truth is None else ", correct" if truth == first else f", but it is {names[truth]}"
    if probabilities[first] >= DOUBT or not rest:
        return f"It {verb} {names[first]}{right}"
    said = " or ".join(f"{names[i]} ({100 * probabilities[i]:z.0f} %)" for i in (first, rest[0]))
    return f"Not sure: {said}" + ("" if truth is None else f"; it is {names[truth]}")
