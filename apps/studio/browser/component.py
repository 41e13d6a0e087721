"""Components with a script in the browser: each is made here, so that none can fail without a word."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_GUARD = (_HERE / "guard.js").read_text(encoding="utf-8")
_ENTRY = re.compile(r"^export default function (?=\()", re.MULTILINE)


def make(name: str, folder: Path, *, html: str, css: Sequence[str], js: Sequence[str]) -> Callable[..., Any]:
    """Make a component of Streamlit's second kind.

    Args:
        name: unique among all components.
        folder: where its files lie; those that are not there are the studio's own.
        html: what its script fills.
        css: names of style sheets.
        js: names of scripts, joined in this order; one of them exports a default function. `guard.js` stands
            around them: an error in any of them becomes a sentence in the component's place.

    Raises:
        ValueError: not exactly one script exports a default function.
    """
    return component(name, html=html, css=_joined(folder, css), js=script(folder, js))


def script(folder: Path, names: Sequence[str]) -> str:
    """The scripts of a component as one, with the guard around them."""
    joined, entries = _ENTRY.subn("function drawComponent", _joined(folder, names))
    if entries != 1:
        raise ValueError(f"one of {', '.join(names)} must begin a line with `export default function (`")
    return f"{joined}\n{_GUARD}"


def _joined(folder: Path, names: Sequence[str]) -> str:
    paths = [folder / name if (folder / name).is_file() else _HERE / name for name in names]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
