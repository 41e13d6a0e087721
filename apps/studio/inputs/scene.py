"""Pictures in which something is to be found: picked among the unseen ones, uploaded, or from the camera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs import drawing
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from envs.engine import palette
from sandbox.data.formats import images
from sandbox.errors import UserError
from sandbox.tasks.outputs.boxes import Frame, drawn
from sandbox.tasks.predictor import Predictor

SMALL = 72
"""Pixels of the longer side of a picture in a row of many."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a picture; None where there is none yet, or the one given cannot be used."""
    kind = drawing.way(page, drawable=False)
    given: ChosenInput | None = sample(view, picked(page, view))
    if kind == drawing.UPLOAD:
        file = st.file_uploader(
            "A picture",
            type=[ending.removeprefix(".") for ending in images.ENDINGS],
            key=f"{page}:upload",
            help=f"{images.KINDS}, at most 10 MB, of any size and shape.",
        )
        given = None if file is None else _photo(view, file.getvalue(), file.name)
    elif kind == drawing.CAMERA:
        shot = st.camera_input("A photo", key=f"{page}:camera", help="It stays on this machine.")
        given = None if shot is None else _photo(view, shot.getvalue(), "photo.jpg")
    if given is not None:
        truth = () if given.target is None else _true(given.target)
        st.image(drawn(_photo_of(given.value), truth, 500), output_format="JPEG")
        if given.target is not None:
            st.caption(f"The truth: {told(view, given.target)}.")
    remember(page, view, given)
    return given


def told(view: RunView, target: Any) -> str:
    """How many of what there really are."""
    kinds = np.asarray(target)[:, 4]
    output = view.predictor.output
    counts = np.bincount(kinds[kinds >= 0].astype(int), minlength=len(output.classes))
    return output.said(dict(zip(output.classes, counts.tolist(), strict=True)))


def shown(view: RunView, image: Any) -> NDArray[Any]:
    """A small copy (H, W, 3) of a picture, for a row of many."""
    return _small(image)


def preview(
    page: str, predictor: Predictor[Any, Any], values: Sequence[Any], captions: Sequence[str]
) -> None:
    """Draw a few pictures, before anything learns from them."""
    pictures = [Picture(_small(value), caption) for value, caption in zip(values, captions, strict=True)]
    gallery(pictures, key=f"{page}:preview", size=90)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one picture as the network sees it."""
    st.image(drawn(_photo_of(value), (), 320), caption=caption, output_format="JPEG")


def _small(image: Any) -> NDArray[Any]:
    photo = _photo_of(image)
    scale = min(1.0, SMALL / max(photo.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in photo.shape[:2])
    return np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA))


def _photo_of(value: Any) -> NDArray[np.float32]:
    """(H, W, 3) of what the network takes."""
    return np.ascontiguousarray(np.asarray(value, np.float32).transpose(1, 2, 0))


def _true(target: Any) -> list[Frame]:
    return [Frame(row[:4].tolist(), palette.TRUTH) for row in np.asarray(target) if row[4] >= 0]


def _photo(view: RunView, content: bytes, name: str) -> ChosenInput | None:
    """A file as the command line would read it, so that boxes are told in its own pixels."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        try:
            return ChosenInput(view.predictor.input.encode(view.predictor.input.read(path)))
        except UserError as error:
            st.error(sentence(str(error).replace(str(path), name[:60])), icon=":material/error:")
            return None
