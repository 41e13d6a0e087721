"""Sequence logos: letters as high as they are probable, columns as high as they say much. Schneider 1990."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sandbox.data.dna import LETTERS
from sandbox.data.planted_motif import information

COLUMN, HIGH, MARGIN = 36, 120, 6
"""Pixels of a column, of two bits, and around."""
COLOURS = {"A": (0, 130, 60), "C": (30, 90, 200), "G": (225, 150, 0), "T": (205, 45, 45)}
"""As in most papers."""


def logo(motif: Float[np.ndarray, "W 4"]) -> NDArray[np.float32]:
    """A position weight matrix as a picture (H, W, 3) in [0, 1]."""
    bits = np.clip(information(motif), 0, 2)
    size = len(motif) * COLUMN + 2 * MARGIN, HIGH + 2 * MARGIN
    image = Image.new("RGB", size, "white")
    for place, (row, height) in enumerate(zip(motif, bits, strict=True)):
        bottom = float(size[1] - MARGIN)
        for letter in np.argsort(row):
            tall = HIGH / 2 * height * row[letter]
            if round(tall) < 2:
                continue
            glyph = _letter(LETTERS[letter]).resize((COLUMN - 2, round(tall)))
            image.paste(glyph, (MARGIN + place * COLUMN + 1, round(bottom - tall)))
            bottom -= tall
    return (np.asarray(image, np.float32) / 255).astype(np.float32)


def _letter(letter: str) -> Image.Image:
    """A letter that fills its picture."""
    image = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(image).text((20, 0), letter, fill=COLOURS[letter], font=ImageFont.load_default(150))
    dark = np.asarray(image).min(-1) < 250
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    return image.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
