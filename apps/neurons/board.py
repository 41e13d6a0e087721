"""The playground's board: points to paint, the network's answer under them, and a map for each neuron."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from apps.studio.browser import component

_HERE = Path(__file__).parent
_HTML = """
<div class="board">
  <div>
    <canvas class="stage" tabindex="0" role="application"></canvas>
    <div class="row tools" role="group" aria-label="Brush" hidden></div>
    <p class="words"></p>
  </div>
  <div>
    <div class="net"></div>
    <div class="row editor">
      <select aria-label="Weight"
        title="Every weight and bias; a click on a wire or a neuron chooses one, too"></select>
      <input type="range" min="-5" max="5" step="0.01" aria-label="Its value">
      <input type="number" step="0.1" min="-100" max="100" aria-label="Its value as a number">
    </div>
  </div>
</div>
"""
_COMPONENT = component.make(
    "neuron_board",
    _HERE,
    html=_HTML,
    css=["board.css"],
    js=["pixels.js", "net.js", "board.js"],
)


def acts(key: str) -> Mapping[str, Any]:
    """What a person did on the board and Python has not answered yet, by kind: `paint` and `turn`.

    Each is told once: call `done` with it.
    """
    state = st.session_state.get(key)
    found = state.get("acts") if state else None
    if not isinstance(found, Mapping):
        return {}
    known = st.session_state.get(f"{key}:acks", {})
    return {
        kind: act
        for kind, act in found.items()
        if isinstance(act, Mapping) and act.get("id") is not None and known.get(kind) != act["id"]
    }


def done(key: str, kind: str, act: Mapping[str, Any]) -> None:
    """Tell the browser that what a person did has arrived."""
    st.session_state.setdefault(f"{key}:acks", {})[kind] = act["id"]


def board(data: Mapping[str, Any], *, key: str) -> None:
    """Show the board.

    Args:
        data: as `frames.frame` makes it.
        key: name of the board in the session.
    """
    acks = st.session_state.get(f"{key}:acks", {})
    _COMPONENT(key=key, data={**data, "acks": dict(acks)}, on_acts_change=lambda: None)
