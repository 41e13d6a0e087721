"""Lines of handwriting: written on a wide pad, picked among the unseen ones, uploaded, or from the camera."""

from apps.studio.inputs.image import choose as choose
from apps.studio.inputs.image import name_of as name_of
from apps.studio.inputs.image import preview as preview
from apps.studio.inputs.image import show as show
from apps.studio.inputs.image import shown as shown

WIDE, SAMPLES = True, True
"""A line takes the whole width; the unseen ones stand below the answer."""
TILE = 150
"""Pixels of a line in a row of many."""
