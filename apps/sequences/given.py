"""The sequence that a person looks at: a held-out one, changed by clicks, or typed in."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from apps.studio.browser.sequence_strip import Row
from sandbox.data.sequences import ALPHABET, written_out
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.sequences.reading import Look

LETTERS = "ABCDEFGH"
SYMBOLS = (*LETTERS, "·", "?")
"""Of the copying problem: eight symbols, nothing, and the question."""


def rows_of(look: "Look", index: int) -> list[Row]:
    """A held-out sequence as rows that can be changed."""
    x = look.held_out.inputs[index % len(look.held_out.inputs)]
    values = x[:, 0].tolist()
    if look.name == "adding":
        marks = x[:, 1].tolist()
        lit = [bool(mark) for mark in marks]
        return [
            Row(name="number", kind="bar", values=values, editable=len(values), lit=lit),
            Row(name="marked", kind="mark", values=marks, editable=len(marks)),
        ]
    if look.name == "copying":
        codes = x.argmax(1).tolist()
        return [
            Row(name="reads", kind="symbol", values=codes, editable=look.settings.symbols, choices=SYMBOLS)
        ]
    if look.name == "echo":
        return [Row(name="hears", kind="bit", values=values, editable=len(values))]
    low, high = float(look.held_out.inputs.min()), float(look.held_out.inputs.max())
    return [Row(name="series", kind="bar", values=values, editable=len(values), range=(low, high))]


def inputs_of(look: "Look", values: Mapping[str, Sequence[float]]) -> Tensor:
    """Inputs (1, T, D) from what is in the rows."""
    if look.name == "adding":
        return torch.tensor([values["number"], values["marked"]]).float().T[None]
    if look.name == "copying":
        symbols = torch.tensor(values["reads"][: look.settings.symbols]).long().clamp(0, ALPHABET - 1)
        return written_out(symbols[None], look.settings.length)
    (row,) = values.values()
    return torch.tensor(row).float()[None, :, None]


def truth_of(look: "Look", values: Mapping[str, Sequence[float]], index: int) -> list[float] | None:
    """The right answers; None where nobody knows: what follows a series that somebody has changed."""
    if look.name == "adding":
        return [sum(n * m for n, m in zip(values["number"], values["marked"], strict=True))]
    if look.name == "copying":
        return list(values["reads"][: look.settings.symbols])
    if look.name == "echo":
        return list(values["hears"][: look.settings.length - look.settings.delay])
    row = look.held_out.inputs[index % len(look.held_out.inputs)][:, 0]
    same = all(math.isclose(a, b, abs_tol=2e-3) for a, b in zip(values["series"], row.tolist(), strict=True))
    return [float(look.held_out.targets[index % len(look.held_out.targets), -1, 0])] if same else None


def typed(look: "Look", text: str) -> dict[str, list[float]]:
    """Rows from typed text: `0.2 0.7* ...` with marks, `ABCDE`, `0110...`, or numbers.

    Raises:
        UserError: it does not fit; says what would.
    """
    length = look.settings.length
    if look.name == "copying":
        symbols = look.settings.symbols
        found = [LETTERS.find(letter) for letter in text.upper() if not letter.isspace()]
        if len(found) != symbols or min(found) < 0:
            raise UserError(f"Type {symbols} letters from A to H, such as {LETTERS[:symbols]}.")
        return {"reads": [*found, *rows_of(look, 0)[0].values[symbols:]]}
    if look.name == "echo":
        bits = [character for character in text if not character.isspace()]
        if len(bits) != length or set(bits) - {"0", "1"}:
            raise UserError(f"Type {length} bits, each 0 or 1.")
        return {"hears": [float(bit) for bit in bits]}
    words = [word for word in re.split(r"[\s;,]+", text.strip()) if word]
    marks = [float(word.endswith("*")) for word in words]
    try:
        numbers = [float(word.removesuffix("*")) for word in words]
    except ValueError:
        raise UserError(f"Type {length} numbers with spaces between them.") from None
    if len(numbers) != length or not all(math.isfinite(number) for number in numbers):
        raise UserError(f"Type {length} numbers, not {len(numbers)}.")
    if look.name == "forecast":
        from apps.sequences import forecast

        series = forecast.series(look.run.config.get("data"), look.settings.column, length)
        return {"series": [(number - series.mean) / series.std for number in numbers]}
    if min(numbers) < 0 or max(numbers) > 1:
        raise UserError("The numbers are from 0 to 1; nothing else was learned.")
    return {"number": numbers, "marked": marks}
