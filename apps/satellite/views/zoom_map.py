"""A map to zoom into, in several layers, with routes over it; a click sets a start or a goal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from apps.studio.browser import component
from apps.studio.browser.packed import photo
from envs.engine import palette

_HTML = """
<div class="map">
  <div class="bar">
    <div class="layers" role="radiogroup" aria-label="What the map shows"></div>
    <div class="zoom"><button type="button" class="out" aria-label="Zoom out">−</button>
      <button type="button" class="in" aria-label="Zoom in">+</button></div>
  </div>
  <div class="window" tabindex="0" role="application"><div class="sheet">
    <img alt="" draggable="false"><svg preserveAspectRatio="none"></svg>
  </div></div>
  <p class="legend"></p><p class="hint"></p>
</div>
"""
_COMPONENT = component.make("zoom_map", Path(__file__).parent, html=_HTML)
SHARP = 4096
"""Pixels of the widest layer that is sent as it is."""


@dataclass(frozen=True)
class Drawn:
    """A route.

    Attributes:
        cells: (N, 2) rows and columns.
        hue: its colour, a name of the palette: `model`, `truth`.
        name: said by the pointer.
    """

    cells: NDArray[np.integer]
    hue: str
    name: str


def zoom_map(
    layers: Mapping[str, NDArray[np.floating]],
    routes: Sequence[Drawn],
    ends: tuple[tuple[int, int], tuple[int, int]],
    *,
    key: str,
    hint: str,
    alt: str,
    legend: Mapping[str, str] | None = None,
) -> tuple[int, int] | None:
    """Show the map.

    Args:
        layers: photos (H, W, 3) in [0, 1] of one size, by what a button calls them; the first one is shown.
        routes: the last one on top.
        ends: row and column of the start, and of the goal.
        key: name of the map; zoom and layer stay as they are while its content changes.
        hint: what a click does.
        alt: what a screen reader says.
        legend: colours, `#rrggbb`, by what they mean.

    Returns:
        Row and column that were just clicked, or None.
    """
    height, width = next(iter(layers.values())).shape[:2]
    result = _COMPONENT(
        key=key,
        data={
            "layers": [{"name": name, "file": photo(values, SHARP)} for name, values in layers.items()],
            "rows": height,
            "columns": width,
            "routes": [
                {
                    "points": (one.cells[:, ::-1] + 0.5).round(1).tolist(),
                    "hue": palette.hexadecimal(one.hue),
                    "name": one.name,
                }
                for one in routes
            ],
            "ends": [list(end) for end in ends],
            "hint": hint,
            "legend": list((legend or {}).items()),
            "alt": alt,
        },
        on_spot_change=lambda: None,
    )
    spot = result.spot
    if not (isinstance(spot, list) and len(spot) == 2 and all(isinstance(each, int) for each in spot)):
        return None
    row, column = spot
    return (row, column) if 0 <= row < height and 0 <= column < width else None
