"""Sentences from templates: `I ordered a {item} {day}`, with words for what stands in braces."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

SLOT = re.compile(r"\{(\w+)\}")


def filled(
    templates: Sequence[str], slots: Mapping[str, Sequence[str]], count: int, generator: np.random.Generator
) -> list[str]:
    """Up to so many different sentences of each template; one without braces is a sentence already.

    Args:
        templates: sentences.
        slots: words by the names in braces.
        count: of each template.
        generator: draws the words.
    """
    found: dict[str, None] = {}
    for template in templates:
        for _ in range(count if SLOT.search(template) else 1):
            found[SLOT.sub(lambda match: str(generator.choice(slots[match[1]])), template)] = None
    return list(found)
