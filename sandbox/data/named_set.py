"""What is known of a public data set before it is fetched: where it lies, what it holds, whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.data.remote_file import RemoteFile

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

PICTURES = "pictures by class"


@dataclass(frozen=True, kw_only=True)
class NamedSet:
    """A public data set.

    Attributes:
        name: as commands take it: `fashion-mnist`.
        title: as people call it: `Fashion-MNIST`.
        about: one sentence: how many of what, from whom.
        kind: what it holds: `pictures by class`, `recordings`, `text`.
        licence: under which its makers give it.
        citation: the paper to cite.
        homepage: of its makers.
        files: what is fetched.
        roughly: bytes to fetch where nobody publishes the exact number.
        unpacked: bytes that it takes on the disk, at most, with the archives unpacked; 0 if there are none.
        most_files: that its archives hold.
        inside: folder in the archive that holds the data.
        images: reads the pictures of the folder, scaled to a side unless they are of one size, split with a
            seed unless its makers have split them; None for sets that hold something else.
    """

    name: str
    title: str
    about: str
    kind: str
    licence: str
    citation: str
    homepage: str
    files: Sequence[RemoteFile]
    roughly: int = 0
    unpacked: int = 0
    most_files: int = 200_000
    inside: str = ""
    images: Callable[[Path, int, int], LabelledImages] | None = None

    @property
    def size(self) -> int:
        """Bytes to fetch, in all; 0 if nobody knows."""
        sizes = [file.size for file in self.files]
        return sum(sizes) if all(sizes) else self.roughly

    @property
    def is_pinned(self) -> bool:
        """Whether a checksum of every file is published."""
        return all(file.checksum for file in self.files)
