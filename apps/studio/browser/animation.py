"""Small pictures that change over time, played in the browser in a loop."""

import numpy as np

from apps.studio.browser import component
from apps.studio.browser.transport import BAR, SCRIPTS

_COMPONENT = component.make(
    "animation",
    html=f'<div class="film"><canvas class="ink" role="img"></canvas>{BAR}</div>',
    css=["transport.css"],
    js=[*SCRIPTS, "animation.js"],
)


def film(
    frames: np.ndarray,
    *,
    key: str,
    label: str,
    across: int = 1,
    unit: str = "step",
    fixed: np.ndarray | None = None,
    width: int | None = None,
) -> None:
    """Play frames in a loop; they can be paused and scrubbed.

    Args:
        frames: (frames, pictures, rows, columns) in [0, 1], 1 is ink.
        key: name of the film.
        label: what a screen reader says.
        across: pictures side by side.
        unit: what a frame is called.
        fixed: (rows, columns), True where a pixel never changes, which is drawn in another colour.
        width: on the screen, in pixels; None for all there is.
    """
    _, pictures, rows, columns = frames.shape
    whole = np.clip(np.round(99 * np.nan_to_num(frames)), 0, 99).astype(int)
    _COMPONENT(
        key=key,
        data={
            "frames": [
                {"told": f"{unit} {i + 1}", "pictures": each.reshape(pictures, -1).tolist()}
                for i, each in enumerate(whole)
            ],
            "rows": rows,
            "columns": columns,
            "across": across,
            "label": label,
            "fixed": None if fixed is None else fixed.ravel().astype(int).tolist(),
        },
        width="stretch" if width is None else width,
    )
