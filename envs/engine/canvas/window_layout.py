"""Where the pictures and the column of text lie in a window."""

import math

PANEL = 300
"""Width of the column of text, in its units; a unit is a pixel in a window 640 pixels high."""

SMALLEST = 0.7, 0.35
"""Pixels per panel unit at least; the share of a window's width that the panel takes at most."""


def layout(
    window: tuple[int, int], picture: tuple[float, float], panel: bool = True
) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int] | None]:
    """Where the picture and the panel lie in a window.

    Args:
        window: width and height in pixels.
        picture: width and height in any unit; only their ratio counts.
        panel: whether a panel is wanted.

    Returns:
        The boxes (left, top, width, height) of the picture, as large as fits and centred, and of the panel at
        the right edge; None for a panel that is not wanted or has no room.
    """
    width, height = window
    panel_width = round(PANEL * unit(height))
    panel_width = min(panel_width, round(width * SMALLEST[1]))
    panel_box = None
    if panel and panel_width >= PANEL * SMALLEST[0]:
        panel_box = (width - panel_width, 0, panel_width, height)
        width -= panel_width
    scale = min(width / picture[0], height / picture[1])
    columns = min(width, max(1, round(picture[0] * scale)))
    rows = min(height, max(1, round(picture[1] * scale)))
    return ((width - columns) // 2, (height - rows) // 2, columns, rows), panel_box


def tiles(area: tuple[int, int], picture: tuple[float, float], count: int) -> list[tuple[int, int, int, int]]:
    """Where pictures lie side by side, row by row, as large as fits and in the middle of an area.

    Args:
        area: width and height in pixels, from the top left.
        picture: width and height of each in any unit; only their ratio counts.
        count: how many.

    Returns:
        A box (left, top, width, height) for each, at least 1 by 1 and inside the area, with narrow gaps.
    """
    best, columns, gap = 0.0, 1, 0
    for tried in range(1, count + 1):
        rows = math.ceil(count / tried)
        between = max(1, round(min(area) / 160)) if min(area[0] / tried, area[1] / rows) > 8 else 0
        wide = (area[0] - (tried - 1) * between) / (tried * picture[0])
        scale = min(wide, (area[1] - (rows - 1) * between) / (rows * picture[1]))
        if scale > best:
            best, columns, gap = scale, tried, between
    rows = math.ceil(count / columns)
    width, height = max(1, int(picture[0] * best)), max(1, int(picture[1] * best))
    left = max(0, (area[0] - columns * width - (columns - 1) * gap) // 2)
    top = max(0, (area[1] - rows * height - (rows - 1) * gap) // 2)
    boxes = []
    for i in range(count):
        x = min(left + i % columns * (width + gap), area[0] - width)
        y = min(top + i // columns * (height + gap), area[1] - height)
        boxes.append((max(0, x), max(0, y), width, height))
    return boxes


def unit(height: float) -> float:
    """Pixels per panel unit in a window this many pixels high."""
    return min(3.0, max(SMALLEST[0], height / 640))
