"""Components with a script in the browser: each is made here, so that none can fail without a word."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_GUARD = (_HERE / "guard.js").read_text(encoding="utf-8")
_ENTRY = re.compile(r"^export default function (build)?(?=\()", re.MULTILINE)
_BUILT = "const drawComponent = (component) => drawBuilt(component, build);\n"


def make(
    name: str, folder: Path = _HERE, *, html: str, css: Sequence[str] = (), js: Sequence[str] = ()
) -> Callable[..., Any]:
    """Make a component of Streamlit's second kind.

    Args:
        name: unique among all components.
        folder: where its files lie; those that are not there are the studio's own.
        html: what its script fills.
        css: names of style sheets; by default that of the component's name.
        js: names of scripts, joined in this order; by default that of the component's name. One of them
            exports a default function: `function (component)` draws each time, `function build(root)` makes
            once what has `update(data, component)` and `stop()`. `guard.js` stands around them: an error in
            any of them becomes a sentence in the component's place.

    Raises:
        ValueError: not exactly one script exports a default function.
    """
    return component(
        name, html=html, css=_joined(folder, css or [f"{name}.css"]), js=script(folder, js or [f"{name}.js"])
    )


def script(folder: Path, names: Sequence[str]) -> str:
    """The scripts of a component as one, with the guard around them."""
    joined = _joined(folder, names)
    entries = _ENTRY.findall(joined)
    if len(entries) != 1:
        raise ValueError(f"one of {', '.join(names)} must begin a line with `export default function (`")
    joined = _ENTRY.sub(f"function {entries[0] or 'drawComponent'}", joined)
    return f"{joined}\n{_BUILT if entries[0] else ''}{_GUARD}"


def _joined(folder: Path, names: Sequence[str]) -> str:
    paths = [folder / name if (folder / name).is_file() else _HERE / name for name in names]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
