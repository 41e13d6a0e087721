"""What the commands print: tables and sentences for people, one JSON object for programs."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.errors import printable
from sandbox.percent import percent

# A file or a pipe has no width; cutting figures off there would lose them.
PLAIN_WIDTH = 160


def console(stderr: bool = False) -> Console:
    """A rich console on the present stdout (or stderr); plain and wide when that is not a terminal.

    What it prints may hold words of others, so `[red]` is no markup unless a call says `markup=True`.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, markup=False, emoji=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """Prints one table. Columns whose name starts with `>` are aligned to the right."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.lstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    out = console()
    with out.capture() as capture:
        if title:
            out.print(printable(title), style="bold")
        out.print(table)
    # rich fills every line up to the table's width.
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))


def figure(number: float, digits: int = 2) -> str:
    """A number with so many digits behind the point, or as many as it takes to show two that count.

    So 0.0148 is `0.015` and not `0.01`, and nothing is `-0.00`.
    """
    if not math.isfinite(number):
        return str(number)
    if 0 < abs(number) < 1:
        digits = max(digits, 1 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{digits}f}" if digits <= 6 else f"{number:.1e}"
    return text if number else text.removeprefix("-")


def share(part: float) -> str:
    """A share in per cent; `0.0 %` and `100.0 %` only where nothing or everything is meant."""
    if 0 < part < 0.0005:
        return "<0.1 %"
    return ">99.9 %" if 0.9995 <= part < 1 else percent(part, 1)


def print_json(record: Mapping[str, Any]) -> None:
    """Prints one JSON object on one line of stdout; NaN and infinities become null, as JSON has none."""
    print(json.dumps(_plain(record), ensure_ascii=False, allow_nan=False), flush=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return _plain(value.tolist())
    return str(value)
