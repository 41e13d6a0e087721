"""The picture beside one feature map: each pixel of the map shows what it sees of the picture."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from apps.studio.browser import component
from sandbox.explain import Field

_HTML = """
<div class="lens">
  <figure><canvas role="img" aria-label="The picture"></canvas><figcaption></figcaption></figure>
  <figure><canvas class="map" tabindex="0" role="application"></canvas><figcaption></figcaption></figure>
</div>
"""
_COMPONENT = component.make("lens", Path(__file__).parent, html=_HTML)


def lens(
    picture: NDArray[np.floating],
    values: NDArray[np.floating],
    field: Field,
    chosen: tuple[int, int],
    *,
    title: str,
    key: str,
) -> tuple[int, int] | None:
    """Show both, with a frame around what the chosen pixel sees.

    Args:
        picture: (H, W) ink or (H, W, 3) photo, in [0, 1].
        values: (h, w), the map, at least 0.
        field: of the map's pixels.
        chosen: row and column of the pixel.
        title: what the map is called.
        key: name of the drawing.

    Returns:
        Row and column of the pixel that was just clicked, or None.
    """
    largest = float(values.max()) or 1.0
    result = _COMPONENT(
        key=key,
        data={
            "picture": {**_payload(picture), "colours": 3 if picture.ndim == 3 else 1},
            "map": {**_payload(values / largest), "colours": 1, "raw": values.round(3).ravel().tolist()},
            "field": {"start": field.start, "jump": field.jump, "size": field.size},
            "chosen": list(chosen),
            "title": title,
        },
        on_pixel_change=lambda: None,
    )
    picked = result.pixel
    if not isinstance(picked, list) or len(picked) != 2:
        return None
    rows, columns = values.shape
    row, column = int(picked[0]), int(picked[1])
    return (row, column) if 0 <= row < rows and 0 <= column < columns else None


def _payload(values: NDArray[np.floating]) -> dict[str, object]:
    rounded = np.round(np.nan_to_num(np.asarray(values, float)), 3)
    return {"rows": values.shape[0], "columns": values.shape[1], "values": rounded.ravel().tolist()}
