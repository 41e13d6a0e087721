"""What every kind of input offers.

A kind whose inputs are in no file, such as the noise of a generator, has `files = ""`, a `read` that raises
`UserError`, and `draw`; see `Drawn`. `sandbox predict RUN --save FOLDER` saves the answers to drawn inputs.
A kind of which one file holds many, such as the rows of a table, has `encode_all(raw)`, which gives them as a
batch.
"""

from pathlib import Path
from typing import Any, ClassVar, Protocol


class Input(Protocol):
    """A kind of input.

    Attributes:
        kind: its name: `image`.
        files: what files it reads, as in "takes a picture (PNG, JPEG or WEBP)"; empty if it reads none.
    """

    kind: ClassVar[str]
    files: ClassVar[str]

    def read(self, file: Path, /) -> Any:
        """What is in a file, before it is made to fit a network.

        Raises:
            UserError: it cannot be read, or this kind is never in a file; says why.
        """
        ...

    def encode(self, raw: Any, /) -> Any:
        """The input as the network takes it, from what `read` or a page's control gives.

        Raises:
            UserError: it does not fit; says why.
        """
        ...

    def write(self, value: Any, folder: Path, stem: str, /) -> Path:
        """Write an input, as the network takes it, into a file; `read` and `encode` make it again."""
        ...


class Drawn(Input, Protocol):
    """A kind of input that can be drawn at random."""

    def draw(self, count: int, seed: int, /) -> Any:
        """A batch of so many inputs, as `Predictor.predict` takes it; the same for the same seed."""
        ...
