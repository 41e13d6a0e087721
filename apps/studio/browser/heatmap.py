"""Numbers over two axes as a picture: units over time, steps over steps."""

from collections.abc import Sequence

import numpy as np

from apps.studio.browser import component

_COMPONENT = component.make(
    "heatmap",
    html='<div class="heat"><div class="frame"><span class="y"></span><canvas></canvas>'
    '<div class="x"></div></div><div class="said"></div></div>',
)


def heat(
    values: np.ndarray,
    *,
    key: str,
    alt: str,
    x_title: str = "time step",
    y_title: str = "unit",
    note: str = "",
    names: Sequence[str] = (),
    first: int = 1,
    signed: bool = False,
    scale: float | None = None,
    height: int = 150,
    square: bool = False,
    pickable: bool = False,
    picked: int | None = None,
) -> int | None:
    """Show numbers as a picture that fills the width.

    Args:
        values: (rows, columns), the first row at the top.
        key: name of the picture.
        alt: what a screen reader says.
        x_title: what the columns are.
        y_title: what the rows are.
        note: a line below, while the pointer reads nothing.
        names: of the rows, for the pointer; by default `y_title` and a number.
        first: number of the first column.
        signed: red is negative, blue positive; else the darker the more.
        scale: value of full colour; by default the largest there is.
        height: on the screen, in pixels.
        square: whether cells are as high as wide, whatever `height` says.
        pickable: whether a row can be picked by a click or the arrow keys.
        picked: the row that is marked.

    Returns:
        The row that was just picked, or None.
    """
    full = float(np.abs(values).max()) if scale is None else scale
    result = _COMPONENT(
        key=key,
        data={
            "rows": values.shape[0],
            "columns": values.shape[1],
            "values": np.round(np.nan_to_num(values.astype(float)), 3).ravel().tolist(),
            "alt": alt,
            "xTitle": x_title,
            "yTitle": y_title,
            "xName": x_title,
            "yName": y_title,
            "note": note,
            "names": list(names),
            "first": first,
            "signed": signed,
            "scale": full or 1.0,
            "height": height,
            "square": square,
            "pickable": pickable,
            "picked": picked,
        },
        on_picked_change=lambda: None,
    )
    got = result.picked
    row = got.get("row") if got else None
    return row if isinstance(row, int) and 0 <= row < values.shape[0] else None
