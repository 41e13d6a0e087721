"""A yardstick for predicting text: how small a compressor makes it, having seen the training text."""

import lzma
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float

from sandbox.errors import UserError
from sandbox.tasks.inputs.text import Text as Input
from sandbox.tasks.outputs.text import Text

GROUPS = 8
"""Parts, at most, in which texts are packed, each behind all of the training text."""
PACKED = 4_000_000
"""Bytes that are packed in all, about."""
WINDOW = 8 * 2**20
"""Bytes that xz looks back."""


class Xz:
    """The compressor `xz`: what a text adds to the packed training text.

    Args:
        texts: of the training.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.input, self.output = Input(goes_on=True), Text()
        # It looks back no further than its window.
        self.known = "\n".join(text[-WINDOW:] for text in texts)[-WINDOW:].encode("utf-8", "replace")

    @cached_property
    def size(self) -> int:
        """Bytes of the packed training text."""
        return _packed(self.known)

    def total_bits(self, texts: Sequence[str]) -> Float[np.ndarray, " N"]:
        """What each text adds, in bits; texts of a group share what the group adds, by their length."""
        found = np.zeros(len(texts))
        groups = min(GROUPS, len(texts), max(1, PACKED // (len(self.known) + 1)))
        for rows in np.array_split(np.arange(len(texts)), groups):
            group = [str(texts[row]).encode("utf-8", "replace") for row in rows]
            bits = 8 * (_packed(self.known + b"".join(group)) - self.size)
            lengths = np.array([max(1, len(text)) for text in group])
            found[rows] = bits * lengths / lengths.sum()
        return found

    def predict(self, inputs: object) -> list[str]:
        """Refuse.

        Raises:
            UserError: always.
        """
        raise UserError("A compressor writes no text.")


def _packed(content: bytes) -> int:
    """Bytes of the content in xz's own format, without headers."""
    return len(lzma.compress(content, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}]))
