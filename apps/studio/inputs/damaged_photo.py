"""Photos: unseen ones, uploaded or from the camera, damaged here or repaired as they are."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from PIL import Image

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs import drawing
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from sandbox.data.formats import fits, images
from sandbox.data.photos import shrunk
from sandbox.errors import UserError
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.outputs.repaired_photo import bytes_of
from sandbox.tasks.predictor import Predictor

THUMB = 64
"""Pixels of the longer side of a small picture."""
DAMAGED, AS_IT_IS = "damage it first", "as it is"


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a photo; None where there is none yet, or the one given cannot be used."""
    way = drawing.way(page, drawable=False)
    given: ChosenInput | None = sample(view, picked(page, view))
    if way == drawing.UPLOAD:
        file = st.file_uploader(
            "A photo",
            type=[ending.removeprefix(".") for ending in (*images.ENDINGS, *fits.ENDINGS)],
            key=f"{page}:upload",
            help=f"{images.KINDS}, or FITS, at most 10 MB. It stays on this machine.",
        )
        given = _own(page, view, None if file is None else file.getvalue())
    elif way == drawing.CAMERA:
        shot = st.camera_input("A photo", key=f"{page}:camera", help="It stays on this machine.")
        given = _own(page, view, None if shot is None else shot.getvalue())
    remember(page, view, given)
    return given


def _own(page: str, view: RunView, content: bytes | None) -> ChosenInput | None:
    """A photo of the person's own, damaged as the network has learned it, or as it is."""
    kind = view.predictor.input
    way = st.segmented_control(
        "The photo",
        [DAMAGED, AS_IT_IS],
        default=DAMAGED,
        required=True,
        key=f"{page}:damaged",
        help=f"Damaged first, the answer can be compared with the photo itself: {kind.damage.text()}.",
    )
    if content is None:
        return None
    key = hashlib.sha256(content).hexdigest(), repr(kind), way
    last, given = st.session_state.get(f"{page}:own-photo", (None, None))
    if last == key:
        return given
    try:
        given = given_photo(kind, content, way == DAMAGED)
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return None
    st.session_state[f"{page}:own-photo"] = key, given
    return given


def given_photo(kind: DamagedPhoto, content: bytes, damage: bool) -> ChosenInput:
    """A photo from the bytes of a file, its longer side at most 640 pixels.

    Args:
        kind: what the network takes.
        content: of the file.
        damage: whether it is damaged first; then the photo itself is the right answer.

    Raises:
        UserError: it cannot be used; says why.
    """
    pixels = shrunk(_pixels(content))
    values = pixels.astype(np.float32) / 255
    if not damage:
        if kind.damage.missing:
            with Image.open(io.BytesIO(content), formats=images.FORMATS) as picture:
                values[kind.transparent(picture, values.shape[:2])] = np.nan
        return ChosenInput(kind.encode(values))
    whole = values.transpose(2, 0, 1)
    grey = kind.colours == 1 and (whole == whole[:1]).all()
    clean = torch.from_numpy(np.ascontiguousarray(whole[:1] if grey else whole))
    times = kind.damage.factor
    clean = clean[:, : clean.shape[1] // times * times, : clean.shape[2] // times * times]
    spoilt = kind.damage.apply(clean[None], torch.Generator().manual_seed(0))[0]
    return ChosenInput(kind.encode(spoilt.numpy()), clean.numpy())


def _pixels(content: bytes) -> NDArray[np.uint8]:
    """RGB bytes (H, W, 3) of a photo, or of a picture in a FITS file."""
    if not content.startswith(fits.BEGINS):
        return images.read(content, name="The photo")
    grey = fits.read(content, name="The picture")
    return np.repeat(np.round(255 * grey).astype(np.uint8)[..., None], 3, 2)


def shown(view: RunView, photo: Any) -> NDArray[Any]:
    """A photo (C, H, W) as a gallery shows it, small: (h, w, 3)."""
    return thumbnail(photo)


def thumbnail(photo: Any, longest: int = THUMB) -> NDArray[Any]:
    """A photo (C, H, W) as a small one (h, w, 3) in [0, 1]."""
    return shrunk(bytes_of(photo), longest).astype(np.float32) / 255


def preview(
    page: str, predictor: Predictor[Any, Any], values: Sequence[Any], captions: Sequence[str]
) -> None:
    """Draw a few photos to learn from with their captions; those are bytes."""
    pictures = [
        Picture(thumbnail(np.asarray(value, np.float32) / 255), caption)
        for value, caption in zip(values, captions, strict=True)
    ]
    gallery(pictures, key=f"{page}:preview", size=72)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw the middle of one photo."""
    gallery([Picture(detail(value, size), caption)], key=f"{page}:{key}", size=size)


def detail(photo: Any, side: int = 96) -> NDArray[Any]:
    """The middle of a photo (C, H, W), pixel by pixel: at most (side, side, 3)."""
    height, width = np.shape(photo)[1:]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    part = np.asarray(photo)[:, top : top + side, left : left + side]
    return bytes_of(part).astype(np.float32) / 255


def as_large(photo: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A photo (C, H, W) as high and wide as another, its pixels repeated."""
    values = np.asarray(photo, np.float32)
    if values.shape[1:] == tuple(shape[1:]):
        return values
    rows = [cv2.resize(each, (shape[2], shape[1]), interpolation=cv2.INTER_NEAREST) for each in values]
    return np.stack(rows)
