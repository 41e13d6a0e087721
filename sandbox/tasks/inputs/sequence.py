"""Sequences: numbers, bits, marks or symbols over time, typed or changed by clicks."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import tables
from sandbox.errors import UserError

MOST_BYTES = 1_000_000
Cells = Mapping[str, Sequence[float]]
"""What is in each channel, by its name: numbers as the network takes them, 0 and 1, or symbols' positions."""


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One row of a sequence.

    Attributes:
        name: of the row.
        what: numbers; bits; marks of the numbers before them; symbols, with a column (one-hot) for each.
        range: ends of the numbers.
        bounded: whether numbers outside of the range are refused.
        scale: mean and standard deviation that the network's numbers were scaled by.
        symbols: that a person may choose, a character each.
        others: symbols that only stand in `tail`; their positions follow those of `symbols`.
        tail: positions of the symbols behind those that can be chosen, always the same.
    """

    name: str
    what: Literal["number", "bit", "mark", "symbol"]
    range: tuple[float, float] = (0.0, 1.0)
    bounded: bool = False
    scale: tuple[float, float] = (0.0, 1.0)
    symbols: str = ""
    others: str = ""
    tail: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Numbers per time step that the network gets."""
        return len(self.symbols + self.others) if self.what == "symbol" else 1

    def columns(self, cells: Sequence[float]) -> NDArray[np.float32]:
        """Cells as the network takes them, (T, width)."""
        if self.what != "symbol":
            return np.asarray(cells, np.float32)[:, None]
        count = len(cells) - len(self.tail)
        chosen = np.clip(np.asarray(cells[:count], int), 0, len(self.symbols) - 1)
        return np.eye(self.width, dtype=np.float32)[[*chosen, *self.tail]]

    def cells(self, columns: NDArray[Any]) -> list[float]:
        """The reverse of `columns`."""
        return columns.argmax(1).tolist() if self.what == "symbol" else columns[:, 0].tolist()


@dataclass(frozen=True, kw_only=True)
class SequenceInput:
    """A sequence is an array (T, D): the columns of its channels side by side.

    Attributes:
        length: time steps that were learned, T.
        channels: what there is at each step.
        prompt: what is to be answered, one sentence.
        example: how a sequence is typed: `0 and 1`.
        endless: whether a rule makes such sequences, of any length.
    """

    length: int
    channels: Sequence[Channel]
    prompt: str
    example: str
    endless: bool = False
    kind: ClassVar[str] = "sequence"
    files: ClassVar[str] = "a text file with one sequence, as it is typed on the page"

    def read(self, file: Path) -> str:
        """The text of a file.

        Raises:
            UserError: it cannot be read, or is too long.
        """
        return tables.text_of(file, MOST_BYTES)

    def encode(self, raw: str | Cells) -> NDArray[np.float32]:
        """A sequence (T, D) from what was typed, or from the cells of each channel.

        Raises:
            UserError: the text does not fit; says what would.
        """
        cells = self.parse(raw) if isinstance(raw, str) else raw
        return np.concatenate([channel.columns(cells[channel.name]) for channel in self.channels], 1)

    def cells(self, value: Any) -> dict[str, list[float]]:
        """What is in each channel of a sequence (T, D)."""
        ends = np.cumsum([channel.width for channel in self.channels])[:-1]
        parts = np.split(np.asarray(value), ends, 1)
        return {channel.name: channel.cells(part) for channel, part in zip(self.channels, parts, strict=True)}

    def text(self, value: Any) -> str:
        """A sequence as it is typed: `parse` reads it again."""
        rows, first = list(self.cells(value).values()), self.channels[0]
        if first.what == "symbol":
            count = len(rows[0]) - len(first.tail)
            return "".join(first.symbols[int(cell)] for cell in rows[0][:count])
        if first.what == "bit":
            return "".join(str(int(cell)) for cell in rows[0])
        mean, std = first.scale
        marks = rows[1] if len(rows) > 1 else [0.0] * len(rows[0])
        pairs = zip(rows[0], marks, strict=True)
        return " ".join(f"{mean + std * cell:.9g}{'*' if mark else ''}" for cell, mark in pairs)

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a sequence into a text file."""
        path = folder / f"{stem}.txt"
        path.write_text(self.text(value) + "\n", encoding="utf-8")
        return path

    def parse(self, text: str) -> dict[str, list[float]]:
        """Cells from typed text: `0.2 0.7* ...` with marks, `ABCDE`, `0110...`, or numbers.

        Raises:
            UserError: it does not fit; says what would.
        """
        first = self.channels[0]
        if first.what == "symbol":
            return {first.name: self._symbols(first, text)}
        if first.what == "bit":
            bits = [character for character in text if not character.isspace()]
            if len(bits) != self.length or set(bits) - {"0", "1"}:
                raise UserError(f"Type {self.length} bits, each 0 or 1.")
            return {first.name: [float(bit) for bit in bits]}
        words = [word for word in re.split(r"[\s;,]+", text.strip()) if word]
        marked = len(self.channels) > 1
        try:
            numbers = [float(word.removesuffix("*") if marked else word) for word in words]
        except ValueError:
            raise UserError(f"Type {self.length} numbers with spaces between them.") from None
        if len(numbers) != self.length or not all(math.isfinite(number) for number in numbers):
            raise UserError(f"Type {self.length} numbers, not {len(numbers)}.")
        low, high = first.range
        if first.bounded and not low <= min(numbers) <= max(numbers) <= high:
            raise UserError(f"The numbers are from {low:g} to {high:g}; the network has learned no others.")
        mean, std = first.scale
        found = {first.name: [(number - mean) / std for number in numbers]}
        if marked:
            found[self.channels[1].name] = [float(word.endswith("*")) for word in words]
        return found

    def _symbols(self, channel: Channel, text: str) -> list[float]:
        count = self.length - len(channel.tail)
        found = [channel.symbols.find(letter) for letter in text.upper() if not letter.isspace()]
        if len(found) != count or min(found, default=-1) < 0:
            first, last = channel.symbols[0], channel.symbols[-1]
            raise UserError(
                f"Type {count} letters from {first} to {last}, such as {channel.symbols[:count]}."
            )
        return [float(cell) for cell in (*found, *channel.tail)]
