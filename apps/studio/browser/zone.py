"""A picture on which a rectangle is drawn with a pointer, a finger or the arrow keys."""

import base64

import streamlit as st

from apps.studio.browser import component

_HTML = """
<div class="zone">
  <div class="stage" tabindex="0" role="application">
    <img alt="" draggable="false"><div class="mark" hidden></div>
  </div>
  <button type="button" disabled>No zone</button>
</div>
"""
_COMPONENT = component.make("zone", html=_HTML)
Zone = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the picture."""


def zone(picture: bytes, *, key: str, label: str, first: Zone | None = None) -> Zone | None:
    """Show a picture and return the rectangle that was drawn on it; None if there is none.

    Args:
        picture: a JPEG file.
        key: name of the picture in the session; the rectangle survives a page switch under it.
        label: what a screen reader says.
        first: drawn until somebody draws another one.
    """
    kept = f"{key}:kept"
    now = (st.session_state.get(key) or {}).get("zone")
    if now is not None:
        st.session_state[kept] = _checked(now.get("zone"))
    drawn = st.session_state.get(kept, first)
    _COMPONENT(
        key=key,
        data={
            "picture": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}",
            "label": label,
            "zone": None if drawn is None else list(drawn),
            "token": key,
        },
        on_zone_change=lambda: None,
    )
    return drawn


def _checked(sent: object) -> Zone | None:
    """What the browser sent, if it is a rectangle: it may send anything."""
    if not isinstance(sent, list) or len(sent) != 4 or not all(isinstance(v, (int, float)) for v in sent):
        return None
    left, top, right, bottom = (min(1.0, max(0.0, float(v))) for v in sent)
    return (left, top, right, bottom) if left < right and top < bottom else None
