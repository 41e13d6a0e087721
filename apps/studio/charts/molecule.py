"""Molecules as pictures, as chemists draw them, with colours behind their atoms."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from envs.engine import palette
from sandbox import chemistry

WIDE, HIGH = 300, 220
"""Pixels of a picture."""
RADIUS = 0.42
"""Of the colour behind an atom, in lengths of a bond."""


def picture(smiles: str, weights: Sequence[float] | None = None, scale: int = 1) -> NDArray[np.float32]:
    """A molecule (H, W, 3) in [0, 1]; a white picture for what is none.

    Args:
        smiles: of the molecule.
        weights: of each atom, from -1, red, to 1, blue; 0 has no colour.
        scale: how many times larger than `WIDE` x `HIGH`.
    """
    return _drawn(str(smiles), None if weights is None else tuple(map(float, weights)), scale)


@lru_cache(maxsize=500)
def _drawn(smiles: str, weights: tuple[float, ...] | None, scale: int) -> NDArray[np.float32]:
    found = chemistry.molecule(smiles)
    size = WIDE * scale, HIGH * scale
    if found is None:
        return np.ones((size[1], size[0], 3), np.float32)
    draw = chemistry.part("Chem.Draw.rdMolDraw2D")
    canvas = draw.MolDraw2DCairo(*size)
    options = canvas.drawOptions()
    options.padding = 0.08
    colours = {} if weights is None else _colours(weights)
    if colours:
        options.useBWAtomPalette()
    draw.PrepareAndDrawMolecule(
        canvas,
        found,
        highlightAtoms=list(colours),
        highlightAtomColors=colours,
        highlightAtomRadii=dict.fromkeys(colours, RADIUS),
        highlightBonds=[],
    )
    canvas.FinishDrawing()
    image = Image.open(io.BytesIO(canvas.GetDrawingText())).convert("RGB")
    return (np.asarray(image, np.float32) / 255).astype(np.float32)


def _colours(weights: tuple[float, ...]) -> dict[int, tuple[float, float, float]]:
    found = {}
    for atom, weight in enumerate(weights):
        share = min(1.0, abs(weight))
        if share > 0.02:
            hue = np.array(palette.rgb(palette.MODEL if weight > 0 else palette.DANGER)) / 255
            red, green, blue = (1 - 0.85 * share) + 0.85 * share * hue
            found[atom] = (float(red), float(green), float(blue))
    return found
