"""Films of a training: the duel in the plane, and the sheet that unfolds, with pause and single steps."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser import component

_HERE = Path(__file__).parent / "browser"
_BAR = """
<div class="bar">
  <button class="play" type="button">Play</button>
  <button class="back" type="button" aria-label="One frame back">&#8249;</button>
  <button class="on" type="button" aria-label="One frame on">&#8250;</button>
  <input type="range" min="0" value="0" step="1" aria-label="Frame">
  <select aria-label="Speed"><option value="900">slow</option><option value="220" selected>medium</option>
    <option value="80">fast</option></select>
</div>
<p class="told"></p>
"""
_DUEL = component.make(
    "latent_duel",
    _HERE,
    html=f'<div class="film"><canvas class="stage" role="img"></canvas>{_BAR}</div>',
    css=["film.css"],
    js=["ink.js", "transport.js", "duel.js"],
)
_SHEET = component.make(
    "latent_sheet",
    _HERE,
    html=f'<div class="film"><div class="views"><canvas class="map" tabindex="0" role="application"></canvas>'
    '<canvas class="space" tabindex="0" role="application"'
    f' aria-label="The sheet among the data; arrows turn it"></canvas></div><p class="said"></p>{_BAR}</div>',
    css=["film.css"],
    js=["ink.js", "transport.js", "sheet.js"],
)


def show_duel(data: Mapping[str, Any], *, key: str) -> None:
    """Show the duel.

    Args:
        data: `token`, which changes whenever something else is to be seen; `film`, which names the film;
            `begin`, whether it starts by itself at its first frame; `frames`, each with `told`, `belief`,
            `made` and perhaps `pull` and `mesh`; `real`, `side`, `edge`, `hues`, `alt`.
        key: name of the film in the session.
    """
    _DUEL(key=key, data=dict(data))


def show_sheet(data: Mapping[str, Any], *, key: str) -> int | None:
    """Show the sheet; returns the unit that was clicked.

    Args:
        data: `token`, `film`, `begin` as above; `frames`, each with `told` and `codebook`; `shape`, `rows`,
            `columns`, `axes`, `middle`, `spread`, `cloud`, `cloudHues`, `unitHues`, `notes`, `hint`, `alt`.
        key: name of the film in the session.
    """
    _SHEET(key=key, data=dict(data), on_unit_change=lambda: None)
    state = st.session_state.get(key)
    found: Any = state.get("unit") if state else None
    if not found or found.get("film") != data["film"]:
        return None
    unit = found.get("unit")
    return unit if isinstance(unit, int) and 0 <= unit < data["rows"] * data["columns"] else None


def shorts(points: np.ndarray) -> str:
    """Points in the plane as thousandths, base64."""
    return base64.b64encode(np.round(1000 * points).clip(-32000, 32000).astype("<i2").tobytes()).decode()


def bytes_of(shares: np.ndarray) -> str:
    """Shares in [0, 1] as bytes, base64."""
    return base64.b64encode(np.round(255 * shares.clip(0, 1)).astype(np.uint8).tobytes()).decode()


def floats(values: np.ndarray) -> str:
    """Numbers as 32-bit floats, base64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()
