"""The plane of codes in the browser: a ring to drag, unseen pictures by their codes, the decoder's answer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.studio.browser import component

_HTML = """
<div class="plane">
  <div>
    <div class="frame">
      <span class="y"></span><canvas class="stage" tabindex="0" role="application"></canvas>
      <span class="x"></span>
    </div>
    <p class="hint"></p>
  </div>
  <div>
    <canvas class="answer" role="img" aria-label="What the decoder makes of this place"></canvas>
    <p class="said"></p>
    <div class="row">
      <button class="wander" type="button" aria-pressed="false">Wander</button>
      <label class="tiles"><input type="checkbox" checked> pictures behind</label>
    </div>
    <div class="pair" hidden><canvas class="small"></canvas><canvas class="small"></canvas>
      <span class="which"></span></div>
  </div>
</div>
"""
_COMPONENT = component.make("latent_plane", html=_HTML, js=["pixels.js", "decoder.js", "latent_plane.js"])


def latent_plane(data: Mapping[str, Any], *, key: str) -> Mapping[str, Any]:
    """Show the plane.

    Args:
        data: as `apps/studio/inside/latent_plane.py` gives it.
        key: name of the plane in the session.

    Returns:
        Where the handle was left: `token`, the data's `kind`; `code`; `index` of the picture, or None. Empty
        while nobody has moved it.
    """
    _COMPONENT(key=key, data=dict(data), on_spot_change=lambda: None)
    return (st.session_state.get(key) or {}).get("spot") or {}
