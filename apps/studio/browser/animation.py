"""Small pictures that change over time, played in the browser in a loop."""

from pathlib import Path

import numpy as np

from apps.studio.browser import component

_HERE = Path(__file__).parent
_COMPONENT = component.make(
    "film",
    _HERE,
    html='<div class="film"><canvas role="img"></canvas><div class="row">'
    '<button type="button">Pause</button><input type="range" min="0" value="0" step="1" aria-label="Frame">'
    '<span class="said"></span></div></div>',
    css=["animation.css"],
    js=["animation.js"],
)


def film(
    frames: np.ndarray,
    *,
    key: str,
    label: str,
    across: int = 1,
    fps: float = 8.0,
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
        fps: frames per second.
        unit: what a frame is called.
        fixed: (rows, columns), True where a pixel never changes, which is drawn in another colour.
        width: on the screen, in pixels; None for all there is.
    """
    count, pictures, rows, columns = frames.shape
    whole = np.clip(np.round(99 * np.nan_to_num(frames)), 0, 99).astype(int)
    _COMPONENT(
        key=key,
        data={
            "frames": whole.reshape(count, pictures, rows * columns).tolist(),
            "rows": rows,
            "columns": columns,
            "across": across,
            "fps": fps,
            "unit": unit,
            "label": label,
            "fixed": None if fixed is None else fixed.ravel().astype(int).tolist(),
        },
        width="stretch" if width is None else width,
    )
