"""Lines of handwriting: written on a wide pad, picked among the unseen ones, uploaded, or from the camera."""

from typing import Any

from apps.studio.inputs import image
from apps.studio.inputs.image import choose as choose
from apps.studio.inputs.image import name_of as name_of
from apps.studio.inputs.image import preview as preview
from apps.studio.inputs.image import shown as shown
from apps.studio.page.run_view import RunView

WIDE, SAMPLES = True, True
"""A line takes the whole width; the unseen ones stand below the answer."""
TILE, LEAST = 150, 300
"""Pixels of a line in a row of many, and of one alone."""


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = LEAST) -> None:
    """Draw one line as the network sees it."""
    image.show(page, view, value, key=key, caption=caption, size=max(size, LEAST))
