"""Small pictures side by side with one zoom: data, filters, activations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from apps.studio.browser import component
from apps.studio.browser.packed import photo

Tone = Literal["", "right", "wrong"]
LARGE = 64 * 64
"""Pixels above which a photo travels as a file: as numbers it would be megabytes."""
_COMPONENT = component.make("gallery", html='<div class="gallery"></div>')


@dataclass(frozen=True)
class Picture:
    """One picture of a gallery."""

    values: np.ndarray
    """(rows, columns): ink in [0, 1], or signed values in [-1, 1]; (rows, columns, 3): a photo in [0, 1]."""
    caption: str = ""
    alt: str = ""
    """What a screen reader says, and what the pointer shows."""
    tone: Tone = ""


def on_one_scale(
    values: np.ndarray, captions: Sequence[str] = (), *, alt: str, tones: Mapping[int, Tone] | None = None
) -> list[Picture]:
    """Arrays as pictures whose strongest value of all has the full colour.

    Args:
        values: (N, rows, columns).
        captions: one for each, or none.
        alt: what each is, with `{}` for its number from 1.
        tones: of some captions, by place.
    """
    scale = float(np.abs(values).max()) or 1.0
    return [
        Picture(
            each / scale,
            captions[i] if captions else "",
            alt=alt.format(i + 1),
            tone=(tones or {}).get(i, ""),
        )
        for i, each in enumerate(values)
    ]


def gallery(
    pictures: Sequence[Picture],
    *,
    key: str,
    size: int = 56,
    signed: bool = False,
    pickable: bool = False,
) -> int | None:
    """Show pictures, enlarged by nearest neighbour.

    Args:
        pictures: what to show.
        key: name of the gallery.
        size: width of each on the screen, in pixels.
        signed: red is negative, blue positive, as strong as the value.
        pickable: whether a picture can be clicked.

    Returns:
        The index of the picture that was just clicked, or None.
    """
    items = [
        {
            "rows": picture.values.shape[0],
            "columns": picture.values.shape[1],
            "colours": picture.values.shape[2] if picture.values.ndim == 3 else 1,
            **_content(picture.values, size),
            "caption": picture.caption,
            "alt": picture.alt or picture.caption,
            "tone": picture.tone,
        }
        for picture in pictures
    ]
    result = _COMPONENT(
        key=key,
        data={"items": items, "size": size, "signed": signed, "pickable": pickable},
        width=size if len(pictures) == 1 else "stretch",
        on_picked_change=lambda: None,
    )
    picked = result.picked
    index = picked.get("index") if picked else None
    return index if isinstance(index, int) and 0 <= index < len(pictures) else None


def _content(values: np.ndarray, size: int) -> dict[str, object]:
    """A small picture's numbers; of a large photo a file, no larger than a sharp screen can show."""
    if values.ndim == 3 and values.shape[0] * values.shape[1] > LARGE:
        return {"file": photo(values, 2 * size)}
    return {"values": np.round(np.nan_to_num(values.astype(float)), 2).ravel().tolist()}
