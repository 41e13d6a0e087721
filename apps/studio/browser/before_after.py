"""Two pictures of one size over each other: drag the divider, or move it with the arrow keys."""

import base64
from typing import Any

from apps.studio.browser import component

_HTML = """
<div class="pair">
  <img class="after" alt="" draggable="false"><img class="before" alt="" draggable="false">
  <span class="line"></span><span class="name left"></span><span class="name right"></span>
  <input type="range" min="0" max="100" step="0.5" value="50">
</div>
"""
_COMPONENT = component.make("before_after", html=_HTML)


def before_after(
    before: bytes, after: bytes, *, key: str, size: tuple[int, int], names: tuple[str, str]
) -> None:
    """Show two pictures, the first one left of a divider and the second one right of it.

    Args:
        before: a PNG file.
        after: likewise, of the same width and height.
        key: name of the pair; the divider stays where it is while the pictures change.
        size: width and height in pixels; they are enlarged to at most the width there is.
        names: what is left and right of the divider.
    """
    data: dict[str, Any] = {
        "before": _address(before),
        "after": _address(after),
        "width": size[0],
        "height": size[1],
        "names": list(names),
    }
    _COMPONENT(key=key, data=data)


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
